package transcribe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tidings.example/tidings/logtail"
	"tidings.example/tidings/tidings"
)

// maxOutput bounds the output of a program for one piece, in bytes.
const maxOutput = 16 << 20

// stderrKept is how much of a program's log an error has, in bytes.
const stderrKept = 2000

var (
	errCommandTimeout = errors.New("the speech program takes too long")
	errCommandOutput  = fmt.Errorf("the speech program wrote more than %d bytes", maxOutput)
)

// commandRun is one run of a program.
type commandRun struct {
	args    []string
	dir     string
	stdin   io.Reader // nil = none
	self    string
	memory  int64
	timeout time.Duration
}

// runProgram runs the program in a process group of its own and returns its
// standard output. Processes that it has started end with it.
func (r commandRun) runProgram(ctx context.Context) ([]byte, error) {
	parent := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	ctx, stop := context.WithTimeoutCause(ctx, r.timeout, errCommandTimeout)
	defer stop()

	cmd := exec.CommandContext(ctx, r.self, append([]string{"__command", r.dir, strconv.FormatInt(r.memory, 10)}, r.args...)...)
	cmd.Dir = r.dir

	// Our own environment is not passed on: it contains secrets.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "HOME=" + r.dir, "TMPDIR=" + r.dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	kill := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel, cmd.WaitDelay = kill, time.Second
	out, err := newProgramOutput(func() { cancel(errCommandOutput) })
	if err != nil {
		return nil, err
	}

	log := &logtail.Buffer{Max: stderrKept}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = r.stdin, out.childEnd, log
	err = cmd.Start()
	out.readAlong()

	if err == nil {
		err = cmd.Wait()
	}

	text := out.readRest()
	if cmd.Process == nil {
		return nil, err
	}

	if kerr := kill(); kerr != nil && !errors.Is(kerr, syscall.ESRCH) {
		err = errors.Join(err, kerr)
	}

	cause := context.Cause(ctx)
	switch {
	case parent.Err() != nil:
		return nil, parent.Err()
	case cause != nil:
		return nil, cause
	case errors.Is(err, exec.ErrWaitDelay): // a process that it left behind kept its log open
		err = nil
	}

	if err != nil {
		err = fmt.Errorf("the speech program failed: %w: %s", err, strings.TrimSpace(log.String()))
		if strings.Contains(log.String(), "No space left on device") {
			return nil, tidings.StorageFull(err)
		}
		return nil, err
	}

	return text, nil
}

// readOutput reads the file that a program wrote in its folder.
func readOutput(dir string) ([]byte, error) {
	for _, ending := range []string{".json", ".vtt", ".srt"} {
		f, err := os.OpenFile(filepath.Join(dir, "out"+ending), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}

		b, err := io.ReadAll(io.LimitReader(f, maxOutput+1))
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		if len(b) > maxOutput {
			return nil, errCommandOutput
		}
		return b, nil
	}
	return nil, errors.New("the speech program wrote none of out.json, out.vtt and out.srt")
}
