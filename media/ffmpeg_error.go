package media

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
)

// ffmpegError is a run of ffmpeg or ffprobe that failed by itself.
type ffmpegError struct {
	program    string
	err        error
	log        string // the last lines of its standard error
	folderLost bool   // the job's folder was removed while it ran
}

func (e *ffmpegError) Error() string { return fmt.Sprintf("%s: %v: %s", e.program, e.err, e.log) }
func (e *ffmpegError) Unwrap() error { return e.err }

// isMachineFault reports whether the machine failed rather than the input: the
// disk is full, memory ran out, its folder was removed, or the process was killed
// from outside. A retry may succeed.
func (e *ffmpegError) isMachineFault() bool {
	if e.folderLost {
		return true
	}

	for _, s := range []string{"No space left on device", "Disk quota exceeded", sandboxErrorPrefix} {
		if strings.Contains(e.log, s) {
			return true
		}
	}

	exit, ok := e.err.(*exec.ExitError)
	if !ok {
		return e.err != errStalled
	}

	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && (status.Signal() == syscall.SIGKILL || status.Signal() == syscall.SIGTERM)
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " | ")
}

// isFFmpegFault reports whether ffmpeg itself rejected the bytes: the step was
// not cancelled, and neither storage, the source nor the machine failed.
func isFFmpegFault(ctx context.Context, err error) bool {
	var f *ffmpegError
	return ctx.Err() == nil && errors.As(err, &f) && !f.isMachineFault()
}
