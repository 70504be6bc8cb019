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
	eq(t, "attempt", old.Attempt, 1)
	eq(t, "lease", old.LeaseUntil, w.Clock.Now().Add(tidings.LeaseTTL))
	steal := func() (tidings.StepRun, error) {
		return w.AcquireStep(w.ctx, c.ID, tidings.StepTranscode, "w2", tidings.LeaseTTL)
	}

	w.Clock.Pass(tidings.LeaseTTL - time.Second)
	w.ok(w.RenewStep(w.ctx, old, tidings.LeaseTTL))
	w.ok(w.StepProgress(w.ctx, old, 0.25))
	eq(t, "progress", w.get(c.ID).Steps.Transcode, tidings.StepStatus{State: tidings.StepRunning, Progress: 0.25})
	w.Clock.Pass(tidings.LeaseTTL)
	_, err := steal()
	w.kind(err, tidings.KindConflict) // it lasts to the last millisecond
	w.Clock.Pass(time.Millisecond)
	run, err := steal()
	w.ok(err)
	eq(t, "attempt", run.Attempt, 2)
	eq(t, "progress of a new attempt", w.get(c.ID).Steps.Transcode.Progress, 0)
	w.kind(w.RenewStep(w.ctx, old, tidings.LeaseTTL), tidings.KindConflict)
	w.kind(w.StepProgress(w.ctx, old, 1), tidings.KindConflict)
	w.kind(w.FinishStep(w.ctx, old, tidings.StepDone, ""), tidings.KindConflict)
	w.kind(w.ReleaseStep(w.ctx, old), tidings.KindConflict)
	w.ok(w.RenewStep(w.ctx, run, tidings.LeaseTTL))
	w.ok(w.ReleaseStep(w.ctx, run))
	run, err = steal()
	w.ok(err)
	eq(t, "attempt after a release", run.Attempt, 3)
	_, err = w.AcquireStep(w.ctx, "none", tidings.StepTranscode, "w1", tidings.LeaseTTL)
	w.kind(err, tidings.KindConflict)
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
				w.kind(err, tidings.KindConflict)
				continue
			}
			won++
			eq(t, "attempt", runs[i].Attempt, int64(round+1))
		}

		eq(t, "winners", won, 1)
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
		w.ok(w.FinishStep(w.ctx, run, c.end, c.failure))
		w.kind(w.FinishStep(w.ctx, run, c.end, c.failure), tidings.KindConflict)
		got := w.get(clip.ID)
		eq(t, "step", got.Steps.Transcode.State, c.end)
		eq(t, "why", got.Steps.Transcode.Failure, c.failure)
		eq(t, "clip", got.State, c.clip)
		eq(t, "why of the clip", got.Failure, c.failure)
		if c.end == tidings.StepDone {
			eq(t, "progress", got.Steps.Transcode.Progress, 1)
		}
	}

	clip, _ := w.Recorded()
	w.ok(w.FinishStep(w.ctx, w.Take(clip.ID, tidings.StepTranscribe), tidings.StepFailed, "No engine."))
	eq(t, "a clip without a transcript", w.get(clip.ID).State, tidings.ClipProcessing)
}

// testStepExtras follows a step whose output counts already and whose worker
// goes on with extras.
func testStepExtras(t *testing.T, w *World) {
	c, _ := w.Recorded()
	w.taken(c.ID)
	run := w.Take(c.ID, tidings.StepTranscode)
	w.ok(w.FinishMedia(w.ctx, run, tidings.MediaResult{DurationMS: 1000}))
	eq(t, "clip", w.get(c.ID).State, tidings.ClipReady)
	w.ok(w.RenewStep(w.ctx, run, tidings.LeaseTTL))
	w.kind(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode), tidings.KindConflict)
	w.ok(w.AddAsset(w.ctx, run, tidings.Asset{ClipID: c.ID, Name: "poster.jpg", Key: "k"}))

	w.Clock.Pass(tidings.LeaseTTL + time.Millisecond) // the worker dies
	n, err := w.RequeueExpired(w.ctx)
	w.ok(err)
	eq(t, "steps put back", n, 1)
	again := w.Take(c.ID, tidings.StepTranscode)
	eq(t, "attempt", again.Attempt, 2)
	w.kind(w.AddAsset(w.ctx, run, tidings.Asset{ClipID: c.ID, Name: "poster.jpg", Key: "k0"}), tidings.KindConflict)
	w.ok(w.FinishMedia(w.ctx, again, tidings.MediaResult{DurationMS: 1000}))
	w.kind(w.FinishStep(w.ctx, again, tidings.StepFailed, "the preview"), tidings.KindConflict)
	eq(t, "a step whose extras failed", w.get(c.ID).Steps.Transcode, tidings.StepStatus{State: tidings.StepDone, Progress: 1})

	w.ok(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode))
	third := w.Take(c.ID, tidings.StepTranscode)
	w.ok(w.FinishMedia(w.ctx, third, tidings.MediaResult{DurationMS: 1000}))
	w.ok(w.ReleaseStep(w.ctx, third)) // shutdown amid the extras
	eq(t, "state of a released step that was adopted", w.get(c.ID).Steps.Transcode.State, tidings.StepDone)
	fourth := w.Take(c.ID, tidings.StepTranscode)
	eq(t, "attempt", fourth.Attempt, 4)
	w.ok(w.FinishStep(w.ctx, fourth, tidings.StepDone, ""))
}

