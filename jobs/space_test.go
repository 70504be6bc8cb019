package jobs_test

import (
	"context"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tidings.example/tidings/jobs"
	"tidings.example/tidings/tidings"
)

// TestFullDiskIsWaitedFor: a step that fails for want of space, however often and
// whatever it calls that, waits and says so, and goes on by itself.
func TestFullDiskIsWaitedFor(t *testing.T) {
	r := newRig(t)
	var full atomic.Bool
	full.Store(true)
	runs := make(chan tidings.StepRun, 1000)
	cfg := transcode(func(_ context.Context, run tidings.StepRun) error {
		runs <- run
		if full.Load() {
			return tidings.Wrap(syscall.ENOSPC, tidings.KindUnsupported, "It may be damaged.")
		}
		return nil
	})
	cfg.SpaceInterval = time.Millisecond
	r.start(cfg)
	clip := r.recorded()
	for range 15 { // more than any retry would allow
		take(t, "a run", runs)
	}

	st := r.until(clip, tidings.StepWaiting)
	if !strings.Contains(st.Failure, "free space") {
		t.Errorf("why it waits: %q", st.Failure)
	}

	full.Store(false)
	if st := r.until(clip, tidings.StepDone); st.Failure != "" {
		t.Errorf("done, and yet %q", st.Failure)
	}
	if c, err := r.Clip(t.Context(), clip); err != nil || c.Failure != "" {
		t.Errorf("the clip: %q, %v", c.Failure, err)
	}
	if _, _, errors := r.job(clip); errors != 0 {
		t.Errorf("%d errors count", errors)
	}
}

// TestNoStepBeginsWithoutSpace: while there is too little space steps do not even
// begin; they say what they wait for.
func TestNoStepBeginsWithoutSpace(t *testing.T) {
	r := newRig(t)
	var full atomic.Bool
	full.Store(true)
	begun := make(chan tidings.StepRun, 1)
	cfg := transcode(func(_ context.Context, run tidings.StepRun) error { begun <- run; return nil })
	cfg.SpaceInterval = time.Millisecond
	cfg.CheckSpace = func() error {
		if full.Load() {
			return tidings.StorageFull(nil)
		}
		return nil
	}
	r.start(cfg)
	clip := r.recorded()
	r.eventually("the step says what it waits for", func() bool { return strings.Contains(r.step(clip).Failure, "free space") })
	select {
	case run := <-begun:
		t.Fatalf("it has begun: %+v", run)
	default:
	}

	full.Store(false)
	if run := take(t, "a run", begun); run.Attempt != 1 {
		t.Errorf("attempt %d", run.Attempt)
	}
	r.until(clip, tidings.StepDone)
}

// runningSince has all jobs run since a time.
const runningSince = "UPDATE river_job SET state = 'running', attempted_at = $1"

// riverTime is a time as both databases take it for River's columns.
func riverTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }

// TestLostJobsGoOn: a waiting step whose job the queue could not put back is
// enqueued again, and only such a step.
func TestLostJobsGoOn(t *testing.T) {
	r := newRig(t)
	clip := r.recorded()
	long := time.Now().Add(-time.Minute)
	if n, err := r.RequeueLost(t.Context(), long); n != 0 || err != nil {
		t.Fatalf("%d steps with jobs are lost, %v", n, err)
	}

	if _, err := r.DB().ExecContext(t.Context(), runningSince, riverTime(time.Now())); err != nil {
		t.Fatal(err)
	}
	if n, err := r.RequeueLost(t.Context(), long); n != 0 || err != nil {
		t.Fatalf("%d steps whose jobs have just begun are lost, %v", n, err)
	}

	if _, err := r.DB().ExecContext(t.Context(), runningSince, riverTime(time.Now().Add(-time.Hour))); err != nil {
		t.Fatal(err)
	}
	if n, err := r.RequeueLost(t.Context(), long); n != 2 || err != nil {
		t.Fatalf("%d steps are lost, %v; want transcode and transcribe", n, err)
	}
	if n, err := r.RequeueLost(t.Context(), long); n != 0 || err != nil {
		t.Fatalf("%d steps are lost twice, %v", n, err)
	}

	r.start(jobs.Config{Steps: map[tidings.Step]jobs.StepFunc{tidings.StepTranscode: func(context.Context, tidings.StepRun) error { return nil }}})
	r.until(clip, tidings.StepDone)
}
