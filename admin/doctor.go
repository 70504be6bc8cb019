package admin

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
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
	// Fix is what to do about it: settings as --flags, or commands. "" only with
	// state "ok".
	Fix string `json:"fix,omitempty"`
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
	return []Finding{{Name: name, State: "ok", Text: fmt.Sprintf(format, args...)}}
}

func reportWarning(name, fix, format string, args ...any) []Finding {
	return []Finding{{Name: name, State: "warn", Text: fmt.Sprintf(format, args...), Fix: fix}}
}

func reportFailure(name, fix, format string, args ...any) []Finding {
	return []Finding{{Name: name, State: "fail", Text: fmt.Sprintf(format, args...), Fix: fix}}
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
			return reportFailure("data", fmt.Sprintf("Set --data to a folder that the user %s can write, or give it this one: chown -R %[1]s %[2]s", currentUser(), dir),
				"%s cannot be written: %v", dir, err)
		}
		defer os.Remove(f.Name())
		defer f.Close()

		if err := syscall.Setxattr(f.Name(), "user.tidings", []byte("1"), 0); err != nil {
			return reportFailure("data", "Put --data on ext4, xfs, btrfs or zfs; network and container file systems often have no attributes (NFS before 4.2, overlay on old kernels).",
				"the file system of %s has no user extended attributes: %v", dir, err)
		}

		return reportOK("data", "%s", data)
	}
}

// lowDiskSpace is the free space in bytes below which a recording of some hours
// may not fit.
const lowDiskSpace = 5 << 30

// CheckDiskSpace reports the free space of the data folder's file system, and
// whether it is below the floor at which no new recording begins.
func CheckDiskSpace(data string, floor int64, measure func(dir string) (int64, error)) Check {
	const fix = "Free space there, move --data to a larger disk, or keep the originals elsewhere with --s3-endpoint."
	gib := func(n int64) float64 { return float64(n) / (1 << 30) }
	return func(context.Context) []Finding {
		free, err := measure(data)
		switch {
		case err != nil:
			return reportFailure("disk", fix, "%v", err)
		case free < floor:
			return reportFailure("disk", fix+" Or lower --min-free-bytes.", "%.1f GiB free on the file system of %s: new recordings are refused below %.1f GiB", gib(free), data, gib(floor))
		case free < lowDiskSpace:
			return reportWarning("disk", fix, "%.1f GiB free on the file system of %s", gib(free), data)
		}
		return reportOK("disk", "%.1f GiB free", gib(free))
	}
}

// CheckProgram checks that a program of the ffmpeg family runs.
func CheckProgram(name, path string) Check {
	return func(ctx context.Context) []Finding {
		out, err := exec.CommandContext(ctx, path, "-version").Output()
		if err != nil {
			return reportFailure(name, fmt.Sprintf("Install it (on Debian: apt-get install ffmpeg), or set --%s to the path of the program.", name), "%s does not run: %v", path, err)
		}
		line, _, _ := strings.Cut(string(out), "\n")
		return reportOK(name, "%s", line)
	}
}

// currentUser is the name of the user of this process, or its number.
func currentUser() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return strconv.Itoa(os.Getuid())
}

// CheckText reports a fact that is always fine.
func CheckText(name, text string) Check {
	return func(context.Context) []Finding { return reportOK(name, "%s", text) }
}
