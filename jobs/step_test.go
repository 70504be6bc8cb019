package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/tidings/jobs"
	"tidings.example/tidings/tidings"
)

func TestStepRunsAndFinishes(t *testing.T) {
	r := newRig(t)
	runs := make(chan tidings.StepRun, 10)
	do := func(_ context.Context, run tidings.StepRun) error { runs <- run; return nil }
	r.start(jobs.Config{Steps: map[tidings.Step]jobs.StepFunc{tidings.StepTranscode: do, tidings.StepTranscribe: do}})
	clip := r.recorded()
	seen := map[tidings.Step]bool{}
	for range 2 {
		run := take(t, "a run", runs)
		if run.ClipID != clip || run.Attempt != 1 || run.WorkerID != "w1" {
			t.Fatalf("run %+v", run)
		}
		seen[run.Step] = true
	}

	if len(seen) != 2 {
		t.Fatalf("steps %v", seen)
	}

	r.until(clip, tidings.StepDone)
	r.eventually("the job is completed", func() bool { state, _, _ := r.job(clip); return state == "completed" })
	if c, err := r.Clip(t.Context(), clip); err != nil || c.State != tidings.ClipReady {
		t.Fatalf("clip %+v, %v", c, err)
	}
}

// TestErrorsSayWhatToDo is about what follows the first run's error.
func TestErrorsSayWhatToDo(t *testing.T) {
	plain := errors.New("secret cause")
	for name, c := range map[string]struct {
		fail     func() error
		end      tidings.StepState
		attempts int64  // of the step
		errors   int    // that count, in the queue
		why      string // shown to people
	}{
		"a plain error is tried again":      {func() error { return plain }, tidings.StepDone, 2, 1, ""},
		"a panic is a plain error":          {func() error { panic("secret") }, tidings.StepDone, 2, 1, ""},
		"later does not count":              {func() error { return jobs.RetryAfter(plain, time.Millisecond) }, tidings.StepDone, 2, 0, ""},
		"never fails at once":               {func() error { return jobs.Permanent(plain) }, tidings.StepFailed, 1, 0, tidings.Sentence(plain)},
		"never says why":                    {func() error { return jobs.Permanent(tidings.Errorf(tidings.KindInternal+"x", "Why.")) }, tidings.StepFailed, 1, 0, "Why."},
		"what is no media is never media":   {func() error { return tidings.Errorf(tidings.KindUnsupported, "No media.") }, tidings.StepFailed, 1, 0, "No media."},
		"what is too large will not shrink": {func() error { return tidings.Errorf(tidings.KindTooLarge, "Too large.") }, tidings.StepFailed, 1, 0, "Too large."},
		"success needs no second run":       {func() error { return nil }, tidings.StepDone, 1, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			var last atomic.Int64
			r.start(transcode(func(_ context.Context, run tidings.StepRun) error {
				last.Store(run.Attempt)
				if run.Attempt == 1 {
					return c.fail()
				}
				return nil
			}))
			clip := r.recorded()
			if st := r.until(clip, c.end); st.Failure != c.why {
				t.Fatalf("why: %q, want %q", st.Failure, c.why)
			}

			r.eventually("the job is completed", func() bool { state, _, _ := r.job(clip); return state == "completed" })
			if _, _, n := r.job(clip); n != c.errors || last.Load() != c.attempts {
				t.Fatalf("%d errors count after %d attempts, want %d after %d", n, last.Load(), c.errors, c.attempts)
			}
		})
	}
}

func TestUnavailableDoesNotCount(t *testing.T) {
	r := newRig(t)
	r.start(transcode(func(context.Context, tidings.StepRun) error {
		return tidings.Errorf(tidings.KindUnavailable, "The storage does not answer.")
	}))
	clip := r.recorded()
	r.eventually("the step is put off", func() bool { state, _, _ := r.job(clip); return state == "scheduled" })
	if _, attempt, n := r.job(clip); attempt != 0 || n != 0 {
		t.Fatalf("attempt %d, %d errors", attempt, n)
	}
	if st := r.step(clip); st.State != tidings.StepWaiting || st.Failure != "" {
		t.Fatalf("step %+v", st)
	}
}

// TestRetryHoldsNoSlot: while a clip waits for its next try, others have the only
// slot, and it is not taken from them for good either.
func TestRetryHoldsNoSlot(t *testing.T) {
	r := newRig(t)
	bad := r.recorded()
	runs := make(chan tidings.ID, 100)
	r.start(transcode(func(_ context.Context, run tidings.StepRun) error {
		runs <- run.ClipID
		if run.ClipID == bad {
			return errors.New("it fails whenever it is tried")
		}
		return nil
	}))
	if first := take(t, "the first run", runs); first != bad {
		t.Fatalf("run of %s", first)
	}

	r.eventually("it waits for its next try", func() bool { state, _, _ := r.job(bad); return state == "retryable" || state == "available" })
	for range 5 {
		r.until(r.recorded(), tidings.StepDone)
	}

	if st := r.step(bad); st.State != tidings.StepWaiting && st.State != tidings.StepRunning {
		t.Fatalf("step %+v", st)
	}
}

