package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

func enqueueStep(ctx context.Context, tx Tx, clip tidings.ID, step tidings.Step) error {
	return tx.Enqueue(ctx, tidings.StepJob{ClipID: clip, Step: step}, &river.InsertOpts{Queue: string(step), MaxAttempts: 10})
}

// setStep moves a step outside of a run, such as a skip or a retry.
func setStep(ctx context.Context, tx Tx, clip tidings.ID, step tidings.Step, state tidings.StepState, failure string) error {
	var permille int64
	if state == tidings.StepDone {
		permille = 1000
	}
	if err := tx.SetStep(ctx, dbq.SetStepParams{ClipID: string(clip), Step: string(step), State: string(state), Failure: failure, Permille: permille}); err != nil {
		return err
	}
	return afterStepChange(ctx, tx, clip)
}

// afterStepChange updates the clip's state and publishes that a step changed.
func afterStepChange(ctx context.Context, tx Tx, clip tidings.ID) error {
	g, err := tx.ClipAccessByID(ctx, string(clip))
	if err != nil {
		return notFound(err)
	}
	if err := updateClipState(ctx, tx, clip); err != nil {
		return err
	}

	tx.publishClipStep(tidings.ID(g.WorkspaceID), clip)
	return nil
}

// updateClipState derives the clip's state from its steps and stores it.
func updateClipState(ctx context.Context, tx Tx, clip tidings.ID) error {
	rows, err := tx.StepsOfClip(ctx, string(clip))
	if err != nil {
		return err
	}

	var steps tidings.Steps
	for _, r := range rows {
		setStepStatus(&steps, r)
	}

	if err := endIndex(ctx, tx, clip, steps); err != nil {
		return err
	}

	return tx.SetClipState(ctx, dbq.SetClipStateParams{ID: string(clip), State: string(tidings.ClipStateOf(steps)), Failure: tidings.ClipFailureOf(steps)})
}

// errLeaseLost answers a worker whose lease is lost.
func errLeaseLost() error {
	return tidings.Errorf(tidings.KindConflict, "Another worker has taken this step.")
}

// AcquireStep takes the lease on a waiting or abandoned step, with the next
// attempt number. KindConflict when the step is not to be had.
func (s StepRows) AcquireStep(ctx context.Context, clip tidings.ID, step tidings.Step, worker string, ttl time.Duration) (run tidings.StepRun, err error) {
	until := s.clock().Add(ttl)
	err = s.InTx(ctx, func(tx Tx) error {
		n, err := tx.AcquireStep(ctx, dbq.AcquireStepParams{ClipID: string(clip), Step: string(step), WorkerID: worker,
			UntilMs: tidings.Millis(until), NowMs: s.nowMS()})
		if err := requireChange(n, err, errLeaseLost()); err != nil {
			return err
		}

		r, err := tx.StepOfClip(ctx, dbq.StepOfClipParams{ClipID: string(clip), Step: string(step)})
		if err != nil {
			return err
		}

		run = tidings.StepRun{ClipID: clip, Step: step, Attempt: r.Attempt, WorkerID: worker, LeaseUntil: until}
		return afterStepChange(ctx, tx, clip)
	})

	return run, err
}

// RenewStep extends the lease by ttl. KindConflict when it is lost.
func (s StepRows) RenewStep(ctx context.Context, run tidings.StepRun, ttl time.Duration) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.RenewStep(ctx, dbq.RenewStepParams{ClipID: string(run.ClipID), Step: string(run.Step), Attempt: run.Attempt, LeaseUntilMs: tidings.Millis(s.clock().Add(ttl))})
		return requireChange(n, err, errLeaseLost())
	})
}

// StepProgress stores how far a run has come, 0–1.
func (s StepRows) StepProgress(ctx context.Context, run tidings.StepRun, p float64) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.SetStepProgress(ctx, dbq.SetStepProgressParams{ClipID: string(run.ClipID), Step: string(run.Step), Attempt: run.Attempt,
			Permille: int64(max(0, min(1, p)) * 1000)})
		if err := requireChange(n, err, errLeaseLost()); err != nil {
			return err
		}
		return afterStepChange(ctx, tx, run.ClipID)
	})
}

