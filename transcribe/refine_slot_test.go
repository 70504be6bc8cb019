package transcribe

import (
	"context"
	"errors"
	"testing"
)

// TestRefineLag: a refinement takes a slot for its next window while it is at most
// two windows behind the draft, and however far that is once the draft is done.
func TestRefineLag(t *testing.T) {
	t.Parallel()
	const twoWindows = 56 * Rate
	for name, c := range map[string]struct {
		lag     int64 // samples
		drafted bool
		want    error
	}{
		"not behind": {0, false, nil}, "two windows": {twoWindows, false, nil}, "more than two windows": {twoWindows + 1, false, errRefineBehind}, "the draft is done": {10 * twoWindows, true, nil},
	} {
		r := &concurrentRefinement{t: New(Config{}), drafted: make(chan struct{})}
		draft, own := &clipAudio{}, &clipAudio{}
		r.draft.Store(draft)
		r.own.Store(own)
		own.pcmRead.Store(1000)
		draft.pcmRead.Store(1000 + 2*c.lag)
		if c.drafted {
			r.endDraft()
		}

		release, err := r.acquireSlot(t.Context())
		if !errors.Is(err, c.want) || (err == nil) != (release != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRefineLagWhileWaiting: a refinement that waits for a slot gives up once the
// draft is too far ahead.
func TestRefineLagWhileWaiting(t *testing.T) {
	t.Parallel()
	r := &concurrentRefinement{t: New(Config{}), drafted: make(chan struct{})}
	r.draft.Store(&clipAudio{})
	r.own.Store(&clipAudio{})
	r.t.refineSlots <- struct{}{} // another clip has it
	ended := make(chan error, 1)
	go func() {
		_, err := r.acquireSlot(t.Context())
		ended <- err
	}()

	r.draft.Load().pcmRead.Store(2 * (refineLag + 1))
	if err := <-ended; !errors.Is(err, errRefineBehind) {
		t.Errorf("%v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.endDraft()
	if _, err := r.acquireSlot(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
