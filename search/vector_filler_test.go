package search_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/tidings"
)

// meaningWorld is an indexWorld whose passages get vectors.
type meaningWorld struct {
	*indexWorld
	embedder *conceptEmbedder
	fill     *search.VectorFiller
	similar  *search.SimilarSearch
	acl      []string
}

func newMeaningWorld(t *testing.T) *meaningWorld { return newMeaningWorldOf(t, newIndexWorld(t)) }

func newMeaningWorldOf(t *testing.T, h *indexWorld) *meaningWorld {
	acl, err := h.ACLOf(t.Context(), h.Sub(h.Owner), h.WS.ID)
	if err != nil {
		t.Fatal(err)
	}

	e, index := &conceptEmbedder{model: "m"}, h.e.(search.VectorIndex)
	return &meaningWorld{indexWorld: h, embedder: e, acl: acl, similar: search.NewSimilarSearch(index, e).WaitForVectors(),
		fill: &search.VectorFiller{Rows: h, Index: index, Embedder: e, Log: slog.New(slog.DiscardHandler), Clock: h.Clock.Now}}
}

func (h *meaningWorld) mustFill() {
	h.t.Helper()
	if err := h.fill.Fill(h.t.Context()); err != nil || h.fill.Failure() != "" {
		h.t.Fatal(err, h.fill.Failure())
	}
}

// failEmbedder makes the embedder fail from now on; nil = no more.
func (h *meaningWorld) failEmbedder(err error) {
	if err == nil {
		h.embedder.fail.Store(nil)
	} else {
		h.embedder.fail.Store(&err)
	}
}

// wantSimilar checks what the owner finds by meaning.
func (h *meaningWorld) wantSimilar(text string, want ...tidings.ID) []tidings.SimilarClip {
	h.t.Helper()
	q := tidings.Query{Text: text, WorkspaceID: h.WS.ID, ACL: h.acl, Limit: 20}
	v, ok := h.similar.QueryVector(h.t.Context(), q, 0)
	if !ok {
		h.t.Fatalf("no vector of %q", text)
	}
	got, err := h.similar.SimilarClips(h.t.Context(), q, v, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	if len(got) != len(want) || len(want) > 0 && got[0].ClipID != want[0] {
		h.t.Errorf("%q finds %v, want %v", text, got, want)
	}
	return got
}

// TestVectorFiller: passages get their vectors in the background, and only new ones
// cost anything; what is refused is left out alone.
func TestVectorFiller(t *testing.T) {
	h := newMeaningWorld(t)
	h.embedder.refuse = "unspeakable"
	garage, wood := h.newClip("How to mend a vehicle"), h.newClip("An oak and unspeakable things")
	comment := tidings.Comment{ID: tidings.NewID(h.Clock.Now()), ClipID: wood.ID, Author: tidings.Author{ID: h.Owner.ID}, Body: "Seen from the clinic", CreatedAt: h.Clock.Now()}
	if _, err := h.AddComment(t.Context(), comment); err != nil {
		t.Fatal(err)
	}
	h.mustFill()
	h.wantSimilar("the car") // before it is indexed

	h.mustDrain()
	h.mustFill()
	h.wantSimilar("repair my automobile", garage.ID)
	h.wantSimilar("a tree")
	h.wantSimilar("the nearest hospital", wood.ID) // by its comment, although its title is refused

	before := h.fill.Vectors()
	h.renameClip(wood.ID, "An oak")
	h.mustDrain()
	h.mustFill()
	if n := h.fill.Vectors() - before; n != 1 {
		t.Errorf("%d vectors for one new passage, beside one that is known", n)
	}

	docs, err := h.DocumentsByID(t.Context(), []tidings.ID{wood.ID, garage.ID})
	if err != nil {
		t.Fatal(err)
	}
	moments, err := search.NewFinder(h, 1<<20).SimilarMoments(t.Context(), docs, h.wantSimilar("a tree", wood.ID))
	if err != nil || len(moments[0]) != 1 || moments[0][0].Snippet != "An oak" || moments[0][0].Source != "title" || moments[1] != nil {
		t.Errorf("moments %+v, %v", moments, err)
	}

	h.embedder.model = "n" // all vectors are computed again
	before = h.fill.Vectors()
	h.mustFill()
	if n := h.fill.Vectors() - before; n != 3 {
		t.Errorf("%d vectors of another model", n)
	}
}

// TestVectorFillerFailure: while the embedder fails, search by words goes on, and
// it is asked again after a pause; a passage that is gone is not shown, although
// its vector is still there.
func TestVectorFillerFailure(t *testing.T) {
	h := newMeaningWorld(t)
	wood := h.newClip("An oak")
	h.mustDrain()
	h.mustFill()

	down := tidings.Errorf(tidings.KindUnavailable, "It is down.")
	h.failEmbedder(down)
	h.renameClip(wood.ID, "A clinic")
	h.mustDrain()
	if err := h.fill.Fill(t.Context()); !errors.Is(err, down) || h.fill.Failure() != "It is down." {
		t.Errorf("a failure is %v, %q", err, h.fill.Failure())
	}
	h.wantFound("clinic", wood.ID)
	asked := h.embedder.texts.Load()
	if err := h.fill.Fill(t.Context()); err != nil || h.embedder.texts.Load() != asked {
		t.Errorf("it is asked again at once: %v", err)
	}

	h.failEmbedder(nil)
	docs, err := h.DocumentsByID(t.Context(), []tidings.ID{wood.ID})
	if err != nil {
		t.Fatal(err)
	}
	moments, err := search.NewFinder(h, 1<<20).SimilarMoments(t.Context(), docs, h.wantSimilar("a tree", wood.ID))
	if err != nil || moments[0] != nil {
		t.Errorf("moments of a passage that is gone: %+v, %v", moments, err)
	}

	h.Clock.Pass(11 * time.Second)
	h.mustFill()
	h.wantSimilar("the nearest hospital", wood.ID)
	h.wantSimilar("a tree")
}