// FinishStep ends a run: done, failed (with a sentence for people), skipped, or
// waiting (to run again later). A step whose output is stored stays done,
// whatever became of the extras: the run ends, and any other state is answered
// with KindConflict, as it is when the lease is lost. When a better transcript
// has failed, the step keeps the sentence, so that people can have it tried again.
func (s StepRows) FinishStep(ctx context.Context, run tidings.StepRun, state tidings.StepState, failure string) error {
	var permille int64
	if state == tidings.StepDone {
		permille = 1000
	}

	var stored string
	err := s.InTx(ctx, func(tx Tx) (err error) {
		stored, err = tx.FinishStep(ctx, dbq.FinishStepParams{ClipID: string(run.ClipID), Step: string(run.Step), Attempt: run.Attempt,
			State: string(state), Failure: failure, Permille: permille})
		if err != nil {
			return err
		}

		if run.Step == tidings.StepTranscribe && (state == tidings.StepFailed || state == tidings.StepSkipped) {
			// The transcript ends with what the run had written.
			if err := tx.EndRunningTranscripts(ctx, dbq.EndRunningTranscriptsParams{ClipID: string(run.ClipID), State: string(state)}); err != nil {
				return err
			}
		}

		if run.Step == tidings.StepTranscribe && state == tidings.StepDone { // after a failure the next run needs them
			if err := tx.DropTranscriptPieces(ctx, string(run.ClipID)); err != nil {
				return err
			}
		}

		return afterStepChange(ctx, tx, run.ClipID)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return errLeaseLost()
	}
	if err != nil {
		return err
	}
	if stored != string(state) {
		return errLeaseLost()
	}

	return nil
}

// completeStep marks the step done in the transaction that stores its output.
// The run keeps its lease, for extras, until FinishStep: if its worker dies
// before, the step runs again.
func completeStep(ctx context.Context, tx Tx, run tidings.StepRun) error {
	n, err := tx.CompleteStep(ctx, dbq.CompleteStepParams{ClipID: string(run.ClipID), Step: string(run.Step), Attempt: run.Attempt})
	if err := requireChange(n, err, errLeaseLost()); err != nil {
		return err
	}
	return afterStepChange(ctx, tx, run.ClipID)
}

// ReleaseStep returns a step to waiting: another run begins it from the start.
// reason is the sentence that people read meanwhile; "" = none.
func (s StepRows) ReleaseStep(ctx context.Context, run tidings.StepRun, reason string) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.ReleaseStep(ctx, dbq.ReleaseStepParams{ClipID: string(run.ClipID), Step: string(run.Step), Attempt: run.Attempt, Reason: reason})
		if err := requireChange(n, err, errLeaseLost()); err != nil {
			return err
		}
		return afterStepChange(ctx, tx, run.ClipID)
	})
}

// HoldStep stores why a waiting step waits.
func (s StepRows) HoldStep(ctx context.Context, clip tidings.ID, step tidings.Step, reason string) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.HoldStep(ctx, dbq.HoldStepParams{ClipID: string(clip), Step: string(step), Reason: reason})
		if err != nil || n == 0 {
			return err
		}
		return afterStepChange(ctx, tx, clip)
	})
}

// RetryStep sets a finished step to waiting and enqueues it.
func (s StepRows) RetryStep(ctx context.Context, clip tidings.ID, step tidings.Step) error {
	if step != tidings.StepTranscode && step != tidings.StepTranscribe {
		return tidings.Invalid("step", "Only transcode and transcribe can run again.")
	}
	return s.InTx(ctx, func(tx Tx) error {
		r, err := tx.StepOfClip(ctx, dbq.StepOfClipParams{ClipID: string(clip), Step: string(step)})
		if err != nil {
			return notFound(err)
		}
		if !tidings.CanMove(tidings.StepState(r.State), tidings.StepWaiting) || r.State == string(tidings.StepRunning) || r.LeaseUntilMs > s.nowMS() {
			return tidings.Errorf(tidings.KindConflict, "This step is still under way.")
		}
		if err := checkOriginal(ctx, tx, clip); err != nil {
			return err
		}
		if err := setStep(ctx, tx, clip, step, tidings.StepWaiting, ""); err != nil {
			return err
		}
		return enqueueStep(ctx, tx, clip, step)
	})
}

// checkOriginal returns KindConflict for a clip without any byte left to work
// on.
func checkOriginal(ctx context.Context, tx Tx, clip tidings.ID) error {
	u, err := tx.UploadByClip(ctx, string(clip))
	if err != nil && !isNotFound(err) {
		return err
	}
	if err != nil || u.Aborted || u.OffsetBytes == 0 {
		return tidings.Errorf(tidings.KindConflict, "There is nothing to work on: no byte of this clip is left.")
	}
	return nil
}

