package searchtest

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/search"
	"tidings.example/tidings/tidings"
)

// model is what the vectors below are of.
const model = "three"

// vectorsOf is the engine's vector index; tests of engines without end here.
func (w *world) vectorsOf() search.VectorIndex {
	w.t.Helper()
	index, ok := w.e.(search.VectorIndex)
	if !ok {
		w.t.Skip("the engine keeps no vectors")
	}
	return index
}

// vectorOf is one of the words car, tree and song, or two of them.
func vectorOf(words string) []float32 {
	v := make([]float32, 3)
	for i, word := range []string{"car", "tree", "song"} {
		if strings.Contains(words, word) {
			v[i] = 1
		}
	}
	if n := strings.Count(words, " ") + 1; n == 2 {
		for i := range v {
			v[i] *= 0.7071
		}
	}
	return v
}

// putVectors gives a clip a passage for each of the texts, with its place as the
// checksum.
func (w *world) putVectors(name, model string, texts ...string) {
	w.t.Helper()
	var all []search.PassageVector
	for i, text := range texts {
		all = append(all, search.PassageVector{Sum: uint64(i + 1), Source: "transcript", Vector: vectorOf(text)})
	}
	d := w.docs[name]
	if err := w.vectorsOf().PutVectors(w.t.Context(), tidings.OutboxEntry{ClipID: d.ClipID, Version: d.Version}, model, all); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) wantStale(model string, want ...string) {
	w.t.Helper()
	stale, err := w.vectorsOf().StaleVectors(w.t.Context(), model, 50)
	if err != nil {
		w.t.Fatal(err)
	}
	got := []string{}
	for _, e := range stale {
		got = append(got, w.names[e.ClipID])
		if e.Version != w.docs[w.names[e.ClipID]].Version {
			w.t.Errorf("%s is stale as of version %d", w.names[e.ClipID], e.Version)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("without vectors of %s: %v, want %v", model, got, want)
	}
}

// nearNames are the clips near a text with the checksums of their passages, nearest
// first.
func (w *world) nearNames(q tidings.Query, text string) []string {
	w.t.Helper()
	found, err := w.vectorsOf().SearchVectors(w.t.Context(), q, model, vectorOf(text), 0.5)
	if err != nil {
		w.t.Fatal(err)
	}
	out := []string{}
	for _, c := range found {
		out = append(out, fmt.Sprint(w.names[c.ClipID], c.Passages))
	}
	return out
}

func (w *world) wantNear(q tidings.Query, text string, want ...string) {
	w.t.Helper()
	if got := w.nearNames(q, text); !slices.Equal(got, append([]string{}, want...)) {
		w.t.Errorf("near %q: %v, want %v", text, got, want)
	}
}

// testVectors follows the vectors of clips from their first change to their end.
func testVectors(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.vectorsOf()
	w.putClip("garage", "garage", "said")
	w.putClip("wood", "wood", "said")
	w.wantStale(model, "garage", "wood")
	w.wantNear(newQuery(""), "car")

	w.putVectors("garage", model, "tree song", "car")
	w.putVectors("wood", model, "tree", "car tree")
	w.wantStale(model)
	w.wantNear(newQuery("any text"), "car", "garage[2]", "wood[2]")
	w.wantNear(newQuery(""), "tree", "wood[1 2]", "garage[1]")

	stored, err := w.vectorsOf().ClipVectors(t.Context(), w.ids["wood"], model)
	if err != nil || len(stored) != 2 || stored[1].Sum != 2 || stored[1].Source != "transcript" || stored[1].Vector[0] < 0.7 || stored[1].Vector[0] > 0.71 {
		t.Errorf("stored %+v, %v", stored, err)
	}

	w.putClip("wood", "wood", "said again") // the old vectors stay until there are new ones
	w.wantStale(model, "wood")
	w.wantNear(newQuery(""), "tree", "wood[1 2]", "garage[1]")
	w.putVectors("wood", model, "song")
	w.wantNear(newQuery(""), "tree", "garage[1]")
	w.wantStale("another", "garage", "wood")
	if other, err := w.vectorsOf().ClipVectors(t.Context(), w.ids["wood"], "another"); err != nil || len(other) > 0 {
		t.Errorf("of another model: %v, %v", other, err)
	}

	w.putVectors("wood", model) // nothing in it can be embedded
	w.wantStale(model)
	w.wantNear(newQuery(""), "song", "garage[1]")

	w.deleteClip("garage", 90)
	w.wantNear(newQuery(""), "song")
	if left, err := w.vectorsOf().ClipVectors(t.Context(), w.ids["garage"], model); err != nil || len(left) > 0 {
		t.Errorf("vectors of a deleted clip: %v, %v", left, err)
	}
	w.putVectors("garage", model, "song") // late
	w.wantNear(newQuery(""), "song")
	w.wantStale(model)
}

// testVectorFilters: filters and rights are those of the document, at once.
func testVectorFilters(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.vectorsOf()
	for _, name := range []string{"open", "private"} {
		d := w.newDocument(name, name)
		if d.Kind = tidings.ClipVoice; name == "private" {
			d.ACL, d.Kind = []string{"u:ann"}, tidings.ClipScreen
		}
		w.putDocument(name, d)
		w.putVectors(name, model, "car")
	}

	ann := newQuery("")
	ann.ACL = append(ann.ACL, "u:ann")
	w.wantNear(newQuery(""), "car", "open[1]")
	if got := w.nearNames(ann, "car"); len(got) != 2 {
		t.Errorf("ann finds %v", got)
	}

	for name, filter := range map[string]func(*tidings.Query){
		"kind":      func(q *tidings.Query) { q.Kind = tidings.ClipVoice },
		"except":    func(q *tidings.Query) { q.Except = []tidings.ID{w.ids["private"]} },
		"only":      func(q *tidings.Query) { q.Only = &[]tidings.ID{w.ids["open"]} },
		"workspace": func(q *tidings.Query) { q.ACL = []string{"w:" + string(acme)} },
	} {
		q := ann
		filter(&q)
		if got := w.nearNames(q, "car"); !slices.Equal(got, []string{"open[1]"}) {
			t.Errorf("%s: %v", name, got)
		}
	}

	q := newQuery("")
	q.In = []string{"titles"}
	w.wantNear(q, "car")
	q.In = []string{"titles", "transcript"}
	w.wantNear(q, "car", "open[1]")
	q.WorkspaceID = other
	w.wantNear(q, "car")
	q.ACL = nil
	if _, err := w.vectorsOf().SearchVectors(t.Context(), q, model, vectorOf("car"), 0); err == nil {
		t.Error("a query without ACL is answered")
	}

	d := w.newDocument("open", "open") // becomes private, and its vectors stay as they are
	d.ACL = []string{"u:ann"}
	w.putDocument("open", d)
	w.wantNear(newQuery(""), "car")
	if got := w.nearNames(ann, "car"); len(got) != 2 {
		t.Errorf("ann finds %v after it became private", got)
	}

	d = w.newDocument("private", "private") // becomes visible, and commented
	d.Comments = []tidings.Comment{{ID: "c1", Body: "seen"}}
	w.putDocument("private", d)
	w.wantNear(newQuery(""), "car", "private[1]")
	q = newQuery("")
	q.Commented = true
	w.wantNear(q, "car", "private[1]")
}

// testVectorsNeverLeak compares random worlds with what their ACLs allow.
func testVectorsNeverLeak(t *testing.T, s Suite) {
	seed := rand.Int63()
	r := rand.New(rand.NewSource(seed))
	tokens := []string{"w:" + string(acme), "w:" + string(other), "u:1", "u:2", "c:1"}
	w := newWorld(t, s)
	w.vectorsOf()
	for round := range 10 {
		for range 3 {
			name := fmt.Sprint("clip", r.Intn(6))
			d := w.newDocument(name, "common")
			d.ACL = []string{tokens[r.Intn(5)], tokens[r.Intn(5)]}
			d.WorkspaceID = []tidings.ID{acme, other}[r.Intn(2)]
			w.putDocument(name, d)
			if r.Intn(2) == 0 {
				w.putVectors(name, model, "car")
			}
		}

		for range 5 {
			q := tidings.Query{WorkspaceID: []tidings.ID{acme, other}[r.Intn(2)], ACL: []string{tokens[r.Intn(5)]}}
			allowed := w.allowedNames(q)
			for _, near := range w.nearNames(q, "car") {
				if name, _, _ := strings.Cut(near, "["); !slices.Contains(allowed, name) {
					t.Fatalf("seed %d round %d: %v finds %s with %v", seed, round, q.ACL, name, w.docs[name].ACL)
				}
			}
		}
	}
}

// testVectorsBuild: a new index has the vectors of the old one.
func testVectorsBuild(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.vectorsOf()
	w.putClip("garage", "garage")
	w.putVectors("garage", model, "car")
	b := w.openBuild(true)
	if err := b.Put(t.Context(), []tidings.Document{w.docs["garage"]}); err != nil {
		t.Fatal(err)
	}
	if err := b.Swap(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantStale(model)
	w.wantNear(newQuery(""), "car", "garage[1]")

	if err := w.e.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantNear(newQuery(""), "car")
}
