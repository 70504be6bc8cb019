package server

import (
	"time"

	"tidings.example/tidings/endpoint"
	"tidings.example/tidings/jobs"
	"tidings.example/tidings/models"
	"tidings.example/tidings/search"
	"tidings.example/tidings/search/embed"
	"tidings.example/tidings/tidings"
)

// validateEmbeddings checks the settings of search by meaning.
func (c *Config) validateEmbeddings(bad func(name, format string, args ...any)) {
	if c.Embeddings != "auto" && c.Embeddings != "off" {
		bad("embeddings", "%q is neither auto nor off", c.Embeddings)
	}
	if c.EmbedLeast < 0 || c.EmbedLeast > 100 {
		bad("embeddings-min-percent", "%d is not between 0 and 100", c.EmbedLeast)
	}
	if c.EmbedKey != "" && c.EmbedKeyFile != "" {
		bad("embeddings-key and embeddings-key-file", "exclude each other")
	}
	if c.EmbedURL == "" {
		return
	}
	if _, err := embed.NewEndpoint(c.endpointConfig("")); err != nil {
		bad("embeddings-url and embeddings-model", "%s", tidings.Sentence(err))
	}
}

func (c *Config) endpointConfig(key string) embed.EndpointConfig {
	return embed.EndpointConfig{URL: c.EmbedURL, Key: key, Model: c.EmbedModel, QueryPrefix: c.EmbedQuery, PassagePrefix: c.EmbedPassage, MinSimilarity: float32(c.EmbedLeast) / 100}
}

// openEmbedder is what computes vectors by the settings; nil = nothing does.
func (c *Config) openEmbedder() (search.Embedder, error) {
	switch {
	case c.Embeddings == "off":
		return nil, nil
	case c.EmbedURL == "":
		return embed.NewLocal(c.meaningModelPath()), nil
	}

	key, err := endpoint.ReadKey(c.EmbedKey, c.EmbedKeyFile, "the key of the endpoint for embeddings")
	if err != nil {
		return nil, err
	}

	return embed.NewEndpoint(c.endpointConfig(key))
}

// meaningModelPath is the folder of the local model, which may not be there.
func (c *Config) meaningModelPath() string {
	manager := c.ModelManager()
	e, err := manager.Find(models.MeaningModel)
	if err != nil {
		return ""
	}
	return manager.Path(e)
}

// usedMeaningModel is the local model, where search by meaning is by it.
func (c *Config) usedMeaningModel() []string {
	if c.Embeddings == "off" || c.EmbedURL != "" {
		return nil
	}
	return []string{c.meaningModelPath()}
}

// openSimilar prepares search by meaning, where an embedder is set and the engine
// keeps vectors.
func (a *App) openSimilar() error {
	e, err := a.Config.openEmbedder()
	if err != nil {
		return err
	}

	if index, ok := a.search.(search.VectorIndex); ok && e != nil {
		a.similar = search.NewSimilarSearch(index, e)
		a.filler = &search.VectorFiller{Rows: a.Store, Index: index, Embedder: e, Log: a.log, Clock: time.Now}
	}
	a.addSimilarMetrics()

	return nil
}

// addSimilarMetrics adds what search by meaning counts; all is 0 without it.
func (a *App) addSimilarMetrics() {
	similar, filler := a.similar, a.filler
	if similar == nil {
		similar, filler = &search.SimilarSearch{}, &search.VectorFiller{}
	}

	a.metrics.AddTotal("tidings_similar_searches_total", "Searches that found little by words and wanted more by meaning.", func() float64 {
		asked, _ := similar.Counts()
		return float64(asked)
	})
	a.metrics.AddTotal("tidings_similar_searches_skipped_total", "Of these, those whose query had no vector in time.", func() float64 {
		_, skipped := similar.Counts()
		return float64(skipped)
	})
	a.metrics.AddTotal("tidings_passage_vectors_total", "Vectors of passages computed.", func() float64 { return float64(filler.Vectors()) })
	a.metrics.AddGauge("tidings_passage_vectors_failed", "1 while no vectors of passages can be computed.", func() float64 {
		return float64(min(1, len(filler.Failure())))
	})
}

// vectorSweeps computes the vectors of passages in the background.
func (a *App) vectorSweeps() []jobs.Sweep {
	if a.filler == nil {
		return nil
	}
	return []jobs.Sweep{{Name: "passage vectors", Every: 5 * time.Second, Do: a.filler.Fill}}
}
