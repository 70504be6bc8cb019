package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tidings.example/tidings/jobs"
	"tidings.example/tidings/tidings"
)

func (r *rig) lease(clip tidings.ID) (until int64, attempt int64) {
	r.t.Helper()
	if err := r.DB().QueryRowContext(r.t.Context(), `SELECT lease_until_ms, attempt FROM step_runs WHERE clip_id = $1 AND step = 'transcode'`, string(clip)).Scan(&until, &attempt); err != nil {
		r.t.Fatal(err)
	}
	return until, attempt
}

func TestLeaseIsRenewed(t *testing.T) {
	r := newRig(t)
	begun, goOn := make(chan tidings.StepRun, 1), make(chan struct{})
	cfg := transcode(func(_ context.Context, run tidings.StepRun) error { begun <- run; <-goOn; return nil })
	cfg.Lease, cfg.Renew = time.Minute, 10*time.Millisecond
	r.start(cfg)
	clip := r.recorded()
	run := take(t, "a run", begun)
	last := tidings.Millis(run.LeaseUntil)
	for range 3 {
		r.eventually("the lease is renewed", func() bool {
			until, _ := r.lease(clip)
			if until <= last {
				return false
			}
			last = until
			return true
		})
	}

	close(goOn)
	r.until(clip, tidings.StepDone)
	if until, attempt := r.lease(clip); until != 0 || attempt != 1 {
		t.Fatalf("lease until %d, attempt %d", until, attempt)
	}
}

// TestLostLeaseCancels: another worker takes the step of a worker that was
// only slow. Its run is cancelled, and nothing it returns counts.
func TestLostLeaseCancels(t *testing.T) {
	r := newRig(t)
	begun, ended := make(chan struct{}, 1), make(chan error, 1)
	cfg := transcode(func(ctx context.Context, _ tidings.StepRun) error {
		begun <- struct{}{}
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return jobs.Permanent(errors.New("a late verdict"))
	})
	cfg.Lease, cfg.Renew = time.Minute, 10*time.Millisecond
	r.start(cfg)
	clip := r.recorded()
	take(t, "a run", begun)
	var other tidings.StepRun
	r.eventually("the step is stolen", func() bool { // a renewal may come in between
		if _, err := r.DB().Exec(`UPDATE step_runs SET lease_until_ms = 1 WHERE clip_id = $1 AND step = 'transcode'`, string(clip)); err != nil {
			t.Fatal(err)
		}
		var err error
		other, err = r.AcquireStep(t.Context(), clip, tidings.StepTranscode, "w2", time.Hour)
		return err == nil
	})
	if cause := take(t, "the run is cancelled", ended); cause == nil || errors.Is(cause, context.Canceled) {
		t.Fatalf("cause %v", cause)
	}

	r.eventually("the job is completed", func() bool { state, _, _ := r.job(clip); return state == "completed" })
	if st := r.step(clip); st.State != tidings.StepRunning || st.Failure != "" {
		t.Fatalf("the slow worker changed the step: %+v", st)
	}
	if err := r.FinishStep(t.Context(), other, tidings.StepDone, ""); err != nil {
		t.Fatal(err)
	}
}

// TestDeadWorkersStepGoesOn: the sweep finds a step whose lease has expired
// and which has no job in the queue.
func TestDeadWorkersStepGoesOn(t *testing.T) {
	r := newRig(t)
	clip := r.recorded()

	if _, err := r.DB().Exec(`DELETE FROM river_job`); err != nil { // a job of a node that is gone
		t.Fatal(err)
	}

	runs := make(chan tidings.StepRun, 1)
	cfg := transcode(func(_ context.Context, run tidings.StepRun) error { runs <- run; return nil })
	cfg.Lease, cfg.Renew = time.Second, 100*time.Millisecond
	r.start(cfg)
	if _, err := r.AcquireStep(t.Context(), clip, tidings.StepTranscode, "dead", time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if run := take(t, "a second run", runs); run.Attempt != 2 || run.WorkerID != "w1" {
		t.Fatalf("run %+v", run)
	}

	r.until(clip, tidings.StepDone)
}

func TestShutdownPutsBack(t *testing.T) {
	r := newRig(t)
	clip := r.recorded()
	begun := make(chan tidings.StepRun, 1)
	wait := func(ctx context.Context, run tidings.StepRun) error {
		begun <- run
		<-ctx.Done()
		return ctx.Err()
	}
	j := r.start(transcode(wait))
	take(t, "a run", begun)
	r.stop(j)
	if st := r.step(clip); st.State != tidings.StepWaiting || st.Failure != "" {
		t.Fatalf("step %+v", st)
	}
	if state, _, n := r.job(clip); state != "available" && state != "scheduled" || n != 0 {
		t.Fatalf("job %s with %d errors", state, n)
	}

	r.start(transcode(func(_ context.Context, run tidings.StepRun) error { begun <- run; return nil }))
	if run := take(t, "a run after the restart", begun); run.Attempt != 2 {
		t.Fatalf("run %+v", run)
	}

	r.until(clip, tidings.StepDone)
}

// TestCancelEndsTheRunsOfAClip and of no other; when it returns, they write
// no more.
func TestCancelEndsTheRunsOfAClip(t *testing.T) {
	r := newRig(t)
	begun, goOn := make(chan tidings.ID, 2), make(chan struct{})
	ended := map[tidings.ID]chan struct{}{}
	first, second := r.recorded(), r.recorded()
	ended[first], ended[second] = make(chan struct{}), make(chan struct{})
	cfg := transcode(func(ctx context.Context, run tidings.StepRun) error {
		defer close(ended[run.ClipID])

		begun <- run.ClipID

		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-goOn:
			return nil
		}
	})
	cfg.Slots = map[tidings.Step]int{tidings.StepTranscode: 2}
	j := r.start(cfg)
	take(t, "a run", begun)
	take(t, "another run", begun)
	if err := j.Cancel(t.Context(), first); err != nil {
		t.Fatal(err)
	}

	select {
	case <-ended[first]:
	default:
		t.Fatal("Cancel returned before the run had")
	}

	select {
	case <-ended[second]:
		t.Fatal("the run of another clip was cancelled")
	default:
	}

	if err := j.Cancel(t.Context(), "none"); err != nil {
		t.Fatal(err)
	}
	if err := r.PurgeClip(t.Context(), first); err != nil {
		t.Fatal(err)
	}

	close(goOn)
	r.until(second, tidings.StepDone)
	r.eventually("the job of the purged clip ends", func() bool { state, _, _ := r.job(first); return state == "completed" })
}
