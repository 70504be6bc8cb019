package search_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/tidings"
)

// meanings are words that mean the same, by the first of them.
var meanings = [][]string{{"car", "automobile", "vehicle"}, {"repair", "fix", "mend"}, {"tree", "oak"}, {"hospital", "clinic"}}

// conceptEmbedder is an embedder that knows a few synonyms: each concept is an axis.
type conceptEmbedder struct {
	model  string
	fail   atomic.Pointer[error]
	hold   chan struct{} // closed = answers; nil = answers
	texts  atomic.Int64
	refuse string // texts with this word are refused
}

func (c *conceptEmbedder) MinSimilarity() float32 { return 0.5 }

func (c *conceptEmbedder) EmbedPassages(ctx context.Context, texts []string) (out [][]float32, model string, err error) {
	for _, text := range texts {
		if c.refuse != "" && strings.Contains(text, c.refuse) {
			return nil, "", tidings.Errorf(tidings.KindUnsupported, "No.")
		}
		c.texts.Add(1)
		v := make([]float32, len(meanings)+1)
		for i, words := range meanings {
			for _, w := range words {
				if strings.Contains(strings.ToLower(text), w) {
					v[i] = 1
				}
			}
		}
		if strings.Count(text, " ") == 0 {
			v[len(meanings)] = 0.01
		}
		out = append(out, unit(v))
	}
	return out, c.model, c.failure()
}

func (c *conceptEmbedder) failure() error {
	if err := c.fail.Load(); err != nil {
		return *err
	}
	return nil
}

func unit(v []float32) []float32 {
	n := float32(0)
	for _, x := range v {
		n += x
	}
	if n == 0 {
		v[len(v)-1] = 1
	} else if n >= 2 {
		for i := range v {
			v[i] *= 0.7071
		}
	}
	return v
}

func (c *conceptEmbedder) EmbedQuery(ctx context.Context, text string) ([]float32, string, error) {
	if c.hold != nil {
		select {
		case <-c.hold:
		case <-ctx.Done():
			return nil, "", ctx.Err()
		}
	}
	all, model, err := c.EmbedPassages(ctx, []string{text})
	if err != nil {
		return nil, "", err
	}
	return all[0], model, nil
}

func question(text string) tidings.Query {
	return tidings.Query{Text: text, WorkspaceID: "ws", ACL: []string{"w:ws"}, Limit: 20}
}

// TestSimilarWanted: which queries get clips by their meaning.
func TestSimilarWanted(t *testing.T) {
	s := search.NewSimilarSearch(nil, &conceptEmbedder{model: "m"}).WaitForVectors()
	for name, c := range map[string]struct {
		change func(*tidings.Query)
		text   string
		found  int
		want   bool
	}{
		"few found":        {nil, "repair my car", 4, true},
		"enough found":     {nil, "repair my car", 5, false},
		"one word":         {nil, "automobile", 0, false},
		"a quote":          {nil, `"repair my" car`, 0, false},
		"an open quote":    {nil, `repair "my car`, 0, false},
		"an exclusion":     {nil, "repair car -tree", 0, false},
		"no words":         {nil, "?? !!", 0, false},
		"the second page":  {func(q *tidings.Query) { q.Offset = 20 }, "repair my car", 0, false},
		"the newest first": {func(q *tidings.Query) { q.Newest = true }, "repair my car", 0, false},
		"a filter":         {func(q *tidings.Query) { q.Kind = tidings.ClipVoice }, "repair my car", 0, true},
	} {
		q := question(c.text)
		if c.change != nil {
			c.change(&q)
		}
		if _, ok := s.QueryVector(t.Context(), q, c.found); ok != c.want {
			t.Errorf("%s: %v", name, ok)
		}
	}
}

// TestSimilarIsNeverWaitedFor: a slow embedder delays a search by its patience, and
// its vector serves the next search; one that fails is left alone for a while; one
// without a model costs nothing and counts for nothing.
func TestSimilarIsNeverWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &conceptEmbedder{model: "m", hold: make(chan struct{})}
		s := search.NewSimilarSearch(nil, e)
		start := time.Now()
		if _, ok := s.QueryVector(t.Context(), question("repair my car"), 0); ok || time.Since(start) > 300*time.Millisecond {
			t.Errorf("a search waited %v: %v", time.Since(start), ok)
		}

		close(e.hold)
		synctest.Wait()
		if v, ok := s.QueryVector(t.Context(), question("repair  my car "), 0); !ok || v.Model != "m" || e.texts.Load() != 1 {
			t.Errorf("the vector that came late: %v, %v of %d", v, ok, e.texts.Load())
		}

		down := error(tidings.Errorf(tidings.KindUnavailable, "It is down."))
		e.fail.Store(&down)
		for _, text := range []string{"mend the oak", "mend the clinic"} {
			if _, ok := s.QueryVector(t.Context(), question(text), 0); ok {
				t.Errorf("%s: a vector of an embedder that fails", text)
			}
			synctest.Wait()
		}
		if n := e.texts.Load(); n != 2 {
			t.Errorf("it was asked %d times", n)
		}
		if asked, skipped := s.Counts(); asked != 4 || skipped != 3 {
			t.Errorf("%d asked, %d skipped", asked, skipped)
		}

		<-time.After(11 * time.Second)
		none := error(tidings.NotFound())
		e.fail.Store(&none)
		s.QueryVector(t.Context(), question("mend the oak"), 0)
		synctest.Wait()
		e.fail.Store(nil)
		if _, ok := s.QueryVector(t.Context(), question("mend the oak"), 0); !ok {
			t.Error("no vector although the model is here now")
		}
		if asked, skipped := s.Counts(); asked != 5 || skipped != 3 {
			t.Errorf("%d asked, %d skipped", asked, skipped)
		}
	})
}

// slowIndex is a vector index whose searches last until they are given up.
type slowIndex struct{ search.VectorIndex }

func (slowIndex) SearchVectors(ctx context.Context, _ tidings.Query, _ string, _ []float32, _ float32) ([]tidings.SimilarClip, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestSlowVectors: a comparison that takes too long is given up, without an error.
func TestSlowVectors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := search.NewSimilarSearch(slowIndex{}, &conceptEmbedder{model: "m"})
		start := time.Now()
		near, err := s.SimilarClips(t.Context(), question("repair my car"), tidings.QueryVector{Model: "m"}, nil)
		if _, skipped := s.Counts(); err != nil || len(near) > 0 || skipped != 1 || time.Since(start) > 300*time.Millisecond {
			t.Errorf("%v, %v after %v; %d skipped", near, err, time.Since(start), skipped)
		}
	})
}
