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
	first := w.newDocument("clip", "first")
	second := w.newDocument("clip", "second")
	first.Version, second.Version = 5, 9
	w.putDocument("clip", second)
	w.putDocument("clip", first) // late
	w.wantFound(newQuery("second"), "clip")
	w.wantFound(newQuery("first"))
	again := w.newDocument("clip", "third")
	again.Version = 9
	w.putDocument("clip", again) // a version names one content
	w.wantFound(newQuery("second"), "clip")
	again.Version = 10
	w.putDocument("clip", again)
	w.wantFound(newQuery("third"), "clip")
	w.wantFound(newQuery("second"))
}

func (w *world) deleteClip(name string, version int64) {
	w.t.Helper()
	if err := w.e.Delete(w.t.Context(), []tidings.OutboxEntry{{ClipID: w.ids[name], Version: version}}); err != nil {
		w.t.Fatal(err)
	}
}

func testDelete(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.putClip("stays", "kubernetes")
	d := w.newDocument("goes", "kubernetes")
	d.Version = 7
	w.putDocument("goes", d)
	w.deleteClip("goes", 6) // older than what is there
	w.wantFound(newQuery("kubernetes"), "stays", "goes")
	w.deleteClip("goes", 8)
	w.wantFound(newQuery("kubernetes"), "stays")
	w.wantFound(newQuery(""), "stays")
	w.putDocument("goes", d) // late
	w.wantFound(newQuery("kubernetes"), "stays")
	w.deleteClip("goes", 8) // twice does no harm
	d.Version = 9           // back from the trash
	w.putDocument("goes", d)
	w.wantFound(newQuery("kubernetes"), "stays", "goes")
}

func testDeletedBefore(t *testing.T, s Suite) {
	w := newWorld(t, s)
	d := w.newDocument("clip", "kubernetes")
	w.deleteClip("clip", 4)
	d.Version = 4
	w.putDocument("clip", d)
	w.wantFound(newQuery("kubernetes"))
	d.Version = 5
	w.putDocument("clip", d)
	w.wantFound(newQuery("kubernetes"), "clip")
}

func testReset(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.putClip("clip", "kubernetes")
	w.deleteClip("clip", 50)
	before := w.e.Epoch()

	if err := w.e.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}

	if w.e.Epoch() == before {
		t.Error("the epoch is the same after a reset")
	}

	w.wantFound(newQuery("kubernetes"))
	w.putClip("clip", "kubernetes") // of a version before the deletion that is forgotten
	w.wantFound(newQuery("kubernetes"), "clip")
	if err := w.e.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

func testAudit(t *testing.T, s Suite) {
	w := newWorld(t, s)
	want := []tidings.OutboxEntry{}
	for i := range 25 {
		name := fmt.Sprint("clip", i)
		d := w.newDocument(name, "kubernetes")
		d.Version = int64(100 + i)
		w.putDocument(name, d)
		if i%5 == 0 {
			w.deleteClip(name, 200)
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
	fillLibrary(w)
	w.deleteClip("roll", 9)
	w.e = s.Restart(t, w.e)
	w.wantFound(newQuery("kubernetes"), "deploy", "markup")
	w.wantFound(newQuery("kubernatus"), "deploy", "markup")
	w.wantFound(newQuery("roll "))
	w.putClip("roll", "too old to come back")
	w.wantFound(newQuery("roll "))
	w.putClip("deploy", "another title", "and another text")
	w.wantFound(newQuery("kubernetes"), "markup")
}

func testAllOrNone(t *testing.T, s Suite) {
	w := newWorld(t, s)
	good, bad := w.newDocument("good", "kubernetes"), w.newDocument("bad", "kubernetes")
	bad.ACL = nil
	if err := w.e.Put(t.Context(), []tidings.Document{good, bad}); err == nil {
		t.Error("a batch with a bad document is stored")
	}

	w.wantFound(newQuery("kubernetes"))
	bad.ACL = good.ACL
	if err := w.e.Put(t.Context(), []tidings.Document{good, bad}); err != nil {
		t.Fatal(err)
	}

	w.wantFound(newQuery("kubernetes"), "good", "bad")
}

func testRename(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.putClip("clip", "walkthrough", "kubernetes deployment", "rollback")
	w.putClip("clip", "journey", "kubernetes deployment", "migration")
	w.wantFound(newQuery("walkthrough"))
	w.wantFound(newQuery("wlakthrough "))
	w.wantFound(newQuery("rollback"))
	w.wantFound(newQuery("journey migration kubernetes"), "clip")
}

// testMovesHouse gives a clip to another workspace.
func testMovesHouse(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.putClip("clip", "walkthrough", "kubernetes")
	d := w.newDocument("clip", "walkthrough", "kubernetes")
	d.WorkspaceID = other
	w.putDocument("clip", d)
	w.wantFound(newQuery("kubernetes"))
	w.wantFound(newQuery("kubernatus"))
	q := newQuery("kubernatus")
	q.WorkspaceID = other
	w.wantFound(q, "clip")
}

// testTogether searches while documents are put: every search sees all of a
// document or nothing of it.
func testTogether(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.putClip("clip", "even", "even")
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

				hits, _, err := w.e.Search(t.Context(), newQuery("even -odd"))
				odd, _, err2 := w.e.Search(t.Context(), newQuery("even odd"))
				if err != nil || err2 != nil || len(hits) > 1 || len(odd) > 0 {
					t.Errorf("%v %v, %v %v", hits, err, odd, err2)
					return
				}
			}
		})
	}

	for i := range 30 {
		word := []string{"even", "odd"}[i%2]
		w.putClip("clip", word, word)
	}

	close(done)
	wg.Wait()
}
