package admin

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Finding is what `tidings doctor` reports of one thing.
type Finding struct {
	Name string `json:"name"`
	// State is "ok", "warn" (something is missing but the product runs) or
	// "fail" (it does not).
	State string `json:"state"`
	Text  string `json:"text"`
}

// Check examines one thing the server needs and changes nothing.
type Check func(ctx context.Context) []Finding

const examineTimeout = 30 * time.Second

// Examine runs checks in order.
func Examine(ctx context.Context, checks ...Check) (out []Finding) {
	ctx, cancel := context.WithTimeout(ctx, examineTimeout)
	defer cancel()

	for _, check := range checks {
		out = append(out, check(ctx)...)
	}

	return out
}

// Failed reports whether something the server needs is not right.
func Failed(findings []Finding) bool {
	for _, f := range findings {
		if f.State == "fail" {
			return true
		}
	}
	return false
}

func reportOK(name, format string, args ...any) []Finding {
	return []Finding{{name, "ok", fmt.Sprintf(format, args...)}}
}

func reportWarning(name, format string, args ...any) []Finding {
	return []Finding{{name, "warn", fmt.Sprintf(format, args...)}}
}

func reportFailure(name, format string, args ...any) []Finding {
	return []Finding{{name, "fail", fmt.Sprintf(format, args...)}}
}

// CheckServer reports whether a server runs on the data folder.
func CheckServer(data string) Check {
	return func(context.Context) []Finding {
		if ServerRuns(data) {
			return reportOK("server", "runs on %s", data)
		}
		return reportOK("server", "does not run now")
	}
}

// CheckDataDir checks that the data folder, or its nearest parent, can be
// written and has user extended attributes, which the embedded storage uses.
func CheckDataDir(data string) Check {
	return func(context.Context) []Finding {
		dir := data
		for {
			if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
				break
			}
			dir = filepath.Dir(dir)
		}

		f, err := os.CreateTemp(dir, ".doctor-")
		if err != nil {
			return reportFailure("data", "%s cannot be written: %v", dir, err)
		}
		defer os.Remove(f.Name())
		defer f.Close()

		if err := syscall.Setxattr(f.Name(), "user.tidings", []byte("1"), 0); err != nil {
			return reportFailure("data", "the file system of %s has no user extended attributes: %v", dir, err)
		}

		return reportOK("data", "%s", data)
	}
}

// lowDiskSpace is the free space in bytes below which a recording of some hours
// may not fit.
const lowDiskSpace = 5 << 30

// CheckDiskSpace reports the free space of the data folder's file system.
func CheckDiskSpace(data string) Check {
	return func(context.Context) []Finding {
		dir := data
		var st syscall.Statfs_t
		for syscall.Statfs(dir, &st) != nil && dir != filepath.Dir(dir) {
			dir = filepath.Dir(dir)
		}

		free := st.Bavail * uint64(st.Bsize)
		text := fmt.Sprintf("%.1f GiB free", float64(free)/(1<<30))
		if free < lowDiskSpace {
			return reportWarning("disk", "%s", text)
		}

		return reportOK("disk", "%s", text)
	}
}

// CheckProgram checks that a program of the ffmpeg family runs.
func CheckProgram(name, path string) Check {
	return func(ctx context.Context) []Finding {
		out, err := exec.CommandContext(ctx, path, "-version").Output()
		if err != nil {
			return reportFailure(name, "%s does not run (%v); on Debian: apt-get install ffmpeg", path, err)
		}
		line, _, _ := strings.Cut(string(out), "\n")
		return reportOK(name, "%s", line)
	}
}

// CheckText reports a fact that is always fine.
func CheckText(name, text string) Check {
	return func(context.Context) []Finding { return reportOK(name, "%s", text) }
}