// requeueStep returns the job of a worker that is gone to the queue, and makes one
// if there is none. The job keeps its attempts: a clip that kills its workers, one
// after the other, does not do so for ever.
func requeueStep(ctx context.Context, tx Tx, clip tidings.ID, step tidings.Step) error {
	res, err := tx.write.ExecContext(ctx, `UPDATE river_job SET state = 'available', scheduled_at = $4 WHERE id IN (
		SELECT max(id) FROM river_job WHERE kind = $1 AND args ->> 'clip_id' = $2 AND args ->> 'step' = $3 AND state = 'running')`,
		tidings.StepJob{}.Kind(), string(clip), string(step), riverTime(time.Now()))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return enqueueStep(ctx, tx, clip, step)
}

// RequeueExpired enqueues steps whose lease has expired, unless a job for them
// waits already, and returns how many.
func (s StepRows) RequeueExpired(ctx context.Context) (n int, err error) {
	rows, err := s.queries().ExpiredSteps(ctx, dbq.ExpiredStepsParams{LeaseUntilMs: s.nowMS(), Limit: 100})
	if err != nil || len(rows) == 0 {
		return 0, err
	}

	err = s.InTx(ctx, func(tx Tx) error {
		n = 0
		for _, r := range rows {
			clip, step := tidings.ID(r.ClipID), tidings.Step(r.Step)
			queued, err := tx.hasQueuedJob(ctx, tidings.StepJob{ClipID: clip, Step: step})
			if err != nil {
				return err
			}
			if queued {
				continue
			}

			n++
			if err := requeueStep(ctx, tx, clip, step); err != nil {
				return err
			}
		}
		return nil
	})

	return n, err
}

// RequeueLost enqueues steps that wait without a job: a full disk kept the queue
// from storing what became of theirs. A job that has been running since before
// the time counts as lost, as its step is not leased. It returns how many.
func (s StepRows) RequeueLost(ctx context.Context, before time.Time) (n int, err error) {
	err = s.InTx(ctx, func(tx Tx) error {
		rows, err := tx.write.QueryContext(ctx, lostSteps, riverTime(before))
		if err != nil {
			return err
		}

		var lost []tidings.StepJob
		for rows.Next() {
			var j tidings.StepJob
			if err := rows.Scan(&j.ClipID, &j.Step); err != nil {
				return errors.Join(err, rows.Close())
			}
			lost = append(lost, j)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}

		n = len(lost)
		for _, j := range lost {
			if err := requeueStep(ctx, tx, j.ClipID, j.Step); err != nil {
				return err
			}
		}
		return nil
	})

	return n, err
}

// lostSteps are the waiting steps of clips with bytes that no job of the queue is
// for.
const lostSteps = `SELECT step_runs.clip_id, step_runs.step FROM step_runs JOIN uploads ON uploads.clip_id = step_runs.clip_id
WHERE step_runs.state = 'waiting' AND step_runs.step IN ('transcode', 'transcribe') AND uploads.offset_bytes > 0 AND NOT uploads.aborted
  AND step_runs.clip_id || '/' || step_runs.step NOT IN (
    SELECT (args ->> 'clip_id') || '/' || (args ->> 'step') FROM river_job
    WHERE kind = 'step' AND (state IN ('available', 'pending', 'retryable', 'scheduled') OR state = 'running' AND attempted_at >= $1))
LIMIT 100`

// ReleaseOrphans is called once at start, with the name of this process in leases
// and in the queue. What runs under that name belongs to a process that has ended
// (with SQLite, whatever runs): jobs return to the queue and leases end now instead
// of after their time. The attempt counts, so that a clip that kills its process
// does not run for ever.
func (s StepRows) ReleaseOrphans(ctx context.Context, worker string) error {
	return s.engine.releaseJobs(ctx, worker)
}

// ShouldYield reports whether the recorder of a clip has been silent since
// before the time while other clips, which are not, wait for the same step.
func (s StepRows) ShouldYield(ctx context.Context, clip tidings.ID, step tidings.Step, before time.Time) (bool, error) {
	n, err := s.queries().CountActiveWaiters(ctx, dbq.CountActiveWaitersParams{ClipID: string(clip), Step: string(step), BeforeMs: tidings.Millis(before)})
	return n > 0, err
}
