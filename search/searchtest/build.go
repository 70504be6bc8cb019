package searchtest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"tidings.example/tidings/search"
	"tidings.example/tidings/tidings"
)

func (w *world) build(fresh bool) search.Build {
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

// testBuild fills an index beside the one that is searched: nobody sees
// anything of it before it takes its place, and nothing of the old one after.
func testBuild(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.put("old", "kubernetes")
	w.put("both", "kubernetes", "rollback")
	b := w.build(true)
	fresh := w.doc("fresh", "kubernetes")
	again := w.docs["both"]
	if err := b.Put(t.Context(), []tidings.Document{fresh, again}); err != nil {
		t.Fatal(err)
	}

	w.names[fresh.ClipID] = "fresh"
	w.expect(ask("kubernetes"), "old", "both")
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

	w.expect(ask("kubernetes"), "fresh", "both")
	w.expect(ask("rollback"), "both")
	w.keep("both", w.doc("both", "kubernetes", "migration"))
	w.expect(ask("migration"), "both")
	w.expect(ask("rollback"))
	w.build(true).Close() // the old index is not left over
}

// testBuildResumed leaves a build and comes back to it.
func testBuildResumed(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.put("old", "kubernetes")
	b := w.build(true)
	var want []tidings.OutboxEntry
	for i := range 12 {
		d := w.doc(fmt.Sprint("clip", i), "kubernetes")
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

	w.expect(ask("kubernetes"), "old")
	b = w.build(false)
	got, err := b.Versions(t.Context(), "", 100)
	if err != nil || !slices.Equal(got, want[1:]) {
		t.Errorf("the build holds %v, %v, want %v", got, err, want[1:])
	}

	if err := b.Swap(t.Context()); err != nil {
		t.Fatal(err)
	}

	if n := len(w.find(ask("kubernetes"))); n != 11 {
		t.Errorf("%d clips are found", n)
	}
}

type counter interface {
	Count(ctx context.Context, ws tidings.ID) (int, error)
}

func testCount(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.keep("long", long(w, 3)) // several parts
	w.put("clip", "kubernetes")
	d := w.doc("elsewhere", "kubernetes")
	d.WorkspaceID = other
	w.keep("elsewhere", d)
	w.put("gone", "kubernetes")
	w.delete("gone", 9)
	for ws, want := range map[tidings.ID]int{"": 3, acme: 2, other: 1, "nobody": 0} {
		if n, err := w.e.Count(t.Context(), ws); err != nil || n != want {
			t.Errorf("workspace %q has %d clips, %v, want %d", ws, n, err, want)
		}
	}
}
