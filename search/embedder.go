package search

import (
	"context"

	"tidings.example/tidings/tidings"
)

// Embedder turns texts into vectors of unit length; texts that mean the same have
// similar ones. model names what vectors can be compared with: those of another
// model are computed anew. Errors are KindNotFound while there is no model,
// KindUnsupported for texts that are refused, and else KindUnavailable.
type Embedder interface {
	EmbedPassages(ctx context.Context, texts []string) (vectors [][]float32, model string, err error)
	EmbedQuery(ctx context.Context, text string) (vector []float32, model string, err error)
	// MinSimilarity is the least similarity, from -1 to 1, of texts that have
	// anything in common.
	MinSimilarity() float32
}

// PassageVector is what a passage means.
type PassageVector struct {
	Sum    uint64 // of the passage
	Source string // as in tidings.Moment
	Vector []float32
}

// VectorIndex is an Engine that also keeps the vectors of passages. They may be
// older than the clip's document; who may find them, and all filters, are always
// those of the document. searchtest checks it.
type VectorIndex interface {
	// StaleVectors lists clips that have changed since their vectors were put, or
	// have none of the model; the newest first.
	StaleVectors(ctx context.Context, model string, limit int) ([]tidings.OutboxEntry, error)
	// ClipVectors are the vectors of the model that a clip has.
	ClipVectors(ctx context.Context, clip tidings.ID, model string) ([]PassageVector, error)
	// PutVectors replaces the vectors of a clip as of a version. It does nothing
	// when the clip is not stored or was deleted.
	PutVectors(ctx context.Context, clip tidings.OutboxEntry, model string, all []PassageVector) error
	// SearchVectors returns the clips that pass the filters of a query and have the
	// passages nearest to a vector, at least as similar as least; nearest first, at
	// most maxSimilar. The query's text counts for nothing.
	SearchVectors(ctx context.Context, q tidings.Query, model string, vector []float32, least float32) ([]tidings.SimilarClip, error)
}

const (
	maxSimilar      = 5 // clips that a search finds by meaning
	similarPassages = 8 // in all of them
)

// passageSources are the sources of passages by the number that is stored.
var passageSources = []string{"title", "comment", "transcript"}

// sourceFields are the fields of a query's In, by source.
var sourceFields = map[string]string{"title": "titles", "comment": "comments", "transcript": "transcript"}

// nearestPassages keeps the most similar of the passages it is given.
type nearestPassages struct {
	least float32
	all   []nearPassage // nearest first
}

type nearPassage struct {
	clip       tidings.ID
	sum        uint64
	similarity float32
}

func (n *nearestPassages) addPassage(p nearPassage) {
	if !(p.similarity >= n.least) || len(n.all) == similarPassages && p.similarity <= n.all[similarPassages-1].similarity {
		return
	}

	i := len(n.all)
	for i > 0 && n.all[i-1].similarity < p.similarity {
		i--
	}
	n.all = append(n.all[:i], append([]nearPassage{p}, n.all[i:]...)...)
	n.all = n.all[:min(len(n.all), similarPassages)]
}

// groupByClip are the clips of the passages, nearest first.
func (n *nearestPassages) groupByClip() (out []tidings.SimilarClip) {
	at := map[tidings.ID]int{}
	for _, p := range n.all {
		i, ok := at[p.clip]
		if !ok {
			if len(out) == maxSimilar {
				continue
			}
			i = len(out)
			at[p.clip], out = i, append(out, tidings.SimilarClip{ClipID: p.clip})
		}
		if len(out[i].Passages) < maxMoments {
			out[i].Passages = append(out[i].Passages, p.sum)
		}
	}
	return out
}
