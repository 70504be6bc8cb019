package storetest

import (
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func testLease(t *testing.T, w *World) {
	c, _ := w.Recorded()
	old := w.Take(c.ID, tidings.StepTranscode)
	equal(t, "attempt", old.Attempt, 1)
	equal(t, "lease", old.LeaseUntil, w.Clock.Now().Add(tidings.LeaseTTL))
	steal := func() (tidings.StepRun, error) {
		return w.AcquireStep(w.ctx, c.ID, tidings.StepTranscode, "w2", tidings.LeaseTTL)
	}

	w.Clock.Pass(tidings.LeaseTTL - time.Second)
	w.noError(w.RenewStep(w.ctx, old, tidings.LeaseTTL))
	w.noError(w.StepProgress(w.ctx, old, 0.25))
	equal(t, "progress", w.mustClip(c.ID).Steps.Transcode, tidings.StepStatus{State: tidings.StepRunning, Progress: 0.25})
	w.Clock.Pass(tidings.LeaseTTL)
	_, err := steal()
	w.wantKind(err, tidings.KindConflict) // it lasts to the last millisecond
	w.Clock.Pass(time.Millisecond)
	run, err := steal()
	w.noError(err)
	equal(t, "attempt", run.Attempt, 2)
	equal(t, "progress of a new attempt", w.mustClip(c.ID).Steps.Transcode.Progress, 0)
	w.wantKind(w.RenewStep(w.ctx, old, tidings.LeaseTTL), tidings.KindConflict)
	w.wantKind(w.StepProgress(w.ctx, old, 1), tidings.KindConflict)
	w.wantKind(w.FinishStep(w.ctx, old, tidings.StepDone, ""), tidings.KindConflict)
	w.wantKind(w.ReleaseStep(w.ctx, old, ""), tidings.KindConflict)
	w.noError(w.RenewStep(w.ctx, run, tidings.LeaseTTL))
	w.noError(w.ReleaseStep(w.ctx, run, ""))
	run, err = steal()
	w.noError(err)
	equal(t, "attempt after a release", run.Attempt, 3)
	_, err = w.AcquireStep(w.ctx, "none", tidings.StepTranscode, "w1", tidings.LeaseTTL)
	w.wantKind(err, tidings.KindConflict)
}

func testLeaseRace(t *testing.T, w *World) {
	const workers, rounds = 8, 5
	c, _ := w.Recorded()
	for round := range rounds {
		runs, errs := make([]tidings.StepRun, workers), make([]error, workers)
		var wg sync.WaitGroup
		for i := range workers {
			wg.Go(func() {
				runs[i], errs[i] = w.AcquireStep(w.ctx, c.ID, tidings.StepTranscribe, "w", tidings.LeaseTTL)
			})
		}

		wg.Wait()
		won := 0
		for i, err := range errs {
			if err != nil {
				w.wantKind(err, tidings.KindConflict)
				continue
			}
			won++
			equal(t, "attempt", runs[i].Attempt, int64(round+1))
		}

		equal(t, "winners", won, 1)
		w.Clock.Pass(tidings.LeaseTTL + time.Millisecond)
	}
}

func testStepEnds(t *testing.T, w *World) {
	for _, c := range []struct {
		end     tidings.StepState
		failure string
		clip    tidings.ClipState
	}{
		{tidings.StepDone, "", tidings.ClipReady},
		{tidings.StepSkipped, "", tidings.ClipReady},
		{tidings.StepFailed, "This is no video.", tidings.ClipFailed},
		{tidings.StepWaiting, "", tidings.ClipProcessing},
	} {
		clip, _ := w.Recorded()
		run := w.Take(clip.ID, tidings.StepTranscode)
		w.noError(w.FinishStep(w.ctx, run, c.end, c.failure))
		w.wantKind(w.FinishStep(w.ctx, run, c.end, c.failure), tidings.KindConflict)
		got := w.mustClip(clip.ID)
		equal(t, "step", got.Steps.Transcode.State, c.end)
		equal(t, "why", got.Steps.Transcode.Failure, c.failure)
		equal(t, "clip", got.State, c.clip)
		equal(t, "why of the clip", got.Failure, c.failure)
		if c.end == tidings.StepDone {
			equal(t, "progress", got.Steps.Transcode.Progress, 1)
		}
	}

	clip, _ := w.Recorded()
	w.noError(w.FinishStep(w.ctx, w.Take(clip.ID, tidings.StepTranscribe), tidings.StepFailed, "No engine."))
	equal(t, "a clip without a transcript", w.mustClip(clip.ID).State, tidings.ClipProcessing)
}

// testStepExtras follows a step that is complete while its worker goes on with
// extras.
func testStepExtras(t *testing.T, w *World) {
	c, _ := w.Recorded()
	w.markJobsRunning(c.ID)
	run := w.Take(c.ID, tidings.StepTranscode)
	w.noError(w.FinishMedia(w.ctx, run, tidings.MediaResult{DurationMS: 1000}))
	equal(t, "clip", w.mustClip(c.ID).State, tidings.ClipReady)
	w.noError(w.RenewStep(w.ctx, run, tidings.LeaseTTL))
	w.wantKind(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode), tidings.KindConflict)
	w.noError(w.AddAsset(w.ctx, run, tidings.Asset{ClipID: c.ID, Name: "poster.jpg", Key: "k"}))

	w.Clock.Pass(tidings.LeaseTTL + time.Millisecond) // the worker dies
	n, err := w.RequeueExpired(w.ctx)
	w.noError(err)
	equal(t, "steps put back", n, 1)
	equalSlices(t, "jobs, which keep their attempts", w.Jobs(c.ID), []string{"transcode", "transcribe"})
	again := w.Take(c.ID, tidings.StepTranscode)
	equal(t, "attempt", again.Attempt, 2)
	w.wantKind(w.AddAsset(w.ctx, run, tidings.Asset{ClipID: c.ID, Name: "poster.jpg", Key: "k0"}), tidings.KindConflict)
	w.noError(w.FinishMedia(w.ctx, again, tidings.MediaResult{DurationMS: 1000}))
	w.wantKind(w.FinishStep(w.ctx, again, tidings.StepFailed, "the preview"), tidings.KindConflict)
	equal(t, "a step whose extras failed", w.mustClip(c.ID).Steps.Transcode, tidings.StepStatus{State: tidings.StepDone, Progress: 1})

	w.noError(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode))
	third := w.Take(c.ID, tidings.StepTranscode)
	w.noError(w.FinishMedia(w.ctx, third, tidings.MediaResult{DurationMS: 1000}))
	w.noError(w.ReleaseStep(w.ctx, third, "")) // shutdown amid the extras
	equal(t, "state of a released step that was adopted", w.mustClip(c.ID).Steps.Transcode.State, tidings.StepDone)
	fourth := w.Take(c.ID, tidings.StepTranscode)
	equal(t, "attempt", fourth.Attempt, 4)
	w.noError(w.FinishStep(w.ctx, fourth, tidings.StepDone, ""))
}

