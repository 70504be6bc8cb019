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
	errLost    = errors.New("the lease is lost")
	errRemoved = errors.New("the clip is going away")
	errGaveWay = errors.New("the recording is silent and others wait")
)

// leased runs do while it keeps the lease alive. When it ended because its
// context did, the reason is the error.
func (j *Jobs) leased(ctx context.Context, run tidings.StepRun, do StepFunc) error {
	ctx, cancel := context.WithCancelCause(ctx)
	forget := j.runs.add(run.ClipID, cancel)
	defer forget()

	var kept sync.WaitGroup
	kept.Go(func() { j.renew(ctx, cancel, run) })
	kept.Go(func() { j.watch(ctx, cancel, run) })
	err := guarded(func() error { return do(ctx, run) })
	reason := context.Cause(ctx)
	cancel(nil)
	kept.Wait()

	if err != nil && reason != nil {
		return reason
	}

	return err
}

// renew holds the lease until ctx ends. The run is cancelled when the lease is
// lost, or could not be renewed for as long as it lasts: by then another
// worker may have the step.
func (j *Jobs) renew(ctx context.Context, cancel context.CancelCauseFunc, run tidings.StepRun) {
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
			cancel(errLost)
			return
		default:
			j.cfg.Log.Warn("lease not renewed", "clip", run.ClipID, "step", run.Step, "error", err)
		}
	}
}

// giveWayLook is short: somebody waits to be heard.
const giveWayLook = 3 * time.Second

// givesWay asks Config.GiveWay. A failure to ask is no reason to stop.
func (j *Jobs) givesWay(ctx context.Context, clip tidings.ID, step tidings.Step) bool {
	if j.cfg.GiveWay == nil {
		return false
	}
	yes, err := j.cfg.GiveWay(ctx, clip, step)
	if err != nil && ctx.Err() == nil {
		j.cfg.Log.Warn("cannot tell who waits", "clip", clip, "step", step, "error", err)
	}
	return yes && err == nil
}

// watch ends a run that should give way.
func (j *Jobs) watch(ctx context.Context, cancel context.CancelCauseFunc, run tidings.StepRun) {
	tick := time.NewTicker(j.cfg.Look)
	defer tick.Stop()

	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}

		if j.givesWay(ctx, run.ClipID, run.Step) {
			cancel(Later(errGaveWay, j.cfg.Look))
			return
		}
	}
}

// registry knows the runs of this process by their clip. (River's JobCancel
// cancels by job, and does not wait until the job has ended.)
type registry struct {
	mu   sync.Mutex
	runs map[tidings.ID]map[*live]struct{}
}

type live struct {
	cancel context.CancelCauseFunc
	ended  chan struct{}
}

// add notes a run; forget says that it has ended.
func (r *registry) add(clip tidings.ID, cancel context.CancelCauseFunc) (forget func()) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.runs == nil {
		r.runs = map[tidings.ID]map[*live]struct{}{}
	}

	if r.runs[clip] == nil {
		r.runs[clip] = map[*live]struct{}{}
	}

	l := &live{cancel, make(chan struct{})}
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

// stop cancels the runs of a clip and returns them.
func (r *registry) stop(clip tidings.ID) []*live {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []*live
	for l := range r.runs[clip] {
		l.cancel(errRemoved)
		all = append(all, l)
	}
	return all
}

// Cancel ends the runs of a clip in this process and waits for them, so that
// nothing is written for a clip that is being purged. The caller decides about
// the rows: the steps stay as they are.
func (j *Jobs) Cancel(ctx context.Context, clip tidings.ID) error {
	for _, l := range j.runs.stop(clip) {
		select {
		case <-l.ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
