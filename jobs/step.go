package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"tidings.example/tidings/tidings"
)

type stepWorker struct {
	river.WorkerDefaults[tidings.StepJob]
	jobs *Jobs
}

// Timeout implements river.Worker.
func (*stepWorker) Timeout(*river.Job[tidings.StepJob]) time.Duration { return stepTimeout }

// Work implements river.Worker: lease, run, and turn the outcome into states.
// A step that is not to be had (done, aborted, someone else's) is no error:
// whoever has it ends it, and a lease that runs out is queued again.
func (w *stepWorker) Work(ctx context.Context, job *river.Job[tidings.StepJob]) error {
	cfg := w.jobs.cfg
	do := cfg.Steps[job.Args.Step]
	if do == nil {
		return river.JobSnooze(30 * time.Second) // another process has this role
	}
	if w.jobs.shouldYield(ctx, job.Args.ClipID, job.Args.Step) {
		return river.JobSnooze(cfg.YieldInterval)
	}

	run, err := cfg.Rows.AcquireStep(ctx, job.Args.ClipID, job.Args.Step, cfg.WorkerID, cfg.Lease)
	switch tidings.KindOf(err) {
	case "":
	case tidings.KindConflict, tidings.KindNotFound:
		return nil
	default:
		return err
	}

	log := cfg.Log.With("clip", run.ClipID, "step", run.Step, "attempt", run.Attempt)
	if job.Attempt > job.MaxAttempts { // it may be this clip that kills the process
		return w.settleRun(ctx, log, job, run, Never(errors.New("killed in the middle too often")))
	}

	start := time.Now()
	log.Info("step started")
	err = w.jobs.runLeased(ctx, run, do)
	return w.settleRun(ctx, log.With("took", time.Since(start).Round(time.Millisecond)), job, run, err)
}

// settleRun writes what became of a run and returns what River is to know. The
// writes outlive a context that has ended, but not for long.
func (w *stepWorker) settleRun(ctx context.Context, log *slog.Logger, job *river.Job[tidings.StepJob], run tidings.StepRun, err error) error {
	rows := w.jobs.cfg.Rows
	stopping := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()

	switch {
	case err == nil:
		log.Info("step done")
		return ignoreLostLease(rows.FinishStep(ctx, run, tidings.StepDone, ""))
	case errors.Is(err, errLost), errors.Is(err, errRemoved):
		log.Warn("step given up", "error", err)
		return nil
	case stopping: // no failure: the next process goes on
		log.Info("step put back: the process stops")
		return errors.Join(ignoreLostLease(rows.ReleaseStep(ctx, run)), river.JobSnooze(0))
	}

	verdict, pause := judgeError(err, len(job.Errors)+1, time.Since(job.CreatedAt))
	switch verdict {
	case putOff:
		log.Info("step put off", "error", err, "for", pause)
		return errors.Join(ignoreLostLease(rows.ReleaseStep(ctx, run)), river.JobSnooze(max(0, pause)))
	case giveUp:
		log.Error("step failed", "error", err)
		return ignoreLostLease(rows.FinishStep(ctx, run, tidings.StepFailed, tidings.Sentence(err)))
	}

	log.Warn("step will be tried again", "error", err)
	return errors.Join(err, ignoreLostLease(rows.ReleaseStep(ctx, run)))
}

// ignoreLostLease forgives the answer to a run whose step somebody else has ended or
// taken meanwhile: there is nothing left to write.
func ignoreLostLease(err error) error {
	switch tidings.KindOf(err) {
	case tidings.KindConflict, tidings.KindNotFound:
		return nil
	}
	return err
}