// markJobsRunning sets all jobs of a clip to running.
func (w *World) markJobsRunning(clip tidings.ID) {
	w.t.Helper()
	by := `["w1"]`
	if w.onPostgres() {
		by = `{w1}`
	}
	_, err := w.DB().ExecContext(w.ctx, `UPDATE river_job SET state = 'running', attempted_by = $2 WHERE args ->> 'clip_id' = $1`, string(clip), by)
	w.noError(err)
}

func testStepRetry(t *testing.T, w *World) {
	c, _ := w.Recorded()
	w.wantKind(w.RetryStep(w.ctx, c.ID, tidings.StepUpload), tidings.KindInvalid)
	w.wantKind(w.RetryStep(w.ctx, c.ID, tidings.StepIndex), tidings.KindInvalid)
	w.wantKind(w.RetryStep(w.ctx, "none", tidings.StepTranscode), tidings.KindNotFound)
	w.wantKind(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode), tidings.KindConflict)
	run := w.Take(c.ID, tidings.StepTranscode)
	w.wantKind(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode), tidings.KindConflict)
	w.noError(w.FinishStep(w.ctx, run, tidings.StepFailed, "Why."))
	equal(t, "jobs", len(w.Jobs(c.ID)), 2)
	w.noError(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode))
	equalSlices(t, "jobs", w.Jobs(c.ID), []string{"transcode", "transcode", "transcribe"})
	got := w.mustClip(c.ID)
	equal(t, "step", got.Steps.Transcode, waitingStatus())
	equal(t, "clip", got.State, tidings.ClipProcessing)
	equal(t, "why", got.Failure, "")
	w.wantKind(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode), tidings.KindConflict)
	bare := w.NewClip()
	w.wantKind(w.RetryStep(w.ctx, bare.ID, tidings.StepTranscode), tidings.KindConflict)
}

