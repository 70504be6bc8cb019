package search

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tidings.example/tidings/tidings"
)

const (
	// EmbeddingPatience is how long a search waits for the vector of its query.
	EmbeddingPatience = 250 * time.Millisecond
	// vectorPatience is how long it then waits for the vectors to be compared.
	vectorPatience = 250 * time.Millisecond
	// embeddingTimeout ends the request for it, which goes on in the background for
	// the next search with the same words.
	embeddingTimeout = 10 * time.Second
	embeddingsAtOnce = 4
	embeddingHolds   = 10 * time.Second // a failed embedder is not asked for this long
	rememberedTexts  = 256              // queries whose vectors are kept
)

// SimilarSearch finds clips that mean what a query says in other words. It comes
// after the search by words, and only fills up: its answer is part of no page but
// the first, and no failure of it is one of the search.
type SimilarSearch struct {
	index    VectorIndex
	embedder Embedder
	patience time.Duration
	calls    chan struct{} // semaphore

	mu         sync.Mutex
	pausedTill time.Time
	known      map[string]*queryVector
	order      []string // of known, the oldest first

	asked, skipped atomic.Int64
}

// queryVector is the vector of a query, also while it is computed.
type queryVector struct {
	done   chan struct{}
	vector []float32
	model  string
	err    error
}

// NewSimilarSearch makes a SimilarSearch.
func NewSimilarSearch(index VectorIndex, e Embedder) *SimilarSearch {
	return &SimilarSearch{index: index, embedder: e, patience: EmbeddingPatience, calls: make(chan struct{}, embeddingsAtOnce), known: map[string]*queryVector{}}
}

// wantsSimilar reports whether a query that has found some clips by its words gets
// others by its meaning: fewer than five were found, these are the first page of
// the best, and the query is of two words or more, without quotes and exclusions,
// which say that exactly these words are meant.
func wantsSimilar(q tidings.Query, found int) bool {
	if found >= enoughExactHits || q.Offset > 0 || q.Newest || strings.ContainsRune(q.Text, '"') {
		return false
	}
	want := parseTerms(q.Text)
	return len(want) >= 2 && len(excludedTerms(want)) == 0
}

// QueryVector computes the vector of a query that has found some clips. ok is
// false when no others are wanted, or when there is no vector in time.
func (s *SimilarSearch) QueryVector(ctx context.Context, q tidings.Query, found int) (v tidings.QueryVector, ok bool) {
	if !wantsSimilar(q, found) {
		return v, false
	}

	w := s.startEmbedding(ctx, strings.Join(strings.Fields(q.Text), " "))
	if w != nil {
		timer := time.NewTimer(s.patience)
		defer timer.Stop()
		select {
		case <-w.done:
		case <-timer.C:
			w = nil
		case <-ctx.Done():
			w = nil
		}
	}

	switch {
	case w != nil && tidings.KindOf(w.err) == tidings.KindNotFound: // there is no model
		return v, false
	case w == nil || w.err != nil:
		s.asked.Add(1)
		s.skipped.Add(1)
		return v, false
	}

	s.asked.Add(1)
	return tidings.QueryVector{Model: w.model, Numbers: w.vector}, true
}

// Counts are the searches that wanted the vector of their query, and how many of
// these went without, as it or its comparison did not come in time or not at all.
func (s *SimilarSearch) Counts() (asked, skipped int64) { return s.asked.Load(), s.skipped.Load() }

// startEmbedding returns the vector of a text, which may still be on its way; nil
// while the embedder fails or is busy.
func (s *SimilarSearch) startEmbedding(ctx context.Context, text string) *queryVector {
	s.mu.Lock()
	defer s.mu.Unlock()

	if w := s.known[text]; w != nil {
		return w
	}
	if time.Now().Before(s.pausedTill) {
		return nil
	}

	select {
	case s.calls <- struct{}{}:
	default:
		return nil
	}

	w := &queryVector{done: make(chan struct{})}
	s.known[text], s.order = w, append(s.order, text)
	if len(s.order) > rememberedTexts {
		delete(s.known, s.order[0])
		s.order = s.order[1:]
	}

	go s.embedQuery(context.WithoutCancel(ctx), text, w)
	return w
}

func (s *SimilarSearch) embedQuery(ctx context.Context, text string, w *queryVector) {
	ctx, cancel := context.WithTimeout(ctx, embeddingTimeout)
	defer cancel()

	w.vector, w.model, w.err = s.embedder.EmbedQuery(ctx, text)
	<-s.calls
	close(w.done)
	if w.err == nil {
		return
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	if s.known[text] == w {
		delete(s.known, text)
		s.order = slices.DeleteFunc(s.order, func(t string) bool { return t == text })
	}
	if kind := tidings.KindOf(w.err); kind != tidings.KindNotFound && kind != tidings.KindUnsupported {
		s.pausedTill = time.Now().Add(embeddingHolds)
	}
}

// SimilarClips finds clips by the vector of a query, without those that its words
// have found; none when that takes too long.
func (s *SimilarSearch) SimilarClips(ctx context.Context, q tidings.Query, v tidings.QueryVector, found []tidings.Hit) ([]tidings.SimilarClip, error) {
	q.Except = slices.Clone(q.Except)
	for _, h := range found {
		q.Except = append(q.Except, h.ClipID)
	}

	q.Text, q.Limit = "", maxSimilar
	limited, cancel := context.WithTimeout(ctx, vectorPatience)
	defer cancel()

	near, err := s.index.SearchVectors(limited, q, v.Model, v.Numbers, s.embedder.MinSimilarity())
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		s.skipped.Add(1)
		return nil, nil
	}

	return near, err
}
