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

// Work implements river.Worker: it takes the lease, runs the step and stores the
// outcome. A step that cannot be leased (done, aborted, leased by another
// worker) is no error: its worker ends it, and an expired lease is queued again.
func (w *stepWorker) Work(ctx context.Context, job *river.Job[tidings.StepJob]) error {
	cfg := w.jobs.cfg
	do := cfg.Steps[job.Args.Step]
	if do == nil {
		return river.JobSnooze(30 * time.Second) // a process with this role takes it
	}
	if w.jobs.shouldYield(ctx, job.Args.ClipID, job.Args.Step) {
		return river.JobSnooze(cfg.YieldInterval)
	}

	if err := w.jobs.checkSpace(); err != nil {
		return w.holdStep(ctx, job.Args, err)
	}

	run, err := cfg.Rows.AcquireStep(ctx, job.Args.ClipID, job.Args.Step, cfg.WorkerID, cfg.Lease)
	switch tidings.KindOf(err) {
	case "":
	case tidings.KindConflict, tidings.KindNotFound:
		return nil
	case tidings.KindStorageFull:
		return w.holdStep(ctx, job.Args, err)
	case tidings.KindUnavailable: // the database, which is no fault of the clip
		return river.JobSnooze(unavailablePause)
	default:
		return err
	}

	log := cfg.Log.With("clip", run.ClipID, "step", run.Step, "attempt", run.Attempt)
	if job.Attempt > job.MaxAttempts { // the clip may have killed its processes
		return w.settleRun(ctx, log, job, run, Permanent(errors.New("killed in the middle too often")))
	}

	start := time.Now()
	log.Info("step started")
	err = w.jobs.runLeased(ctx, run, do)
	return w.settleRun(ctx, log.With("took", time.Since(start).Round(time.Millisecond)), job, run, err)
}

// waitsForSpace is what people read of a step that is put off for want of space.
const waitsForSpace = "The server has too little free space. This goes on by itself once there is more."

// checkSpace asks Config.CheckSpace.
func (j *Jobs) checkSpace() error {
	if j.cfg.CheckSpace == nil {
		return nil
	}
	return j.cfg.CheckSpace()
}

// holdStep puts off a step that cannot begin for want of space. Storing the
// reason may fail too.
func (w *stepWorker) holdStep(ctx context.Context, step tidings.StepJob, why error) error {
	log := w.jobs.cfg.Log.With("clip", step.ClipID, "step", step.Step)
	log.Warn("step waits for free space", "error", why)
	if err := w.jobs.cfg.Rows.HoldStep(ctx, step.ClipID, step.Step, waitsForSpace); err != nil {
		log.Warn("it is not stored that the step waits", "error", err)
	}
	return river.JobSnooze(w.jobs.cfg.SpaceInterval)
}

// releaseReason is what people read of a step that was put off after err; "" = nothing.
func releaseReason(err error) string {
	if tidings.IsStorageFull(err) {
		return waitsForSpace
	}
	return ""
}

// retryReason is what people read of a step that waits for its next try after the
// n-th error; "" while that is soon.
func retryReason(err error, n int) string {
	if retryPause(n) < time.Minute {
		return ""
	}
	return tidings.Sentence(err) + " It is tried again by itself."
}

// settleRun stores the outcome of a run and returns what River needs to know.
// Its writes go on for up to 10 s after ctx has ended.
func (w *stepWorker) settleRun(ctx context.Context, log *slog.Logger, job *river.Job[tidings.StepJob], run tidings.StepRun, err error) error {
	rows := w.jobs.cfg.Rows
	outages := w.jobs.outages.countOutage(job.Args, isOutage(err))
	stopping := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()

	switch {
	case err == nil:
		log.Info("step done")
		return ignoreLostLease(rows.FinishStep(ctx, run, tidings.StepDone, ""))
	case errors.Is(err, errLeaseLost), errors.Is(err, errClipRemoved):
		log.Warn("step given up", "error", err)
		return nil
	case stopping: // not a failure: the next process continues
		log.Info("step put back: the process stops")
		return errors.Join(ignoreLostLease(rows.ReleaseStep(ctx, run, "")), river.JobSnooze(0))
	}

	verdict, pause := judgeError(err, len(job.Errors)+1, outages, time.Since(job.CreatedAt))
	switch {
	case tidings.IsStorageFull(err):
		pause = w.jobs.cfg.SpaceInterval
	case outages > 0:
		pause = addJitter(pause)
	}

	switch verdict {
	case verdictPutOff:
		log.Info("step put off", "error", err, "for", pause)
		return errors.Join(ignoreLostLease(rows.ReleaseStep(ctx, run, releaseReason(err))), river.JobSnooze(max(0, pause)))
	case verdictGiveUp:
		log.Error("step failed", "error", err)
		return ignoreLostLease(rows.FinishStep(ctx, run, tidings.StepFailed, tidings.Sentence(err)))
	}

	log.Warn("step will be tried again", "error", err)
	return errors.Join(err, ignoreLostLease(rows.ReleaseStep(ctx, run, retryReason(err, len(job.Errors)+1))))
}

// ignoreLostLease drops the error of a run whose lease was lost meanwhile: there
// is nothing left to write.
func ignoreLostLease(err error) error {
	switch tidings.KindOf(err) {
	case tidings.KindConflict, tidings.KindNotFound:
		return nil
	}
	return err
}
