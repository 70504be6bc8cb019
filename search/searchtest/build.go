package searchtest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"tidings.example/tidings/search"
	"tidings.example/tidings/tidings"
)

func (w *world) openBuild(fresh bool) search.Build {
	w.t.Helper()
	b, is, err := w.e.Build(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if is != fresh {
		w.t.Errorf("a build is fresh: %v, want %v", is, fresh)
	}
	return b
}

// testBuild fills an index beside the one in use: searches find nothing of it before
// the swap, and nothing of the old one after.
func testBuild(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.putClip("old", "kubernetes")
	w.putClip("both", "kubernetes", "rollback")
	b := w.openBuild(true)
	fresh := w.newDocument("fresh", "kubernetes")
	again := w.docs["both"]
	if err := b.Put(t.Context(), []tidings.Document{fresh, again}); err != nil {
		t.Fatal(err)
	}

	w.names[fresh.ClipID] = "fresh"
	w.wantFound(newQuery("kubernetes"), "old", "both")
	for name, of := range map[string]counter{"index": w.e, "build": b} {
		if n, err := of.Count(t.Context(), ""); err != nil || n != 2 {
			t.Errorf("%s holds %d clips, %v", name, n, err)
		}
	}

	before := w.e.Epoch()

	if err := b.Swap(t.Context()); err != nil {
		t.Fatal(err)
	}

	if w.e.Epoch() == before {
		t.Error("the epoch is the same after another index took its place")
	}

	w.wantFound(newQuery("kubernetes"), "fresh", "both")
	w.wantFound(newQuery("rollback"), "both")
	w.putDocument("both", w.newDocument("both", "kubernetes", "migration"))
	w.wantFound(newQuery("migration"), "both")
	w.wantFound(newQuery("rollback"))
	w.openBuild(true).Close() // the old index is not left over
}

// testBuildResumed leaves a build and comes back to it.
func testBuildResumed(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.putClip("old", "kubernetes")
	b := w.openBuild(true)
	var want []tidings.OutboxEntry
	for i := range 12 {
		d := w.newDocument(fmt.Sprint("clip", i), "kubernetes")
		d.Version = int64(i + 3)
		if err := b.Put(t.Context(), []tidings.Document{d}); err != nil {
			t.Fatal(err)
		}
		want = append(want, tidings.OutboxEntry{ClipID: d.ClipID, Version: d.Version})
	}

	if err := b.Delete(t.Context(), []tidings.OutboxEntry{{ClipID: want[0].ClipID, Version: 90}}); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}

	if s.Restart != nil {
		w.e = s.Restart(t, w.e)
	}

	w.wantFound(newQuery("kubernetes"), "old")
	b = w.openBuild(false)
	got, err := b.Versions(t.Context(), "", 100)
	if err != nil || !slices.Equal(got, want[1:]) {
		t.Errorf("the build holds %v, %v, want %v", got, err, want[1:])
	}

	if err := b.Swap(t.Context()); err != nil {
		t.Fatal(err)
	}

	if n := len(w.findNames(newQuery("kubernetes"))); n != 11 {
		t.Errorf("%d clips are found", n)
	}
}

type counter interface {
	Count(ctx context.Context, ws tidings.ID) (int, error)
}

func testCount(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.putDocument("long", longDocument(w, 3)) // several chunks
	w.putClip("clip", "kubernetes")
	d := w.newDocument("elsewhere", "kubernetes")
	d.WorkspaceID = other
	w.putDocument("elsewhere", d)
	w.putClip("gone", "kubernetes")
	w.deleteClip("gone", 9)
	for ws, want := range map[tidings.ID]int{"": 3, acme: 2, other: 1, "nobody": 0} {
		if n, err := w.e.Count(t.Context(), ws); err != nil || n != want {
			t.Errorf("workspace %q has %d clips, %v, want %d", ws, n, err, want)
		}
	}
}