// TestClipThatKillsItsProcessEnds: each kill uses up an attempt of the job, and
// after the last the clip has failed without being run again.
func TestClipThatKillsItsProcessEnds(t *testing.T) {
	r := newRig(t)
	clip := r.recorded()

	by := `["w1"]`
	if r.cfg.UsesPostgres() {
		by = `{w1}`
	}
	if _, err := r.DB().Exec(`UPDATE river_job SET attempt = max_attempts, state = 'running', attempted_by = $1`, by); err != nil {
		t.Fatal(err)
	}

	r.start(transcode(func(context.Context, tidings.StepRun) error {
		t.Error("it was run again")
		return nil
	}))
	if st := r.until(clip, tidings.StepFailed); st.Failure == "" {
		t.Fatal("no reason")
	}
}

// TestStepMayEndItself: a step that was adopted by its own transaction is done,
// and what goes wrong with the extras changes nothing.
func TestStepMayEndItself(t *testing.T) {
	for name, end := range map[string]error{"well": nil, "never": jobs.Permanent(errors.New("the preview"))} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.start(transcode(func(ctx context.Context, run tidings.StepRun) error {
				if err := r.FinishMedia(ctx, run, tidings.MediaResult{DurationMS: 1000}); err != nil {
					return err
				}
				return end
			}))
			clip := r.recorded()
			r.eventually("the job is completed", func() bool { state, _, _ := r.job(clip); return state == "completed" })
			if st := r.step(clip); st.State != tidings.StepDone || st.Failure != "" {
				t.Fatalf("step %+v", st)
			}
			if err := r.RetryStep(t.Context(), clip, tidings.StepTranscode); err != nil {
				t.Fatalf("the lease is still held: %v", err)
			}
		})
	}
}

func TestSlotsBoundWhatRunsAtOnce(t *testing.T) {
	const slots, clips = 2, 5
	r := newRig(t)
	var running, most atomic.Int32
	begun, goOn := make(chan struct{}, clips), make(chan struct{})
	cfg := transcode(func(ctx context.Context, _ tidings.StepRun) error {
		n := running.Add(1)
		defer running.Add(-1)

		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}

		begun <- struct{}{}

		select {
		case <-goOn:
		case <-ctx.Done():
		}

		return ctx.Err()
	})
	cfg.Slots = map[tidings.Step]int{tidings.StepTranscode: slots}
	r.start(cfg)
	var ids []tidings.ID
	for range clips {
		ids = append(ids, r.recorded())
	}

	for range slots {
		take(t, "a run", begun)
	}

	close(goOn)

	for _, id := range ids {
		r.until(id, tidings.StepDone)
	}

	if most.Load() != slots {
		t.Fatalf("%d ran at once", most.Load())
	}
}

// TestSilentRecordingYields: a clip whose recorder is silent leaves the only
// slot to one that waits, and goes on when that has ended.
func TestSilentRecordingYields(t *testing.T) {
	r := newRig(t)
	runs := make(chan tidings.StepRun, 10)
	var silent atomic.Value // the clip that has to give way
	silent.Store(tidings.ID(""))
	cfg := transcode(func(ctx context.Context, run tidings.StepRun) error {
		runs <- run
		if run.ClipID == silent.Load() && run.Attempt == 1 {
			<-ctx.Done()
			return ctx.Err()
		}
		silent.Store(tidings.ID("")) // the slot is free again
		return nil
	})
	cfg.YieldInterval = 20 * time.Millisecond
	var waits atomic.Bool
	cfg.ShouldYield = func(_ context.Context, clip tidings.ID, _ tidings.Step) (bool, error) {
		return waits.Load() && clip == silent.Load(), nil
	}

	first := r.recorded()
	silent.Store(first)
	r.start(cfg)

	if run := take(t, "the silent one", runs); run.ClipID != first {
		t.Fatalf("run %+v", run)
	}

	second := r.recorded()
	waits.Store(true)

	if run := take(t, "the one that waits", runs); run.ClipID != second {
		t.Fatalf("run %+v", run)
	}
	if run := take(t, "the silent one again", runs); run.ClipID != first || run.Attempt != 2 {
		t.Fatalf("run %+v", run)
	}

	r.until(first, tidings.StepDone)
	r.until(second, tidings.StepDone)
	if _, _, errs := r.job(first); errs != 0 {
		t.Errorf("giving way counted as %d errors", errs)
	}
}
