package admin

import (
	"context"
	"time"

	"tidings.example/tidings/tidings"
)

// slowEmbedding is how long a search waits for the vector of its query.
const slowEmbedding = 250 * time.Millisecond

// CheckEmbeddings asks for the vector of a query. Search by words works without.
func CheckEmbeddings(name string, ask func(ctx context.Context) (model string, took time.Duration, err error), fix FixFunc) Check {
	return func(ctx context.Context) []Finding {
		model, took, err := ask(ctx)
		switch {
		case tidings.KindOf(err) == tidings.KindNotFound:
			return reportOK("embeddings", "off: search is by words only; tidings models pull all-minilm-l6-v2 adds search by meaning")
		case err != nil:
			return reportWarning("embeddings", fix(err), "%s: %s Search is by words only", name, DescribeError(err))
		case took > slowEmbedding:
			return reportWarning("embeddings", "Use a faster endpoint or a smaller model.",
				"%s: %s; it took %d ms, and a search waits %d: most get no results by meaning", name, model, took.Milliseconds(), slowEmbedding.Milliseconds())
		}
		return reportOK("embeddings", "%s: %s, in %d ms", name, model, took.Milliseconds())
	}
}
