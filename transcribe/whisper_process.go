package transcribe

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"tidings.example/tidings/logtail"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/libwhisper"
)

// whisperIdle is how long the child of an engine is kept without work. Loading
// the model again takes 0.1 to 1 s.
const whisperIdle = time.Minute

// errLibraryRefused says that the library cannot be used on this machine.
var errLibraryRefused = errors.New("libwhisper cannot be used")

// whisperProcess transcribes pieces, one at a time, in a child process that is
// started on demand and keeps the model. A crash is the error of one piece.
type whisperProcess struct {
	self    string
	timeout time.Duration // of one piece
	idle    time.Duration
	turn    chan struct{} // capacity 1: holds a value while a piece is transcribed
	child   *whisperChild // nil = none; used by who has the turn
	stop    *time.Timer   // ends an idle child; nil = none was started yet
}

func newWhisperProcess(self string, timeout, idle time.Duration) *whisperProcess {
	return &whisperProcess{self: self, timeout: timeout, idle: idle, turn: make(chan struct{}, 1)}
}

// whisperFiles are the files that a child has opened.
type whisperFiles struct {
	library, model string
	memory         int64 // bytes that it may allocate; 0 = no limit
	version        string
}

// transcribe transcribes one piece. errLibraryRefused means that no child will
// ever do so with this library.
func (p *whisperProcess) transcribeSamples(ctx context.Context, files whisperFiles, r whisperRequest, pcm []byte) (libwhisper.Result, error) {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return libwhisper.Result{}, ctx.Err()
	}
	defer func() { <-p.turn }()

	ctx, cancel := context.WithTimeoutCause(ctx, p.timeout, errCommandTimeout)
	defer cancel()

	if p.stop != nil {
		p.stop.Stop()
	}

	result, err := p.exchange(ctx, files, r, pcm)
	if err != nil {
		p.endChild()
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return result, err
	}

	p.stop = time.AfterFunc(p.idle, p.endIdleChild)
	return result, nil
}

// exchange sends a request to the child, which it starts if needed, and returns
// the answer.
func (p *whisperProcess) exchange(ctx context.Context, files whisperFiles, r whisperRequest, pcm []byte) (libwhisper.Result, error) {
	if p.child != nil && p.child.files != files {
		p.endChild()
	}

	if p.child == nil {
		child, err := startWhisperChild(p.self, files)
		if err != nil {
			return libwhisper.Result{}, err
		}
		p.child = child
	}

	return p.child.transcribePiece(ctx, r, pcm)
}

// endIdleChild ends the child unless it has work again.
func (p *whisperProcess) endIdleChild() {
	select {
	case p.turn <- struct{}{}:
		p.endChild()
		<-p.turn
	default:
	}
}

// endChild ends the child and waits until its memory is returned.
func (p *whisperProcess) endChild() {
	if p.child != nil {
		p.child.kill()
		<-p.child.ended
		p.child = nil
	}
}

// whisperChild is a running child.
type whisperChild struct {
	files   whisperFiles
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Scanner
	log     *logtail.Buffer
	ready   bool
	closing sync.Once
	exit    error         // valid once ended is closed
	ended   chan struct{} // closed when the process has ended
}

// startWhisperChild starts a child that may write no files and is niced.
func startWhisperChild(self string, files whisperFiles) (*whisperChild, error) {
	const none = "/dev" // the only place in which it may write
	cmd := exec.Command(self, "__command", none, "0", self, "__whisper", files.library, files.model, strconv.FormatInt(files.memory, 10))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}

	// Threads that wait for each other sleep: on a busy machine spinning makes them
	// ten times slower.
	cmd.Env = []string{"OMP_WAIT_POLICY=passive", "GGML_NO_BACKTRACE=1", "LANG=C"}
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}

	out, pipe, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer pipe.Close()

	log := &logtail.Buffer{Max: whisperLog}
	cmd.Stdout, cmd.Stderr = pipe, log
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, in.Close(), out.Close())
	}

	c := &whisperChild{files: files, cmd: cmd, in: in, answers: bufio.NewScanner(out), log: log, ended: make(chan struct{})}
	c.answers.Buffer(make([]byte, 64<<10), maxOutput)
	go func() {
		c.exit = cmd.Wait()
		close(c.ended)
		out.Close()
	}()
	return c, nil
}

func (c *whisperChild) kill() {
	c.closing.Do(func() {
		_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		_ = c.in.Close()
	})
}

// transcribePiece transcribes one piece, and first waits until the model is
// loaded. The end of ctx ends the child.
func (c *whisperChild) transcribePiece(ctx context.Context, r whisperRequest, pcm []byte) (libwhisper.Result, error) {
	stop := context.AfterFunc(ctx, c.kill)
	defer stop()

	if !c.ready {
		m, err := c.readMessage()
		if err != nil {
			return libwhisper.Result{}, err
		}
		c.ready = m.Ready
	}

	line, err := json.Marshal(r)
	if err == nil {
		_, err = c.in.Write(append(line, '\n'))
	}

	if err == nil {
		_, err = c.in.Write(pcm)
	}

	if err != nil {
		return libwhisper.Result{}, c.endError(err)
	}

	m, err := c.readMessage()
	if err == nil && m.Result == nil {
		err = errors.New("the speech process gave no answer")
	}

	if err != nil {
		return libwhisper.Result{}, err
	}

	return *m.Result, nil
}

// readMessage reads the child's next line.
func (c *whisperChild) readMessage() (m whisperMessage, err error) {
	if !c.answers.Scan() {
		return m, c.endError(c.answers.Err())
	}

	if err := json.Unmarshal(c.answers.Bytes(), &m); err != nil {
		return m, fmt.Errorf("the speech process wrote %.80q: %w", c.answers.Text(), err)
	}

	switch {
	case m.Refused != "":
		return m, fmt.Errorf("%w: %s", errLibraryRefused, m.Refused)
	case m.Error != "":
		return m, errors.New(m.Error)
	}

	return m, nil
}

// endError is the error of a child that has ended, or whose pipes have.
func (c *whisperChild) endError(cause error) error {
	c.kill()
	<-c.ended
	log := crashLines(c.log.String())
	err := fmt.Errorf("the speech process ended early: %w: %s", errors.Join(cause, c.exit), log)
	switch {
	case c.isIllegalInstruction(log):
		return fmt.Errorf("%w: %w: %w", errLibraryRefused, libwhisper.ErrProcessor, err)
	case strings.Contains(log, "No space left on device"):
		return tidings.StorageFull(err)
	}
	return err
}

// whisperLog is how much of a child's log is kept, in bytes: the Go runtime writes
// its goroutines and registers after the message of a crash.
const whisperLog = 64 << 10

// crashLines are the end of a log, or what precedes and begins a crash in it.
func crashLines(log string) string {
	if i := strings.Index("\n"+log, "\nSIG"); i >= 0 {
		log = log[:min(len(log), i+stderrKept/10)]
	}
	return strings.ToValidUTF8(strings.TrimSpace(log[max(0, len(log)-stderrKept):]), "")
}

// isIllegalInstruction reports whether the processor does not know an instruction
// of the library. The Go runtime makes a message of the signal.
func (c *whisperChild) isIllegalInstruction(log string) bool {
	var exit *exec.ExitError
	if errors.As(c.exit, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGILL {
			return true
		}
	}
	return strings.Contains(log, "SIGILL: illegal instruction")
}
