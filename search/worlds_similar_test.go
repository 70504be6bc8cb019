package search_test

import (
	"math/rand"
	"slices"
	"testing"

	"tidings.example/tidings/search"
	"tidings.example/tidings/tidings"
)

// wordVector is a word of worldWords as an axis.
func wordVector(word string) []float32 {
	v := make([]float32, len(worldWords))
	v[slices.Index(worldWords, word)] = 1
	return v
}

// TestRandomWorldsSimilar holds what is found by meaning to the oracle of
// TestRandomWorlds: nothing that the caller may not see, and all of it unless there
// are more than five.
func TestRandomWorldsSimilar(t *testing.T) {
	t.Parallel()
	seed := rand.Int63()
	w := newRandomWorld(rand.New(rand.NewSource(seed)))
	e := openEmbedded(t, t.TempDir())
	found := 0
	for n := range 2000 {
		if n%20 == 0 {
			putAll(t, e, w.clipsAnew()...)
			for id, c := range w.clips {
				v := []search.PassageVector{{Sum: 1, Source: "title", Vector: wordVector(c.words[0])}}
				if err := e.PutVectors(t.Context(), tidings.OutboxEntry{ClipID: id, Version: c.version}, "m", v); err != nil {
					t.Fatal(err)
				}
				c.words = c.words[:1]
			}
		}

		w.peopleAnew()
		who, ws, word := w.people[w.r.Intn(len(w.people))], w.ws[w.r.Intn(2)], worldWords[w.r.Intn(len(worldWords))]
		q := tidings.Query{WorkspaceID: ws, ACL: w.aclOf(who, ws)}
		if len(q.ACL) == 0 {
			continue
		}

		near, err := e.SearchVectors(t.Context(), q, "m", wordVector(word), 0.5)
		if err != nil {
			t.Fatal(err)
		}
		want := w.findAllowed(who, ws, word)
		for _, c := range near {
			// Channels that the caller is in now are in the query, not in the index:
			// what else the index leaks shows here.
			if !slices.Contains(want, c.ClipID) {
				t.Fatalf("seed %d world %d: %q of %+v finds %s, may see %v", seed, n, word, who, c.ClipID, want)
			}
		}
		if len(near) != min(5, len(want)) {
			t.Fatalf("seed %d world %d: %q of %+v finds %v of %v", seed, n, word, who, near, want)
		}
		found += len(near)
	}
	if found < 100 {
		t.Errorf("only %d hits in all worlds: they try nothing", found)
	}
}