// taken lets a worker have all jobs of a clip.
func (w *World) taken(clip tidings.ID) {
	w.t.Helper()
	_, err := w.DB().ExecContext(w.ctx, `UPDATE river_job SET state = 'running' WHERE CAST(args AS TEXT) LIKE $1`, "%"+string(clip)+"%")
	w.ok(err)
}

func testStepRetry(t *testing.T, w *World) {
	c, _ := w.Recorded()
	w.kind(w.RetryStep(w.ctx, c.ID, tidings.StepUpload), tidings.KindInvalid)
	w.kind(w.RetryStep(w.ctx, c.ID, tidings.StepIndex), tidings.KindInvalid)
	w.kind(w.RetryStep(w.ctx, "none", tidings.StepTranscode), tidings.KindNotFound)
	w.kind(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode), tidings.KindConflict)
	run := w.Take(c.ID, tidings.StepTranscode)
	w.kind(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode), tidings.KindConflict)
	w.ok(w.FinishStep(w.ctx, run, tidings.StepFailed, "Why."))
	eq(t, "jobs", len(w.Jobs(c.ID)), 2)
	w.ok(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode))
	same(t, "jobs", w.Jobs(c.ID), []string{"transcode", "transcode", "transcribe"})
	got := w.get(c.ID)
	eq(t, "step", got.Steps.Transcode, waiting())
	eq(t, "clip", got.State, tidings.ClipProcessing)
	eq(t, "why", got.Failure, "")
	w.kind(w.RetryStep(w.ctx, c.ID, tidings.StepTranscode), tidings.KindConflict)
	bare := w.NewClip()
	w.kind(w.RetryStep(w.ctx, bare.ID, tidings.StepTranscode), tidings.KindConflict)
}

// testOrphans: what a killed process left goes on at the next start, and
// steps that nobody works on are left alone.
func testOrphans(t *testing.T, w *World) {
	c, _ := w.Recorded()
	live := w.NewUpload(w.NewClip().ID)
	dead := w.Take(c.ID, tidings.StepTranscode)
	w.taken(c.ID)
	running := func() (n int) {
		w.ok(w.DB().QueryRowContext(w.ctx, `SELECT count(*) FROM river_job WHERE state = 'running'`).Scan(&n))
		return n
	}
	eq(t, "jobs that run", running(), 2)
	w.ok(w.ReleaseOrphans(w.ctx))
	eq(t, "jobs that run", running(), 0)
	same(t, "jobs", w.Jobs(c.ID), []string{"transcode", "transcribe"})
	n, err := w.RequeueExpired(w.ctx)
	w.ok(err)
	eq(t, "steps queued a second time", n, 0)
	run := w.Take(c.ID, tidings.StepTranscode)
	eq(t, "attempt", run.Attempt, 2)
	w.kind(w.FinishStep(w.ctx, dead, tidings.StepDone, ""), tidings.KindConflict)
	eq(t, "a recording that goes on", w.get(live.ClipID).Steps.Upload.State, tidings.StepRunning)
	w.ok(w.FinishStep(w.ctx, run, tidings.StepDone, ""))
	w.ok(w.ReleaseOrphans(w.ctx))
	_, err = w.AcquireStep(w.ctx, c.ID, tidings.StepTranscode, "w", tidings.LeaseTTL)
	w.kind(err, tidings.KindConflict)
}

// testGivesWay: only a silent recording gives way, and only to one that is not
// silent and waits for the same step.
func testGivesWay(t *testing.T, w *World) {
	silent := w.NewUpload(w.NewClip().ID)
	w.Append(silent, 10)
	w.Take(silent.ClipID, tidings.StepTranscribe)
	way := func(want bool) {
		t.Helper()
		got, err := w.GivesWay(w.ctx, silent.ClipID, tidings.StepTranscribe, w.Clock.Now().Add(-time.Minute))
		w.ok(err)
		eq(t, "gives way", got, want)
	}

	other := w.NewUpload(w.NewClip().ID)
	other = w.Append(other, 10)
	way(false) // not silent
	w.Clock.Pass(2 * time.Minute)
	way(false) // the other one is as silent
	w.Append(other, 10)
	way(true)
	w.Take(other.ClipID, tidings.StepTranscribe)
	way(false) // nobody waits
	w.NewUpload(w.NewClip().ID)
	way(false) // one without a byte waits for nothing
	done, _ := w.Recorded()
	way(true) // a sealed one waits, whenever it ended
	w.Clock.Pass(time.Hour)
	way(true)
	w.Take(done.ID, tidings.StepTranscribe)
	way(false)
}
