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
		age      time.Duration
		want     verdict
		pause    time.Duration
	}{
		{"first error", plain, 1, 0, verdictRetry, 0},
		{"last error but one", plain, maxErrors - 1, 0, verdictRetry, 0},
		{"last error", plain, maxErrors, 0, verdictGiveUp, 0},
		{"storage is down", down, 1, 0, verdictPutOff, unavailablePause},
		{"down again and again", down, 100, unavailablePatience - 1, verdictPutOff, unavailablePause},
		{"down for an hour", down, 1, unavailablePatience, verdictRetry, 0},
		{"down for an hour, and the errors count", down, maxErrors, unavailablePatience, verdictGiveUp, 0},
		{"later", RetryAfter(plain, time.Minute), 100, time.Hour, verdictPutOff, time.Minute},
		{"later, wrapped", fmt.Errorf("y: %w", RetryAfter(plain, time.Minute)), 1, 0, verdictPutOff, time.Minute},
		{"never", Permanent(down), 1, 0, verdictGiveUp, 0},
		{"never wins over later", Permanent(RetryAfter(plain, time.Minute)), 1, 0, verdictGiveUp, 0},
		{"invalid", tidings.Invalid("f", "Bad."), 1, 0, verdictGiveUp, 0},
		{"disk is full", fmt.Errorf("write: %w", syscall.ENOSPC), 100, 100 * time.Hour, verdictPutOff, storageFullPause},
		{"disk is full, and called damaged", Permanent(tidings.Wrap(syscall.ENOSPC, tidings.KindUnsupported, "Damaged.")), 100, 100 * time.Hour, verdictPutOff, storageFullPause},
		{"damaged", fmt.Errorf("read: %w", tidings.DamagedOriginal(plain)), 1, 0, verdictGiveUp, 0},
		{"not found", tidings.NotFound(), 1, 0, verdictRetry, 0},
	} {
		if got, pause := judgeError(c.err, c.failures, c.age); got != c.want || pause != c.pause {
			t.Errorf("%s: %s (%v), want %s (%v)", c.name, got, pause, c.want, c.pause)
		}
	}
}

func TestBackoffGrowsToTwoMinutes(t *testing.T) {
	last := time.Duration(0)
	for n := range 20 {
		before := time.Now()
		wait := retryBackoff{}.NextRetry(&rivertype.JobRow{Errors: make([]rivertype.AttemptError, n)}).Sub(before)
		if n == 0 && wait < time.Second || wait < last || wait > 2*time.Minute+time.Second {
			t.Fatalf("after %d errors: %v, before it %v", n+1, wait, last)
		}
		last = wait.Truncate(time.Second)
	}

	if last != 2*time.Minute {
		t.Fatalf("longest %v", last)
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

	for _, name := range []string{"river", "river/riverdriver", "river/riverdriver/riversqlite", "river/rivershared", "river/rivertype"} {
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
