package main

import (
	"context"
	"sync"

	"tidings.example/tidings/tidings"
)

// hold keeps objects from being removed while an export needs them: its
// database names what was there at its moment, also what no row names any
// more when its turn comes. Whoever removes objects by itself leaves it to its
// next time meanwhile.
type hold struct {
	using    sync.RWMutex // held for writing by an export, for reading by a removal
	exporter sync.Mutex
}

// unless runs a removal, or leaves it undone when an export runs.
func (h *hold) unless(remove func() error) error {
	if !h.using.TryRLock() {
		return nil
	}
	defer h.using.RUnlock()
	return remove()
}

// take waits for removals under way, and returns how to let go again.
func (h *hold) take() (release func(), err error) {
	if !h.exporter.TryLock() {
		return nil, tidings.Errorf(tidings.KindConflict, "An export is running already.")
	}
	h.using.Lock()
	return func() { h.using.Unlock(); h.exporter.Unlock() }, nil
}

// unlessHeld makes a sweep of a removal.
func (a *app) unlessHeld(sweep func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error { return a.hold.unless(func() error { return sweep(ctx) }) }
}
