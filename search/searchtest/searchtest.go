// Package searchtest is the test suite of the contract search.Engine. It runs on
// the embedded engine and on Meilisearch: a fake one, and a real one if there is.
package searchtest

import (
	"slices"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/tidings"
)

// Suite is the engine under test.
type Suite struct {
	// Open is a new, empty engine that is closed when the test ends.
	Open func(t testing.TB) search.Engine
	// Restart closes an engine and opens it again with its data; nil if it runs in
	// another process.
	Restart func(t testing.TB, e search.Engine) search.Engine
	// Differences are checks in which the engine may find more; nil = none.
	Differences *Differences
}

// Run runs the suite.
func Run(t *testing.T, s Suite) {
	if s.Differences != nil {
		t.Cleanup(func() { s.Differences.reportUnseen(t) })
	}

	for name, test := range map[string]func(*testing.T, Suite){
		"Words": testWords, "Spellings": testSpellings, "Filters": testFilters, "Hostile": testHostile, "Refused": testRefused,
		"Access": testAccess, "AccessChanges": testAccessChanges, "NeverLeaks": testNeverLeaks,
		"Versions": testVersions, "Delete": testDelete, "DeletedBefore": testDeletedBefore, "Reset": testReset, "Audit": testAudit, "Restart": testRestart,
		"AllOrNone": testAllOrNone, "Rename": testRename, "Shrink": testShrink, "MovesHouse": testMovesHouse,
		"Build": testBuild, "BuildResumed": testBuildResumed, "Count": testCount,
		"Order": testOrder, "ExactFirst": testExactFirst, "Pages": testPages, "Newest": testNewest, "Parts": testParts, "Together": testTogether,
		"Vectors": testVectors, "VectorFilters": testVectorFilters, "VectorsNeverLeak": testVectorsNeverLeak, "VectorsBuild": testVectorsBuild,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

// world is an engine with named clips.
type world struct {
	t     testing.TB
	e     search.Engine
	ids   map[string]tidings.ID
	names map[tidings.ID]string
	docs  map[string]tidings.Document
	more  *Differences
}

var day = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

const (
	acme  = tidings.ID("01ACME")
	other = tidings.ID("01OTHER")
)

func newWorld(t testing.TB, s Suite) *world {
	return &world{t: t, e: s.Open(t), ids: map[string]tidings.ID{}, names: map[tidings.ID]string{}, docs: map[string]tidings.Document{}, more: s.Differences}
}

// newDocument makes a clip that the whole workspace may find, with one segment
// for each text.
func (w *world) newDocument(name, title string, said ...string) tidings.Document {
	id, ok := w.ids[name]
	if !ok {
		id = tidings.NewID(day.Add(time.Duration(len(w.ids)) * time.Minute))
		w.ids[name], w.names[id] = id, name
	}

	d := tidings.Document{ClipID: id, Version: w.docs[name].Version + 1, WorkspaceID: acme, ACL: []string{"u:ann", "w:" + string(acme)}, AuthorID: "ann",
		Kind: tidings.ClipScreen, Language: "en", CreatedAt: day, Title: title}
	for i, text := range said {
		d.Transcript = append(d.Transcript, tidings.TranscriptSegment{ID: tidings.ID(name), Seq: int64(i), StartMS: int64(i) * 5000, EndMS: int64(i)*5000 + 4000, Text: text})
	}

	return d
}

func (w *world) putClip(name, title string, said ...string) {
	w.putDocument(name, w.newDocument(name, title, said...))
}

func (w *world) putDocument(name string, d tidings.Document) {
	w.t.Helper()
	w.docs[name] = d
	if err := w.e.Put(w.t.Context(), []tidings.Document{d}); err != nil {
		w.t.Fatalf("put %s: %v", name, err)
	}
}

// newQuery is a query of a caller who may find what the workspace may.
func newQuery(text string) tidings.Query {
	return tidings.Query{Text: text, WorkspaceID: acme, ACL: []string{"u:dan", "w:" + string(acme)}, Limit: 20}
}

// findNames returns the names of the matching clips in order.
func (w *world) findNames(q tidings.Query) []string {
	w.t.Helper()
	hits, _, err := w.e.Search(w.t.Context(), q)
	if err != nil {
		w.t.Fatalf("search %.100q: %v", q.Text, err)
	}
	out := []string{}
	for _, h := range hits {
		out = append(out, w.names[h.ClipID])
	}
	return out
}

// wantFound checks which clips match, in any order.
func (w *world) wantFound(q tidings.Query, want ...string) {
	w.t.Helper()
	got := w.more.withoutDeclared(w.t, w.findNames(q), want)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("search %.100q (%v) = %v, want %v", q.Text, q.ACL, got, want)
	}
}

// wantOrder checks which clips match, best first.
func (w *world) wantOrder(q tidings.Query, want ...string) {
	w.t.Helper()
	if got := w.findNames(q); !slices.Equal(got, want) {
		w.t.Errorf("search %.100q = %v, want %v in this order", q.Text, got, want)
	}
}
