package searchtest

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"tidings.example/tidings/tidings"
)

func testVersions(t *testing.T, s Suite) {
	w := newWorld(t, s)
	first := w.doc("clip", "first")
	second := w.doc("clip", "second")
	first.Version, second.Version = 5, 9
	w.keep("clip", second)
	w.keep("clip", first) // late
	w.expect(ask("second"), "clip")
	w.expect(ask("first"))
	again := w.doc("clip", "third")
	again.Version = 9
	w.keep("clip", again) // a version names one content
	w.expect(ask("second"), "clip")
	again.Version = 10
	w.keep("clip", again)
	w.expect(ask("third"), "clip")
	w.expect(ask("second"))
}

func (w *world) delete(name string, version int64) {
	w.t.Helper()
	if err := w.e.Delete(w.t.Context(), []tidings.OutboxEntry{{ClipID: w.ids[name], Version: version}}); err != nil {
		w.t.Fatal(err)
	}
}

func testDelete(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.put("stays", "kubernetes")
	d := w.doc("goes", "kubernetes")
	d.Version = 7
	w.keep("goes", d)
	w.delete("goes", 6) // older than what is there
	w.expect(ask("kubernetes"), "stays", "goes")
	w.delete("goes", 8)
	w.expect(ask("kubernetes"), "stays")
	w.expect(ask(""), "stays")
	w.keep("goes", d) // late
	w.expect(ask("kubernetes"), "stays")
	w.delete("goes", 8) // twice does no harm
	d.Version = 9       // back from the trash
	w.keep("goes", d)
	w.expect(ask("kubernetes"), "stays", "goes")
}

func testDeletedBefore(t *testing.T, s Suite) {
	w := newWorld(t, s)
	d := w.doc("clip", "kubernetes")
	w.delete("clip", 4)
	d.Version = 4
	w.keep("clip", d)
	w.expect(ask("kubernetes"))
	d.Version = 5
	w.keep("clip", d)
	w.expect(ask("kubernetes"), "clip")
}

func testReset(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.put("clip", "kubernetes")
	w.delete("clip", 50)
	before := w.e.Epoch()

	if err := w.e.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}

	if w.e.Epoch() == before {
		t.Error("the epoch is the same after a reset")
	}

	w.expect(ask("kubernetes"))
	w.put("clip", "kubernetes") // of a version before the deletion that is forgotten
	w.expect(ask("kubernetes"), "clip")
	if err := w.e.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

func testAudit(t *testing.T, s Suite) {
	w := newWorld(t, s)
	want := []tidings.OutboxEntry{}
	for i := range 25 {
		name := fmt.Sprint("clip", i)
		d := w.doc(name, "kubernetes")
		d.Version = int64(100 + i)
		w.keep(name, d)
		if i%5 == 0 {
			w.delete(name, 200)
		} else {
			want = append(want, tidings.OutboxEntry{ClipID: d.ClipID, Version: d.Version})
		}
	}

	slices.SortFunc(want, func(a, b tidings.OutboxEntry) int {
		return slices.Compare([]tidings.ID{a.ClipID}, []tidings.ID{b.ClipID})
	})
	got := []tidings.OutboxEntry{}
	for after := tidings.ID(""); ; {
		page, err := w.e.Versions(t.Context(), after, 7)
		if err != nil {
			t.Fatal(err)
		}

		got = append(got, page...)

		if len(page) < 7 {
			break
		}

		after = page[6].ClipID
	}

	if !slices.Equal(got, want) {
		t.Errorf("versions:\n%v, want\n%v", got, want)
	}
}

func testRestart(t *testing.T, s Suite) {
	if s.Restart == nil {
		t.Skip("the engine lives elsewhere")
	}

	w := newWorld(t, s)
	library(w)
	w.delete("roll", 9)
	w.e = s.Restart(t, w.e)
	w.expect(ask("kubernetes"), "deploy", "markup")
	w.expect(ask("kubernatus"), "deploy", "markup")
	w.expect(ask("roll "))
	w.put("roll", "too old to come back")
	w.expect(ask("roll "))
	w.put("deploy", "another title", "and another text")
	w.expect(ask("kubernetes"), "markup")
}

func testAllOrNone(t *testing.T, s Suite) {
	w := newWorld(t, s)
	good, bad := w.doc("good", "kubernetes"), w.doc("bad", "kubernetes")
	bad.ACL = nil
	if err := w.e.Put(t.Context(), []tidings.Document{good, bad}); err == nil {
		t.Error("a batch with a bad document is stored")
	}

	w.expect(ask("kubernetes"))
	bad.ACL = good.ACL
	if err := w.e.Put(t.Context(), []tidings.Document{good, bad}); err != nil {
		t.Fatal(err)
	}

	w.expect(ask("kubernetes"), "good", "bad")
}

func testRename(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.put("clip", "walkthrough", "kubernetes deployment", "rollback")
	w.put("clip", "journey", "kubernetes deployment", "migration")
	w.expect(ask("walkthrough"))
	w.expect(ask("wlakthrough "))
	w.expect(ask("rollback"))
	w.expect(ask("journey migration kubernetes"), "clip")
}

// testMovesHouse gives a clip to another workspace.
func testMovesHouse(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.put("clip", "walkthrough", "kubernetes")
	d := w.doc("clip", "walkthrough", "kubernetes")
	d.WorkspaceID = other
	w.keep("clip", d)
	w.expect(ask("kubernetes"))
	w.expect(ask("kubernatus"))
	q := ask("kubernatus")
	q.WorkspaceID = other
	w.expect(q, "clip")
}

// testTogether searches while documents are put: every search sees all of a
// document or nothing of it.
func testTogether(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.put("clip", "even", "even")
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}

				hits, _, err := w.e.Search(t.Context(), ask("even -odd"))
				odd, _, err2 := w.e.Search(t.Context(), ask("even odd"))
				if err != nil || err2 != nil || len(hits) > 1 || len(odd) > 0 {
					t.Errorf("%v %v, %v %v", hits, err, odd, err2)
					return
				}
			}
		})
	}

	for i := range 30 {
		word := []string{"even", "odd"}[i%2]
		w.put("clip", word, word)
	}

	close(done)
	wg.Wait()
}
