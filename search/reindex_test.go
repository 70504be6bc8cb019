package search_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"tidings.example/tidings/search"
	"tidings.example/tidings/search/searchtest/fakemeili"
	"tidings.example/tidings/tidings"
)

// eachEngine runs a test with each engine.
func eachEngine(t *testing.T, test func(t *testing.T, h *indexWorld)) {
	t.Run("embedded", func(t *testing.T) { test(t, newIndexWorld(t)) })
	t.Run("meilisearch", func(t *testing.T) {
		test(t, newIndexWorldWith(t, openMeilisearch(t, search.MeilisearchConfig{URL: fakemeili.New(t).URL, Key: fakemeili.MasterKey, Batch: 20})))
	})
}

func (h *indexWorld) addClips(n int) (ids []tidings.ID) {
	for i := range n {
		ids = append(ids, h.newClip(fmt.Sprint("kubernetes ", i)).ID)
	}
	h.mustDrain()
	return ids
}

func (h *indexWorld) mustReindex(progress func(search.Progress)) int {
	h.t.Helper()
	n, err := h.x.Reindex(h.t.Context(), progress)
	h.noError(err)
	return n
}

// TestReindex fills a new index while the old one is searched: no search finds
// less than before, and what changes meanwhile is in the new one.
func TestReindex(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *indexWorld) {
		ids := h.addClips(65)
		var phases []string
		var changed tidings.ID
		n := h.mustReindex(func(p search.Progress) {
			if len(phases) == 0 || phases[len(phases)-1] != p.Phase {
				phases = append(phases, p.Phase)
			}

			if p.Phase != search.PhaseSwap {
				h.wantFound("kubernetes", ids...)
			}

			if p.Phase == search.PhaseFill && p.Done == 40 {
				h.renameClip(ids[3], "rollback") // filled already
				changed = h.newClip("migration").ID
				h.noError(h.TrashClip(t.Context(), ids[5]))
				h.mustDrain()
				ids = append(append(ids[:3:3], ids[4]), ids[6:]...)
			}
		})
		if want := 65; n != want || fmt.Sprint(phases) != "[fill check swap]" {
			t.Errorf("%d clips in phases %v", n, phases)
		}

		h.wantFound("kubernetes", ids...)
		h.wantFound("migration", changed)
		h.wantDrift("checked 65 pending 0 missing 0 stale 0 extra 0")
		if _, err := h.IndexBuild(t.Context(), h.e.Name()); tidings.KindOf(err) != tidings.KindNotFound {
			t.Errorf("the build is remembered: %v", err)
		}
	})
}

// TestReindexGoesOn cuts a reindex off. What changes before it goes on is in
// the new index, and what was filled is not filled again.
func TestReindexGoesOn(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *indexWorld) {
		ids := h.addClips(100)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := h.x.Reindex(ctx, func(p search.Progress) {
			if p.Done >= 60 {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("a cancelled reindex answers %v", err)
		}

		h.renameClip(ids[0], "rollback")
		h.mustDrain()
		h.newIndexer() // a new process
		first := -1
		h.mustReindex(func(p search.Progress) {
			if first < 0 {
				first = p.Done
			}
		})
		if first < 60 {
			t.Errorf("it goes on at %d clips", first)
		}

		h.wantFound("rollback", ids[0])
		h.wantFound("kubernetes", ids[1:]...)
		h.wantDrift("checked 100 pending 0 missing 0 stale 0 extra 0")
	})
}

// TestReindexOfALostIndex is the one command that makes everything again.
func TestReindexOfALostIndex(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *indexWorld) {
		ids := h.addClips(30)
		h.noError(h.e.Reset(t.Context()))
		if n := h.mustReindex(nil); n != 30 {
			t.Errorf("%d clips", n)
		}
		h.wantFound("kubernetes", ids...)
	})
}

// TestReindexRefused: a clip that cannot be read holds up no other.
func TestReindexRefused(t *testing.T) {
	h := newIndexWorld(t)
	ids := h.addClips(30)
	h.bad[ids[7]] = errors.New("a row that cannot be read")
	if n := h.mustReindex(nil); n != 29 {
		t.Errorf("%d clips", n)
	}
	h.wantFound("kubernetes", append(append([]tidings.ID{}, ids[:7]...), ids[8:]...)...)
}

// TestReindexWithReplies: a voice or video reply is indexed with the clip it
// answers, even one without a byte or a comment, and is no document of its own.
func TestReindexWithReplies(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *indexWorld) {
		ids := h.addClips(3)
		h.AddReply(ids[0], h.Owner, 1000)
		h.NewClip(func(c *tidings.Clip) { c.Answers = ids[1] })
		h.mustDrain()
		h.wantDrift("checked 3 pending 0 missing 0 stale 0 extra 0")
		if n := h.mustReindex(nil); n != 3 {
			t.Errorf("%d clips", n)
		}
		h.wantDrift("checked 3 pending 0 missing 0 stale 0 extra 0")
		h.wantFound("kubernetes", ids...)
	})
}

// TestReindexAlone: a second one is refused while one runs.
func TestReindexAlone(t *testing.T) {
	h := newIndexWorld(t)
	h.addClips(25)
	var once sync.Once
	h.mustReindex(func(search.Progress) {
		once.Do(func() {
			if _, err := h.x.Reindex(t.Context(), nil); tidings.KindOf(err) != tidings.KindConflict {
				t.Errorf("a second reindex answers %v", err)
			}
		})
	})
}
