package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// input is where ffmpeg reads the original from: a pipe or one private file.
type input struct {
	reader io.Reader // nil = file
	file   string    // absolute
	dir    string    // the job's private folder
}

func (i input) url() string {
	if i.reader != nil {
		return "pipe:0"
	}
	return "file:" + i.file
}

func (i input) protocols() string {
	if i.reader != nil {
		return "pipe"
	}
	return "file"
}

// process is one guarded run of ffmpeg or ffprobe.
type process struct {
	program string // absolute path
	args    []string
	stdin   io.Reader // nil = none
	stdout  io.Writer // nil = dropped
	dir     string    // the only folder it may write to; "" = none
	outputs []func(io.Reader) error
	timeout time.Duration // 0 = as long as ctx
}

// usage is what a process cost.
type usage struct {
	CPU    time.Duration
	MaxRSS int64 // bytes
	Log    string
}

const stderrKept = 64 << 10

// run is the only place that starts ffmpeg or ffprobe. The child is our own
// binary as __guard, which takes limits upon itself, shuts itself into the
// job's folder (Landlock) and then becomes the program; it has a process group
// of its own, dies with us, and every extra output is drained to its end
// (ffmpeg blocks on a full pipe and fails on a closed one).
func (m *Media) run(ctx context.Context, p process) (usage, error) {
	if p.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.timeout)
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, m.cfg.Self, guardArgs(p)...)
	cmd.Dir = p.dir
	if p.dir == "" {
		cmd.Dir = m.cfg.Dir
	}
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LANG=C", "HOME=" + cmd.Dir, "TMPDIR=" + cmd.Dir}
	cmd.Stdin, cmd.Stdout = p.stdin, p.stdout
	log := &tail{max: stderrKept}
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 3 * time.Second
	drained, err := start(cmd, p.outputs)
	if err != nil {
		return usage{}, err
	}
	err = cmd.Wait()
	err = errors.Join(err, drained())
	u := usage{Log: log.String()}
	if ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.CPU, u.MaxRSS = time.Duration(ru.Utime.Nano()+ru.Stime.Nano()), ru.Maxrss<<10
	}
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", p.program, err, lastLines(u.Log, 6))
	}
	return u, err
}

// start starts cmd with one pipe per extra output (fd 3, 4, …) and returns a
// function that waits until all have been read to their end.
func start(cmd *exec.Cmd, outputs []func(io.Reader) error) (drained func() error, err error) {
	var ours, theirs []*os.File
	defer func() {
		for _, f := range theirs {
			f.Close() // the child has its own copies
		}
	}()
	for range outputs {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		ours, theirs = append(ours, r), append(theirs, w)
	}
	cmd.ExtraFiles = theirs
	if err := cmd.Start(); err != nil {
		for _, f := range ours {
			f.Close()
		}
		return nil, err
	}
	var wg sync.WaitGroup
	errs := make([]error, len(outputs))
	for i, read := range outputs {
		wg.Go(func() {
			errs[i] = read(ours[i])
			_, cerr := io.Copy(io.Discard, ours[i])
			errs[i] = errors.Join(errs[i], cerr, ours[i].Close())
		})
	}
	return func() error { wg.Wait(); return errors.Join(errs...) }, nil
}

// tail keeps the last bytes written to it.
type tail struct {
	mu  sync.Mutex
	max int
	b   []byte
}

// Write implements io.Writer and never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if n := len(t.b) - t.max; n > 0 {
		t.b = append(t.b[:0], t.b[n:]...)
	}
	return len(p), nil
}

// String is what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " | ")
}
