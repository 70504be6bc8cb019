package backup

import (
	"context"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestDeletionGate: deletions run unless an export has frozen them, and one
// export at a time does.
func TestDeletionGate(t *testing.T) {
	var g DeletionGate
	deletions := 0
	sweep := g.Sweep(func(context.Context) error { deletions++; return nil })
	run := func(want int) {
		t.Helper()
		if err := sweep(t.Context()); err != nil || deletions != want {
			t.Errorf("%d deletions, want %d: %v", deletions, want, err)
		}
	}

	run(1)
	release, err := g.freezeDeletions()
	if err != nil {
		t.Fatal(err)
	}

	run(1)

	if _, err := g.freezeDeletions(); tidings.KindOf(err) != tidings.KindConflict {
		t.Errorf("a second export: %v", err)
	}

	release()
	run(2)
}
