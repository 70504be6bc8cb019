package backup

import (
	"context"
	"sync"

	"tidings.example/tidings/tidings"
)

// DeletionGate postpones the deletion of objects while an export runs: the
// export's snapshot may name objects that the live rows no longer name. Code
// that deletes objects on its own (sweeps, compaction) goes through it and
// retries on its next run.
type DeletionGate struct {
	frozen   sync.RWMutex // locked for writing by an export, for reading by a deletion
	exporter sync.Mutex
}

// TryDelete runs a deletion, or skips it while an export runs.
func (g *DeletionGate) TryDelete(remove func() error) error {
	if !g.frozen.TryRLock() {
		return nil
	}
	defer g.frozen.RUnlock()

	return remove()
}

// Sweep wraps a sweep in TryDelete.
func (g *DeletionGate) Sweep(sweep func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error { return g.TryDelete(func() error { return sweep(ctx) }) }
}

// freezeDeletions waits for deletions in progress and blocks new ones until release is
// called. It returns KindConflict when another export has done so.
func (g *DeletionGate) freezeDeletions() (release func(), err error) {
	if !g.exporter.TryLock() {
		return nil, tidings.Errorf(tidings.KindConflict, "An export is running already.")
	}

	g.frozen.Lock()
	return func() { g.frozen.Unlock(); g.exporter.Unlock() }, nil
}
