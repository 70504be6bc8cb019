package media

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"tidings.example/tidings/tidings"
)

// ffmpegError is a run of ffmpeg or ffprobe that failed by itself.
type ffmpegError struct {
	program    string
	err        error
	log        string // the last lines of its standard error
	folderLost bool   // the job's folder was removed while it ran
	diskFull   bool   // it could not write for want of space
}

func (e *ffmpegError) Error() string { return fmt.Sprintf("%s: %v: %s", e.program, e.err, e.log) }
func (e *ffmpegError) Unwrap() error { return e.err }

// Is implements errors.Is for tidings.ErrStorageFull.
func (e *ffmpegError) Is(target error) bool { return target == tidings.ErrStorageFull && e.diskFull }

// fullDiskMessages are what libc, and so ffmpeg, says of ENOSPC and EDQUOT.
var fullDiskMessages = []string{"No space left on device", "Disk quota exceeded"}

// saysDiskFull reports whether a log of ffmpeg mentions a full disk.
func saysDiskFull(log string) bool {
	return slices.ContainsFunc(fullDiskMessages, func(m string) bool { return strings.Contains(log, m) })
}

// minFreeSpace is the free space in bytes below which a failure of ffmpeg is put
// down to the disk, whatever its message.
const minFreeSpace = 1 << 20

// isDiskFull reports whether the file system of a folder has no space left.
func isDiskFull(dir string) bool {
	var st syscall.Statfs_t
	return syscall.Statfs(dir, &st) == nil && st.Bavail*uint64(st.Bsize) < minFreeSpace
}

// isMachineFault reports whether the machine failed rather than the input: the
// disk is full, memory ran out, its folder was removed, or the process was killed
// from outside. A retry may succeed.
func (e *ffmpegError) isMachineFault() bool {
	if e.folderLost || e.diskFull || strings.Contains(e.log, sandboxErrorPrefix) {
		return true
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
