package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"tidings"
)

// later asks for another try after a while, without using up an attempt.
type later struct {
	err   error
	after time.Duration
}

func (e *later) Error() string { return e.err.Error() }
func (e *later) Unwrap() error { return e.err }

// Later says that a step cannot run now but will be able to.
func Later(err error, after time.Duration) error { return &later{err, after} }

// never says that a step will fail however often it runs.
type never struct{ err error }

func (e *never) Error() string { return e.err.Error() }
func (e *never) Unwrap() error { return e.err }

// Never says that no retry will help; the clip says why.
func Never(err error) error { return &never{err} }

// maxTries is after how many failures a step is given up.
const maxTries = 5

type stepWorker struct {
	river.WorkerDefaults[tidings.StepJob]
	jobs *Jobs
}

// Timeout implements river.Worker.
func (*stepWorker) Timeout(*river.Job[tidings.StepJob]) time.Duration { return stepTimeout }

// Work implements river.Worker: lease, run, and turn the outcome into states.
func (w *stepWorker) Work(ctx context.Context, job *river.Job[tidings.StepJob]) error {
	cfg := w.jobs.cfg
	do := cfg.Steps[job.Args.Step]
	if do == nil {
		return river.JobSnooze(30 * time.Second) // another process has this role
	}
	run, err := cfg.Rows.AcquireStep(ctx, job.Args.ClipID, job.Args.Step, cfg.WorkerID, tidings.LeaseTTL)
	switch tidings.KindOf(err) {
	case "":
	case tidings.KindConflict, tidings.KindNotFound:
		return nil // done already, someone else's, or the clip is gone
	default:
		return err
	}
	log := cfg.Log.With("clip", run.ClipID, "step", run.Step, "attempt", run.Attempt)
	err = w.leased(ctx, run, do)
	if err == nil {
		return nil
	}
	state, failure, result := outcome(ctx, err, job.Attempt)
	log.Log(ctx, levelOf(state), "step ended early", "then", state, "error", err)
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if ferr := cfg.Rows.FinishStep(finish, run, state, failure); ferr != nil && tidings.KindOf(ferr) != tidings.KindConflict {
		return errors.Join(err, ferr)
	}
	return result
}

// outcome says what becomes of a step whose run ended with err, and what the
// queue is told.
func outcome(ctx context.Context, err error, try int) (tidings.StepState, string, error) {
	var l *later
	var n *never
	switch kind := tidings.KindOf(err); {
	case ctx.Err() != nil: // shutdown is no failure: the next process goes on
		return tidings.StepWaiting, "", river.JobSnooze(0)
	case errors.As(err, &l):
		return tidings.StepWaiting, "", river.JobSnooze(l.after)
	case errors.As(err, &n), kind == tidings.KindInvalid, kind == tidings.KindUnsupported, kind == tidings.KindTooLarge:
		return tidings.StepFailed, tidings.Sentence(err), nil
	case try >= maxTries:
		return tidings.StepFailed, tidings.Sentence(err), nil
	}
	return tidings.StepWaiting, "", err
}

// leased runs do while it keeps the lease alive. The context given to do ends
// when the lease is lost. A panic is an error.
func (w *stepWorker) leased(ctx context.Context, run tidings.StepRun, do StepFunc) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		w.renew(ctx, cancel, run)
	}()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("step panicked: %v", p)
		}
		cancel()
		<-renewed
	}()
	return do(ctx, run)
}

func (w *stepWorker) renew(ctx context.Context, cancel context.CancelFunc, run tidings.StepRun) {
	tick := time.NewTicker(tidings.LeaseRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := w.jobs.cfg.Rows.RenewStep(ctx, run, tidings.LeaseTTL); tidings.KindOf(err) == tidings.KindConflict {
			w.jobs.cfg.Log.Warn("lease lost", "clip", run.ClipID, "step", run.Step, "attempt", run.Attempt)
			cancel()
			return
		}
	}
}
