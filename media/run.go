package media

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"tidings.example/tidings/logtail"
)

// input is where ffmpeg reads the original from: a pipe or one private file.
type input struct {
	reader io.Reader // nil = file
	file   string    // absolute
	dir    string    // the job's private folder
}

func (i input) ffmpegURL() string {
	if i.reader != nil {
		return "pipe:0"
	}
	return "file:" + i.file
}

func (i input) protocolWhitelist() string {
	if i.reader != nil {
		return "pipe"
	}
	return "file"
}

// process is one sandboxed run of ffmpeg or ffprobe.
type process struct {
	program string // absolute path
	args    []string
	stdin   io.Reader // nil = none; not read after runProcess has returned, except for a Read in progress
	stdout  io.Writer // nil = discarded; may take as long as it likes, and must return an error soon after the context has ended
	dir     string    // the only folder it may write to; "" = none
	outputs []func(io.Reader) error
	timeout time.Duration // of the whole run; 0 = a run that follows a recording
}

// usage is the cost of a process and its log.
type usage struct {
	CPU    time.Duration
	MaxRSS int64 // bytes
	Log    string
}

const (
	stderrKept = 64 << 10        // bytes
	logDelay   = 3 * time.Second // how long a process that has ended may go on complaining through its children
)

var (
	errStalled = errors.New("it stands still")
	errTooLong = errors.New("it takes too long")
)

// runProcess is the only place that starts ffmpeg or ffprobe. The child is our
// own binary as __guard, which sets its resource limits, confines itself to the
// job's folder (Landlock) and then executes the program. The child has a process
// group of its own, is killed when this process dies, and holds one of a limited
// number of slots. Every output is read to its end, however slowly: ffmpeg blocks
// on a full pipe and fails on a closed one. An error of an output or of stdin
// ends the process.
func (m *Media) runProcess(ctx context.Context, p process) (usage, error) {
	leave, err := m.acquireSlot(ctx, p)
	if err != nil {
		return usage{}, err
	}
	defer leave()

	if p.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, p.timeout, errTooLong)
		defer cancel()
	}

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	cmd := exec.CommandContext(ctx, m.cfg.Self, sandboxArgs(p)...)
	cmd.Dir = p.dir
	if p.dir == "" {
		cmd.Dir = m.cfg.Dir
		if err := os.MkdirAll(cmd.Dir, 0o750); err != nil {
			return usage{}, err
		}
	}

	cmd.Env = []string{"PATH=/usr/bin:/bin", "LANG=C", "HOME=" + cmd.Dir, "TMPDIR=" + cmd.Dir}
	log := &logtail.Buffer{Max: stderrKept}
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = logDelay
	watchdog := newStallWatchdog(m.stallTimeout)
	drained, err := startProcess(cmd, p, watchdog, cancel)
	if err != nil {
		return usage{}, err
	}

	go watchdog.endIfStalled(ctx, cancel)
	err = waitForProcess(cmd)
	drained()
	u := usage{Log: log.String()}
	if ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.CPU, u.MaxRSS = time.Duration(ru.Utime.Nano()+ru.Stime.Nano()), ru.Maxrss<<10
	}

	cause := context.Cause(ctx)
	if errors.Is(cause, errStalled) || errors.Is(cause, errTooLong) {
		cause, err = nil, cause
	}

	if cause != nil {
		return u, cause
	}
	return u, ffmpegFailure(cmd, p, u, err)
}

// ffmpegFailure is the error of a process that has ended with err; nil when it
// succeeded. ffmpeg does not fail, and may not even complain, when it cannot
// write a file of a playlist: one that writes files has failed if its log or the
// file system says that there is no space.
func ffmpegFailure(cmd *exec.Cmd, p process, u usage, err error) error {
	full := saysDiskFull(u.Log) || p.dir != "" && p.stdout == nil && isDiskFull(p.dir)
	if err == nil && !full {
		return nil
	}
	if err == nil {
		err = syscall.ENOSPC
	}
	_, statErr := os.Stat(cmd.Dir)
	return &ffmpegError{program: filepath.Base(p.program), err: err, log: lastLines(u.Log, 6),
		folderLost: errors.Is(statErr, fs.ErrNotExist), diskFull: full || isDiskFull(cmd.Dir)}
}

// acquireSlot waits for a process slot and returns its release. Short processes
// and those that follow a recording are counted separately, because the latter
// depend on the former.
func (m *Media) acquireSlot(ctx context.Context, p process) (leave func(), err error) {
	slots := m.shortSlots
	if p.timeout == 0 {
		slots = m.longSlots
	}
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
