package api

import (
	"context"
	"slices"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// Similar finds clips that mean what a query says in other words; see
// search.SimilarSearch.
type Similar interface {
	// QueryVector returns in bounded time; ok is false when no such clips are wanted
	// or can be found.
	QueryVector(ctx context.Context, q tidings.Query, found int) (v tidings.QueryVector, ok bool)
	// SimilarClips are not among those found, nearest first.
	SimilarClips(ctx context.Context, q tidings.Query, v tidings.QueryVector, found []tidings.Hit) ([]tidings.SimilarClip, error)
	// SimilarMoments are the passages of these clips that are near.
	SimilarMoments(ctx context.Context, docs []tidings.Document, found []tidings.SimilarClip) ([][]tidings.Moment, error)
}

// findSimilar are the clips that follow those found by words, as far as the page
// has room. They are an extra: without them the answer is as good as it was, so an
// error is logged and no more. No slot is held while the vector of the query is
// waited for.
func (h *searchHandlers) findSimilar(ctx context.Context, q tidings.Query, found []tidings.Hit, shown int) []spec.SearchItem {
	if h.similar == nil {
		return nil
	}
	vector, ok := h.similar.QueryVector(ctx, q, len(found))
	if !ok {
		return nil
	}

	items, err := h.loadSimilar(ctx, q, vector, found)
	if err != nil {
		if ctx.Err() == nil {
			request.FromContext(ctx).Log.Warn("nothing is found by meaning", "error", err)
		}
		return nil
	}

	items = items[:min(len(items), max(0, q.Limit-shown))]
	for i := range items {
		items[i].ScoreOrder = shown + i + 1
	}
	return items
}

func (h *searchHandlers) loadSimilar(ctx context.Context, q tidings.Query, vector tidings.QueryVector, found []tidings.Hit) ([]spec.SearchItem, error) {
	done, err := h.acquireSlot(ctx)
	if err != nil {
		return nil, err
	}
	defer done()

	near, err := h.similar.SimilarClips(ctx, q, vector, found)
	if err != nil || len(near) == 0 {
		return nil, err
	}

	hits := spec.Map(near, func(c tidings.SimilarClip) tidings.Hit { return tidings.Hit{ClipID: c.ClipID} })
	items, err := h.loadResults(ctx, hits, matchMeaning, func(docs []tidings.Document) ([][]tidings.Moment, error) {
		return h.similar.SimilarMoments(ctx, docs, near)
	})
	// A clip that has changed since then may not have what was near any more.
	return slices.DeleteFunc(items, func(i spec.SearchItem) bool { return len(i.Moments) == 0 }), err
}
