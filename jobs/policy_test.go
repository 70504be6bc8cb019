package jobs

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"

	"tidings.example/tidings/tidings"
)

func TestJudge(t *testing.T) {
	plain := errors.New("x")
	down := tidings.Errorf(tidings.KindUnavailable, "Down.")
	for _, c := range []struct {
		name     string
		err      error
		failures int
		outages  int
		age      time.Duration
		want     verdict
		pause    time.Duration
	}{
		{"first error", plain, 1, 0, 0, verdictRetry, 0},
		{"last error but one", plain, maxErrors - 1, 0, 0, verdictRetry, 0},
		{"last error", plain, maxErrors, 0, 0, verdictGiveUp, 0},
		{"storage is down", down, 1, 0, 0, verdictPutOff, unavailablePause},
		{"down again and again", down, 100, 0, unavailablePatience - 1, verdictPutOff, unavailablePause},
		{"down once more", down, 1, 1, 0, verdictPutOff, 2 * unavailablePause},
		{"down for many runs", down, 1, 50, 0, verdictPutOff, maxUnavailablePause},
		{"down for an hour", down, 1, 0, unavailablePatience, verdictRetry, 0},
		{"down for an hour, and the errors count", down, maxErrors, 0, unavailablePatience, verdictGiveUp, 0},
		{"later", RetryAfter(plain, time.Minute), 100, 0, time.Hour, verdictPutOff, time.Minute},
		{"later, wrapped", fmt.Errorf("y: %w", RetryAfter(plain, time.Minute)), 1, 0, 0, verdictPutOff, time.Minute},
		{"never", Permanent(down), 1, 0, 0, verdictGiveUp, 0},
		{"never wins over later", Permanent(RetryAfter(plain, time.Minute)), 1, 0, 0, verdictGiveUp, 0},
		{"a few tries", FewTries(down), maxFewErrors - 1, 0, 0, verdictRetry, 0},
		{"a few tries, the last", FewTries(down), maxFewErrors, 0, 0, verdictGiveUp, 0},
		{"invalid", tidings.Invalid("f", "Bad."), 1, 0, 0, verdictGiveUp, 0},
		{"disk is full", fmt.Errorf("write: %w", syscall.ENOSPC), 100, 0, 100 * time.Hour, verdictPutOff, storageFullPause},
		{"disk is full, and called damaged", Permanent(tidings.Wrap(syscall.ENOSPC, tidings.KindUnsupported, "Damaged.")), 100, 0, 100 * time.Hour, verdictPutOff, storageFullPause},
		{"damaged", fmt.Errorf("read: %w", tidings.DamagedOriginal(plain)), 1, 0, 0, verdictGiveUp, 0},
		{"not found", tidings.NotFound(), 1, 0, 0, verdictRetry, 0},
	} {
		if got, pause := judgeError(c.err, c.failures, c.outages, c.age); got != c.want || pause != c.pause {
			t.Errorf("%s: %s (%v), want %s (%v)", c.name, got, pause, c.want, c.pause)
		}
	}
}

// TestRetriesSpreadOverHours: the first pause is short, each is longer than the
// one before, and those of a step that fails for good last for hours.
func TestRetriesSpreadOverHours(t *testing.T) {
	var last, total time.Duration
	for n := range maxErrors - 1 {
		before := time.Now()
		wait := retryBackoff{}.NextRetry(&rivertype.JobRow{Errors: make([]rivertype.AttemptError, n)}).Sub(before)
		pause := retryPause(n + 1)
		if pause <= last || wait < pause || wait > pause+pause/4+time.Minute { // a minute for a machine that is slow between the two clocks
			t.Fatalf("after %d errors: %v of %v, before it %v", n+1, wait, pause, last)
		}
		last, total = pause, total+pause
	}

	if total < 3*time.Hour || last != maxRetryPause || retryPause(1) > 10*time.Second || retryPause(1000) != maxRetryPause {
		t.Fatalf("%v in all, the last pause is %v", total, last)
	}
}

// TestRetryReason: a step that waits for long says what for.
func TestRetryReason(t *testing.T) {
	down := tidings.Errorf(tidings.KindUnavailable, "Down.")
	if soon, late := retryReason(down, 1), retryReason(down, 3); soon != "" || late != "Down. It is tried again by itself." {
		t.Errorf("%q, %q", soon, late)
	}
}

// TestJitter: clips that failed together come back at different times.
func TestJitter(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 100 {
		d := addJitter(time.Minute)
		if d < time.Minute || d > time.Minute+15*time.Second {
			t.Fatalf("%v", d)
		}
		seen[d] = true
	}
	if len(seen) < 50 {
		t.Fatalf("%d different pauses of 100", len(seen))
	}
}

// TestOutagesInARow: only runs in a row count, each step counts by itself, and a
// step that waits for a slot has met no outage.
func TestOutagesInARow(t *testing.T) {
	down := tidings.Errorf(tidings.KindUnavailable, "Down.")
	if !isOutage(down) || isOutage(RetryAfter(down, time.Second)) || isOutage(Permanent(down)) || isOutage(FewTries(down)) || isOutage(errors.New("x")) || isOutage(nil) {
		t.Fatal("what an outage is")
	}

	var c outageCounter
	a, b := tidings.StepJob{ClipID: "a"}, tidings.StepJob{ClipID: "b"}
	for i, x := range []struct {
		step        tidings.StepJob
		unavailable bool
		want        int
	}{{a, true, 0}, {a, true, 1}, {b, true, 0}, {a, true, 2}, {a, false, 0}, {a, true, 0}, {b, true, 1}} {
		if got := c.countOutage(x.step, x.unavailable); got != x.want {
			t.Errorf("run %d: %d before it, want %d", i, got, x.want)
		}
	}
}

// TestRiverMovesTogether: River's modules check nothing of each other at run
// time, so go.mod must name one version of them all.
func TestRiverMovesTogether(t *testing.T) {
	text, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}

	versions := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\s*(?:require )?github\.com/riverqueue/(\S+) (v\S+)`).FindAllStringSubmatch(string(text), -1) {
		versions[m[1]] = m[2]
	}

	for _, name := range []string{"river", "river/riverdriver", "river/riverdriver/riverpgxv5", "river/riverdriver/riversqlite", "river/rivershared", "river/rivertype"} {
		if versions[name] == "" {
			t.Errorf("go.mod does not name %s", name)
		}
	}

	for name, version := range versions {
		if version != versions["river"] {
			t.Errorf("%s is at %s, river at %s", name, version, versions["river"])
		}
	}
}
