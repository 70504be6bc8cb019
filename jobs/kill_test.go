package jobs_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"tidings.example/tidings/jobs"
	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// victimDir tells a copy of this test binary to be the worker that is killed.
const victimDir = "TIDINGS_TEST_VICTIM_DIR"

// workForEver begins the step of one clip, says so, and never ends it.
func workForEver(ctx context.Context, dir string) error {
	s, err := store.Open(ctx, store.Config{Dir: dir})
	if err != nil {
		return err
	}

	ids, err := s.ClipIDs(ctx, "", 1)
	if err != nil {
		return err
	}

	if len(ids) == 0 {
		if _, err := recorded(ctx, s); err != nil {
			return err
		}
	}

	cfg := transcode(func(ctx context.Context, run tidings.StepRun) error {
		fmt.Println(run.ClipID, run.Attempt)
		<-ctx.Done()
		return ctx.Err()
	})
	cfg.Rows, cfg.WorkerID = s, fmt.Sprint("victim-", os.Getpid())
	j, err := jobs.New(cfg)
	if err != nil {
		return err
	}
	if err := j.Start(ctx); err != nil {
		return err
	}

	<-ctx.Done()
	return nil
}

// TestKilledWorkersStepGoesOn kills one process after the other amid a step;
// each goes on where the queue stood, with the next attempt, and the last one
// ends it.
func TestKilledWorkersStepGoesOn(t *testing.T) {
	storetest.SkipOnPostgres(t, "the victims share a file")
	const kills = 3
	dir := t.TempDir()
	var clip tidings.ID
	for i := range kills {
		cmd := exec.Command(os.Args[0])
		cmd.Env, cmd.Stderr = append(os.Environ(), victimDir+"="+dir), os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}

		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatalf("the victim ended: %v", err)
		}

		var attempt int64
		if _, err := fmt.Sscan(line, &clip, &attempt); err != nil || attempt != int64(i+1) {
			t.Fatalf("victim %d says %q, %v", i, line, err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the victim ended well")
		}
	}

	r := openRig(t, dir)
	runs := make(chan tidings.StepRun, 1)
	r.start(transcode(func(_ context.Context, run tidings.StepRun) error { runs <- run; return nil }))
	if run := take(t, "a run after the kills", runs); run.Attempt != kills+1 || run.ClipID != clip {
		t.Fatalf("run %+v", run)
	}

	r.until(clip, tidings.StepDone)
}
