package api_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// fakeSimilar finds clips by meaning, whatever the query.
type fakeSimilar struct {
	clips []tidings.ID
	slow  bool // no vector in time
	err   error
	gone  tidings.ID // a clip whose passage is not there any more
	found int
}

func (f *fakeSimilar) QueryVector(_ context.Context, _ tidings.Query, found int) (tidings.QueryVector, bool) {
	f.found = found
	return tidings.QueryVector{Model: "m", Numbers: []float32{1}}, !f.slow
}

func (f *fakeSimilar) SimilarClips(context.Context, tidings.Query, tidings.QueryVector, []tidings.Hit) (out []tidings.SimilarClip, err error) {
	for _, id := range f.clips {
		out = append(out, tidings.SimilarClip{ClipID: id, Passages: []uint64{1}})
	}
	return out, f.err
}

func (f *fakeSimilar) SimilarMoments(_ context.Context, docs []tidings.Document, _ []tidings.SimilarClip) (out [][]tidings.Moment, err error) {
	for _, d := range docs {
		m := []tidings.Moment{{Source: "transcript", ID: d.ClipID, StartMS: 1000, Snippet: "in other words"}}
		if d.ClipID == f.gone {
			m = nil
		}
		out = append(out, m)
	}
	return out, nil
}

// TestSimilarFollows: clips found by meaning come after those found by words,
// which stay as they are; never what the caller may not see, never on a page that
// is full or that others follow, and a failure is none of the search.
func TestSimilarFollows(t *testing.T) {
	similar := &fakeSimilar{}
	w := newTestServer(t, func(_ *api.Config, d *api.Deps, _ *source.Config) { d.Similar = similar })
	mem := w.addPerson("mem", tidings.RoleMember)
	newClip := func(visibility string) tidings.ID { return w.ana.createClip("visibility", visibility).ID }
	words, near, other, private := newClip("workspace"), newClip("workspace"), newClip("workspace"), newClip("private")
	w.search.clips = []tidings.ID{words}

	found := func(more string) (out []string) {
		t.Helper()
		got := decodeJSON[struct {
			Items []struct {
				Clip       struct{ ID tidings.ID }
				ScoreOrder int `json:"score_order"`
				Match      string
				Moments    []struct {
					Snippet string `json:"snippet_html"`
				}
			}
		}](mem.get("/api/v1/search?q=repair+my+car"+more).is(200, ""))
		for i, item := range got.Items {
			if item.ScoreOrder != i+1 || len(item.Moments) != 1 {
				t.Errorf("%+v", item)
			}
			out = append(out, fmt.Sprint(item.Match, " ", item.Clip.ID, " ", item.Moments[0].Snippet))
		}
		return out
	}
	byWords := fmt.Sprint("words ", words, " <mark>x</mark>")
	byMeaning := func(id tidings.ID) string { return fmt.Sprint("meaning ", id, " in other words") }
	want := func(name string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}

	want("nothing near", found(""), byWords)
	similar.clips = []tidings.ID{other, private, near}
	want("near ones", found(""), byWords, byMeaning(other), byMeaning(near))
	want("a short page", found("&limit=2"), byWords, byMeaning(other))
	want("a full page", found("&limit=1"), byWords)
	if similar.found != 1 {
		t.Errorf("found %d by words", similar.found)
	}

	similar.gone = other
	want("a changed clip", found(""), byWords, byMeaning(near))
	w.search.clips = nil
	want("nothing by words", found(""), byMeaning(near))
	w.search.clips, w.search.more = []tidings.ID{words}, true
	want("others follow", found(""), byWords)
	w.search.more, similar.slow = false, true
	want("a slow embedder", found(""), byWords)
	similar.slow, similar.err = false, errors.New("broken")
	want("a failure", found(""), byWords)
}