// testOrphans: what a killed process left is released at the next start, and
// steps without a run are left alone.
func testOrphans(t *testing.T, w *World) {
	c, _ := w.Recorded()
	live := w.NewUpload(w.NewClip().ID)
	dead := w.Take(c.ID, tidings.StepTranscode)
	w.markJobsRunning(c.ID)
	running := func() (n int) {
		w.noError(w.DB().QueryRowContext(w.ctx, `SELECT count(*) FROM river_job WHERE state = 'running'`).Scan(&n))
		return n
	}
	equal(t, "jobs that run", running(), 2)
	w.noError(w.ReleaseOrphans(w.ctx, "w1"))
	equal(t, "jobs that run", running(), 0)
	equalSlices(t, "jobs", w.Jobs(c.ID), []string{"transcode", "transcribe"})
	n, err := w.RequeueExpired(w.ctx)
	w.noError(err)
	equal(t, "steps queued a second time", n, 0)
	run := w.Take(c.ID, tidings.StepTranscode)
	equal(t, "attempt", run.Attempt, 2)
	w.wantKind(w.FinishStep(w.ctx, dead, tidings.StepDone, ""), tidings.KindConflict)
	equal(t, "a recording that goes on", w.mustClip(live.ClipID).Steps.Upload.State, tidings.StepRunning)
	w.noError(w.FinishStep(w.ctx, run, tidings.StepDone, ""))
	w.noError(w.ReleaseOrphans(w.ctx, "w1"))
	_, err = w.AcquireStep(w.ctx, c.ID, tidings.StepTranscode, "w", tidings.LeaseTTL)
	w.wantKind(err, tidings.KindConflict)
}

// testShouldYield: only a silent recording yields, and only to one that is not
// silent and waits for the same step.
func testShouldYield(t *testing.T, w *World) {
	silent := w.NewUpload(w.NewClip().ID)
	w.Append(silent, 10)
	w.Take(silent.ClipID, tidings.StepTranscribe)
	way := func(want bool) {
		t.Helper()
		got, err := w.ShouldYield(w.ctx, silent.ClipID, tidings.StepTranscribe, w.Clock.Now().Add(-time.Minute))
		w.noError(err)
		equal(t, "gives way", got, want)
	}

	other := w.NewUpload(w.NewClip().ID)
	other = w.Append(other, 10)
	way(false) // not silent
	w.Clock.Pass(2 * time.Minute)
	way(false) // the other one is as silent
	w.Append(other, 10)
	way(true)
	w.Take(other.ClipID, tidings.StepTranscribe)
	way(false) // no step waits
	w.NewUpload(w.NewClip().ID)
	way(false) // one without a byte waits for nothing
	done, _ := w.Recorded()
	way(true) // a sealed one waits, whenever it ended
	w.Clock.Pass(time.Hour)
	way(true)
	w.Take(done.ID, tidings.StepTranscribe)
	way(false)
}
