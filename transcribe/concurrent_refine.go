package transcribe

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"tidings.example/tidings/tidings"
)

// Bounds of a refinement that goes on while its clip is recorded.
const (
	refineLag    = 2 * maxWindow * frameSamples // samples that it may be behind the draft: two windows
	lagInterval  = time.Second                  // how often a refinement that waits for a slot looks how far behind it is
	slotPatience = 10 * time.Second             // how long it waits for a slot for the last window, when the draft is done
)

// errRefineBehind ends a refinement that cannot keep up with its recording.
var errRefineBehind = tidings.Errorf(tidings.KindUnavailable, "The better transcript is written after the recording: this server is too slow, or too busy, to do so meanwhile.")

// concurrentRefinement refines a clip window by window while it is recorded, so
// that at its end only the last window is missing. It takes a refinement slot for
// each window, and gives way to the draft: once it falls behind, or fails, the
// clip is refined after the recording, which finds the windows that are finished
// in the store.
type concurrentRefinement struct {
	t       *Transcriber
	run     tidings.StepRun
	start   time.Time
	cancel  context.CancelFunc
	draft   atomic.Pointer[clipAudio] // what the draft's engine reads
	own     atomic.Pointer[clipAudio] // what the refining engine reads
	drafted chan struct{}             // closed when the draft has ended
	ended   chan struct{}             // closed when refined and err are set
	refined tidings.Transcript
	err     error
}

// workInWindows reports whether an engine transcribes window by window, whose
// results do not depend on the windows after them.
func workInWindows(e Engine) bool {
	w, ok := e.(interface{ WorksInWindows() bool })
	return ok && w.WorksInWindows()
}

// startConcurrentRefinement starts the refinement of a clip that is being
// recorded; nil when it cannot be refined meanwhile. It ends with ctx.
func (t *Transcriber) startConcurrentRefinement(ctx context.Context, run tidings.StepRun, p transcriptPlan) *concurrentRefinement {
	if len(p.refine) == 0 || !workInWindows(p.refine[0]) || !t.isRecording(ctx, run.ClipID) {
		return nil
	}

	ctx, cancel := context.WithCancel(ctx)
	c := &concurrentRefinement{t: t, run: run, start: time.Now(), cancel: cancel, drafted: make(chan struct{}), ended: make(chan struct{})}
	opt := p.opt
	opt.AcquirePiece = func(ctx context.Context) (func(), error) { return c.acquireSlot(ctx) }
	go func() {
		defer close(c.ended)
		defer func() {
			if p := recover(); p != nil {
				c.err = fmt.Errorf("panic: %v", p)
			}
		}()

		c.refined, c.err = t.transcribeAll(ctx, run, p.refine[0], opt, func(s *clipAudio) (stop func()) {
			c.own.Store(s)
			return func() {}
		})
		if c.err != nil && ctx.Err() == nil && (t.cfg.NoAudio == nil || !t.cfg.NoAudio(c.err)) {
			c.recordDelay(ctx)
		}
	}()

	return c
}

// recordDelay stores and logs that the refinement follows after the recording.
func (c *concurrentRefinement) recordDelay(ctx context.Context) {
	c.t.cfg.Log.Warn("the clip is refined after the recording, not during it", "clip", c.run.ClipID, "seconds behind", c.lagSamples()/Rate, "error", c.err)
	err := c.t.cfg.Rows.SetRefinement(ctx, c.run, tidings.RefinedAfterwards)
	if err != nil && ctx.Err() == nil && tidings.KindOf(err) != tidings.KindConflict { // there is nothing to say once the draft is done
		c.t.cfg.Log.Warn("it is not stored that the refinement follows afterwards", "clip", c.run.ClipID, "error", err)
	}
}

// followDraft says what the draft's engine reads. It may be called on nil.
func (c *concurrentRefinement) followDraft(s *clipAudio) {
	if c != nil {
		c.draft.Store(s)
	}
}

// refinement is what the draft's transcript says of it. It may be called on nil.
func (c *concurrentRefinement) refinement() tidings.Refinement {
	if c == nil {
		return ""
	}
	return tidings.RefinedMeanwhile
}

// endDraft says that nothing has to go first any more. It may be called on nil.
func (c *concurrentRefinement) endDraft() {
	if c != nil {
		close(c.drafted)
	}
}

// abandon ends the refinement and waits for its end. It may be called on nil.
func (c *concurrentRefinement) abandon() {
	if c != nil {
		c.cancel()
		<-c.ended
	}
}

// finished waits for the end of the refinement, and reports whether refined is
// complete. It may be called on nil.
func (c *concurrentRefinement) finished(ctx context.Context) bool {
	if c == nil {
		return false
	}

	select {
	case <-c.ended:
	case <-ctx.Done():
		c.abandon()
	}

	return c.err == nil
}

// lagSamples is how far the refinement is behind the draft.
func (c *concurrentRefinement) lagSamples() int64 {
	draft, own := c.draft.Load(), c.own.Load()
	if draft == nil || own == nil {
		return 0
	}
	return (draft.pcmRead.Load() - own.pcmRead.Load()) / 2
}

// acquireSlot waits for a slot for one window. It fails when the refinement is too far
// behind, and when the draft has ended and there is none for a while.
func (c *concurrentRefinement) acquireSlot(ctx context.Context) (release func(), err error) {
	tick := time.NewTicker(lagInterval)
	defer tick.Stop()

	drafted, patience := c.drafted, (<-chan time.Time)(nil)
	for {
		select {
		case <-c.drafted: // there is nothing to give way to
		default:
			if c.lagSamples() > refineLag {
				return nil, errRefineBehind
			}
		}

		select {
		case c.t.refineSlots <- struct{}{}:
			return func() { <-c.t.refineSlots }, nil
		case <-drafted:
			drafted, patience = nil, time.After(slotPatience)
		case <-patience:
			return nil, ErrBusy
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
