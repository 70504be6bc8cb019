package server

import (
	"context"
	"fmt"
	"time"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/models"
	"tidings.example/tidings/search"
	"tidings.example/tidings/tidings"
)

// checkEmbeddings asks the embedder for a vector.
func (c *Config) checkEmbeddings() admin.Check {
	e, err := c.openEmbedder()
	if err != nil {
		return admin.CheckFailed("embeddings", "Set --embeddings-key-file to a file that this user can read, or --embeddings off.", err)
	}
	if e == nil {
		return admin.CheckText("embeddings", "off: search is by words only")
	}

	name, model := c.EmbedURL, c.EmbedModel
	if name == "" {
		name, model = "this machine", models.MeaningModel
	}
	return admin.CheckEmbeddings(name, search.EmbeddingPatience, func(ctx context.Context) (string, time.Duration, error) {
		if _, _, err := e.EmbedQuery(ctx, "a question"); err != nil { // loads the model
			return "", 0, err
		}
		start := time.Now()
		vector, _, err := e.EmbedQuery(ctx, "a question of six words")
		return fmt.Sprintf("%s, %d numbers a passage", model, len(vector)), time.Since(start), err
	}, c.embeddingsFix)
}

func (c *Config) embeddingsFix(err error) string {
	switch {
	case isCertificateError(err):
		return "For --embeddings-url, " + certificateFix
	case c.EmbedURL == "":
		return "Run tidings models pull " + models.MeaningModel + ", or set --embeddings off."
	case tidings.KindOf(err) == tidings.KindUnsupported:
		return "Set --embeddings-model to a model for embeddings that this endpoint has."
	}
	return "Start the endpoint, correct --embeddings-url, --embeddings-model and --embeddings-key-file, or set --embeddings off."
}
