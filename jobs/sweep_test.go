package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/tidings/jobs"
)

// TestSweepsGoOn: an error or a panic of one does not stop the others, and none
// overlaps itself.
func TestSweepsGoOn(t *testing.T) {
	r := newRig(t)
	var inside, overlaps, n atomic.Int32
	calls := map[string]chan struct{}{"error": make(chan struct{}), "panic": make(chan struct{}), "slow": make(chan struct{})}
	sweep := func(name string, end func() error) jobs.Sweep {
		return jobs.Sweep{Name: name, Every: time.Millisecond, Do: func(ctx context.Context) error {
			select {
			case calls[name] <- struct{}{}:
			case <-ctx.Done():
			}
			return end()
		}}
	}
	slow := sweep("slow", func() error { return nil })
	do := slow.Do
	slow.Do = func(ctx context.Context) error {
		if inside.Add(1) > 1 {
			overlaps.Add(1)
		}
		defer inside.Add(-1)

		n.Add(1)
		return do(ctx)
	}
	j := r.start(jobs.Config{Sweeps: []jobs.Sweep{slow, sweep("error", func() error { return errors.New("no") }), sweep("panic", func() error { panic("no") })}})

	for range 5 {
		for name, ch := range calls {
			take(t, "a turn of "+name, ch)
		}
	}

	r.stop(j)

	if overlaps.Load() != 0 || n.Load() < 5 {
		t.Fatalf("%d turns, %d of them overlapped", n.Load(), overlaps.Load())
	}
}

func TestIndexIsWoken(t *testing.T) {
	r := newRig(t)
	calls := make(chan struct{})
	wake := make(chan struct{}, 1)
	j := r.start(jobs.Config{Wake: wake, DrainOutbox: func(ctx context.Context) error {
		select {
		case calls <- struct{}{}:
		case <-ctx.Done():
		}
		return nil
	}})

	for range 3 {
		take(t, "a look at the outbox", calls)
		wake <- struct{}{}
	}

	take(t, "a look at the outbox", calls)
	take(t, "a look unasked", calls)
	r.stop(j)
}

// TestIndexGoesOnAfterErrors: an engine that is down is asked again, but not
// for each change.
func TestIndexGoesOnAfterErrors(t *testing.T) {
	r := newRig(t)
	wake, waiting := make(chan struct{}, 1), make(chan int)
	n := 0
	j := r.start(jobs.Config{Wake: wake, DrainOutbox: func(ctx context.Context) error {
		n++
		if n == 1 {
			wake <- struct{}{} // a change, while the engine is down
			return errors.New("the engine is down")
		}

		select {
		case waiting <- len(wake):
		case <-ctx.Done():
		}

		return nil
	}})

	if left := take(t, "another try", waiting); left != 1 {
		t.Fatal("a change woke an engine that is down")
	}
	if left := take(t, "a look for the change", waiting); left != 0 {
		t.Fatal("the change was not what woke it")
	}

	r.stop(j)
}
