package admin

import (
	"context"
	"time"

	"tidings.example/tidings/tidings"
)

// CheckEmbeddings asks for the vector of a query, for which a search waits as long
// as its patience. Search by words works without.
func CheckEmbeddings(name string, patience time.Duration, ask func(ctx context.Context) (model string, took time.Duration, err error), fix FixFunc) Check {
	return func(ctx context.Context) []Finding {
		model, took, err := ask(ctx)
		switch {
		case tidings.KindOf(err) == tidings.KindNotFound:
			return reportOK("embeddings", "off: search is by words only; tidings models pull all-minilm-l6-v2 adds search by meaning")
		case err != nil:
			return reportWarning("embeddings", fix(err), "%s: %s Search is by words only", name, DescribeError(err))
		case took > patience:
			return reportWarning("embeddings", "Use a faster endpoint or a smaller model.",
				"%s: %s; it took %d ms, and a search waits %d: most get no results by meaning", name, model, took.Milliseconds(), patience.Milliseconds())
		}
		return reportOK("embeddings", "%s: %s, in %d ms", name, model, took.Milliseconds())
	}
}
