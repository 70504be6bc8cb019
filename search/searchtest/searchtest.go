// Package searchtest is what a search engine of Tidings must do, as tests.
// Every engine passes it; the embedded one and Meilisearch (a fake one, and a
// real one if there is one) are checked on every run.
package searchtest

import (
	"slices"
	"testing"
	"time"

	"tidings.example/tidings/search"
	"tidings.example/tidings/tidings"
)

// Suite says how to get at an engine.
type Suite struct {
	// Open is a new, empty engine that is closed when the test ends.
	Open func(t testing.TB) search.Engine
	// Restart closes an engine and opens what it stored again; nil when it
	// lives elsewhere.
	Restart func(t testing.TB, e search.Engine) search.Engine
	// Differences are where the engine may find more; nil = nowhere.
	Differences *Differences
}

// Run runs the suite.
func Run(t *testing.T, s Suite) {
	if s.Differences != nil {
		t.Cleanup(func() { s.Differences.report(t) })
	}

	for name, test := range map[string]func(*testing.T, Suite){
		"Words": testWords, "Filters": testFilters, "Hostile": testHostile, "Refused": testRefused,
		"Access": testAccess, "AccessChanges": testAccessChanges, "NeverLeaks": testNeverLeaks,
		"Versions": testVersions, "Delete": testDelete, "DeletedBefore": testDeletedBefore, "Reset": testReset, "Audit": testAudit, "Restart": testRestart,
		"AllOrNone": testAllOrNone, "Rename": testRename, "Shrink": testShrink, "MovesHouse": testMovesHouse,
		"Build": testBuild, "BuildResumed": testBuildResumed, "Count": testCount,
		"Order": testOrder, "ExactFirst": testExactFirst, "Pages": testPages, "Newest": testNewest, "Parts": testParts, "Together": testTogether,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

// world is an engine with clips that have names.
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

// doc makes a clip the whole workspace may find, said segment by segment.
func (w *world) doc(name, title string, said ...string) tidings.Document {
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

func (w *world) put(name, title string, said ...string) { w.keep(name, w.doc(name, title, said...)) }

func (w *world) keep(name string, d tidings.Document) {
	w.t.Helper()
	w.docs[name] = d
	if err := w.e.Put(w.t.Context(), []tidings.Document{d}); err != nil {
		w.t.Fatalf("put %s: %v", name, err)
	}
}

// ask is a query of somebody who may find what the workspace may.
func ask(text string) tidings.Query {
	return tidings.Query{Text: text, WorkspaceID: acme, ACL: []string{"u:dan", "w:" + string(acme)}, Limit: 20}
}

// find answers the names of the clips in their order.
func (w *world) find(q tidings.Query) []string {
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

// expect checks which clips are found, in any order.
func (w *world) expect(q tidings.Query, want ...string) {
	w.t.Helper()
	got := w.more.allow(w.t, w.find(q), want)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("search %.100q (%v) = %v, want %v", q.Text, q.ACL, got, want)
	}
}

// inOrder checks which clips are found, best first.
func (w *world) inOrder(q tidings.Query, want ...string) {
	w.t.Helper()
	if got := w.find(q); !slices.Equal(got, want) {
		w.t.Errorf("search %.100q = %v, want %v in this order", q.Text, got, want)
	}
}
