package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// Reasons for which the context of a run ends, besides the end of the process.
var (
	errLeaseLost   = errors.New("the lease is lost")
	errClipRemoved = errors.New("the clip is going away")
	errYielded     = errors.New("the recording is silent and others wait")
)

// runLeased calls do and renews its lease meanwhile. When ctx ended before do,
// the cause of that is the error.
func (j *Jobs) runLeased(ctx context.Context, run tidings.StepRun, do StepFunc) error {
	ctx, cancel := context.WithCancelCause(ctx)
	forget := j.runs.addRun(run.ClipID, cancel)
	defer forget()

	var kept sync.WaitGroup
	kept.Go(func() { j.renewLease(ctx, cancel, run) })
	kept.Go(func() { j.watchYield(ctx, cancel, run) })
	err := recoverPanic(func() error { return do(ctx, run) })
	reason := context.Cause(ctx)
	cancel(nil)
	kept.Wait()

	if err != nil && reason != nil {
		return reason
	}

	return err
}

// renewLease renews the lease until ctx ends. It cancels the run when the lease
// is lost, or could not be renewed for as long as it lasts: by then another
// worker may have the step.
func (j *Jobs) renewLease(ctx context.Context, cancel context.CancelCauseFunc, run tidings.StepRun) {
	tick := time.NewTicker(j.cfg.Renew)
	defer tick.Stop()

	held := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}

		asked := time.Now()
		err := j.cfg.Rows.RenewStep(ctx, run, j.cfg.Lease)
		switch kind := tidings.KindOf(err); {
		case err == nil:
			held = asked
		case ctx.Err() != nil:
			return
		case kind == tidings.KindConflict, kind == tidings.KindNotFound, time.Since(held) > j.cfg.Lease:
			cancel(errLeaseLost)
			return
		default:
			j.cfg.Log.Warn("lease not renewed", "clip", run.ClipID, "step", run.Step, "error", err)
		}
	}
}

// yieldInterval is short, as a live recording waits for the slot.
const yieldInterval = 3 * time.Second

// shouldYield asks Config.ShouldYield; on an error the run goes on.
func (j *Jobs) shouldYield(ctx context.Context, clip tidings.ID, step tidings.Step) bool {
	if j.cfg.ShouldYield == nil {
		return false
	}
	yes, err := j.cfg.ShouldYield(ctx, clip, step)
	if err != nil && ctx.Err() == nil {
		j.cfg.Log.Warn("cannot tell who waits", "clip", clip, "step", step, "error", err)
	}
	return yes && err == nil
}

// watchYield cancels a run that should yield its slot.
func (j *Jobs) watchYield(ctx context.Context, cancel context.CancelCauseFunc, run tidings.StepRun) {
	tick := time.NewTicker(j.cfg.YieldInterval)
	defer tick.Stop()

	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}

		if j.shouldYield(ctx, run.ClipID, run.Step) {
			cancel(RetryAfter(errYielded, j.cfg.YieldInterval))
			return
		}
	}
}

// registry holds the runs of this process by clip. (River's JobCancel cancels by
// job and does not wait until the job has ended.)
type registry struct {
	mu   sync.Mutex
	runs map[tidings.ID]map[*activeRun]struct{}
}

type activeRun struct {
	cancel context.CancelCauseFunc
	ended  chan struct{}
}

// addRun registers a run; forget removes it when it has ended.
func (r *registry) addRun(clip tidings.ID, cancel context.CancelCauseFunc) (forget func()) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.runs == nil {
		r.runs = map[tidings.ID]map[*activeRun]struct{}{}
	}

	if r.runs[clip] == nil {
		r.runs[clip] = map[*activeRun]struct{}{}
	}

	l := &activeRun{cancel, make(chan struct{})}
	r.runs[clip][l] = struct{}{}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()

		close(l.ended)
		if delete(r.runs[clip], l); len(r.runs[clip]) == 0 {
			delete(r.runs, clip)
		}
	}
}

// cancelRuns cancels the runs of a clip and returns them.
func (r *registry) cancelRuns(clip tidings.ID) []*activeRun {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []*activeRun
	for l := range r.runs[clip] {
		l.cancel(errClipRemoved)
		all = append(all, l)
	}
	return all
}

// Cancel ends the runs of a clip in this process and waits for them, so that
// nothing is written for a clip that is being purged. The rows of its steps stay
// as they are.
func (j *Jobs) Cancel(ctx context.Context, clip tidings.ID) error {
	for _, l := range j.runs.cancelRuns(clip) {
		select {
		case <-l.ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
