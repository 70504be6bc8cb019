package transcribe

import (
	"bufio"
	"cmp"
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
	"sync/atomic"
	"syscall"
	"time"

	"tidings.example/tidings/logtail"
	"tidings.example/tidings/tidings"
)

// Vosk is the built-in engine, run in a child process that is a copy of our own
// binary: samples go to its standard input, one JSON object per utterance comes
// out. A crash or a blocked native call cannot take the service down, its memory
// is returned when it ends, and ctx ends it within seconds.
type Vosk struct {
	Files   VoskFiles
	Workers int    // windows decoded at once
	Self    string // our binary, which has the subcommand __speech; "" = the running one

	children, windows atomic.Int64 // running children, and the windows they decode
}

// WindowSlots are the windows that are being decoded, and how many the running
// children decode at once.
func (c *Vosk) WindowSlots() (busy, slots int) {
	return int(c.windows.Load()), int(c.children.Load()) * max(1, c.Workers)
}

// Name implements Engine.
func (*Vosk) Name() string { return "vosk" }

// Model implements Engine.
func (*Vosk) Model() string { return voskModelName }

// Caps implements Engine.
func (*Vosk) Caps() Caps {
	return Caps{WordTimes: true, Confidence: true, Languages: []string{"en"}}
}

// Ready reports which of its files are missing.
func (c *Vosk) Ready() error { return c.Files.checkInstalled() }

// childMessage is one line from the child.
type childMessage struct {
	Segment *tidings.TranscriptSegment `json:"segment,omitempty"`
	Done    bool                       `json:"done,omitempty"`
	Error   string                     `json:"error,omitempty"`
	Windows int                        `json:"windows,omitempty"` // 1: a window is opened, -1: it is decoded
}

// Transcribe implements Engine.
func (c *Vosk) Transcribe(ctx context.Context, pcm io.Reader, _ Options, sink func(tidings.TranscriptSegment) error) error {
	parent := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	cmd := exec.CommandContext(ctx, cmp.Or(c.Self, "/proc/self/exe"), "__speech", c.Files.Library, c.Files.Model, c.Files.VAD, strconv.Itoa(max(1, c.Workers)))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Env = []string{"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "LANG=C"}
	cmd.WaitDelay = time.Second
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}

	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}

	log := &logtail.Buffer{Max: stderrKept}
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		return err
	}

	fed := make(chan error, 1)
	go func() {
		_, err := io.Copy(stdin, pcm)
		fed <- errors.Join(err, stdin.Close())
	}()

	c.children.Add(1)
	done, readErr := c.readMessages(stdout, sink)
	c.children.Add(-1)
	if !done {
		cancel()
	}

	exit := cmd.Wait()

	if !done { // a read of pcm may be blocked
		if c, ok := pcm.(io.Closer); ok {
			c.Close()
		}
	}

	return childError(parent, done, readErr, fed, exit, strings.TrimSpace(log.String()))
}

// childError is the error of a transcription, given all the ways in which it can
// end. Only a child that is done has read its input to the end.
func childError(ctx context.Context, done bool, readErr error, fed <-chan error, exit error, log string) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case readErr != nil:
		return readErr
	case done:
		if err := <-fed; err != nil {
			return fmt.Errorf("read sound: %w", err)
		}
		return nil
	}

	select {
	case err := <-fed: // it may contain the cause
		return fmt.Errorf("the speech process ended early: %w: %s", errors.Join(exit, err), log)
	default:
		return fmt.Errorf("the speech process ended early: %w: %s", exit, log)
	}
}

// readMessages reads the child's lines until it is done or has ended.
func (c *Vosk) readMessages(out io.Reader, sink func(tidings.TranscriptSegment) error) (done bool, err error) {
	open := 0
	defer func() { c.windows.Add(int64(-open)) }() // of a child that has ended early

	lines := bufio.NewScanner(out)
	lines.Buffer(make([]byte, 64<<10), 4<<20)
	for lines.Scan() {
		var m childMessage
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return false, fmt.Errorf("the speech process wrote %.80q: %w", lines.Text(), err)
		}

		open += m.Windows
		c.windows.Add(int64(m.Windows))

		switch {
		case m.Error != "":
			return false, errors.New(m.Error)
		case m.Done:
			return true, nil
		case m.Segment != nil:
			if err := sink(*m.Segment); err != nil {
				return false, err
			}
		}
	}

	return false, lines.Err()
}

// SpeechMain is the hidden subcommand __speech LIBRARY MODEL VAD WORKERS.
func SpeechMain(args []string) int {
	out := json.NewEncoder(os.Stdout)
	if err := serveSpeech(args, os.Stdin, out); err != nil {
		if werr := out.Encode(childMessage{Error: err.Error()}); werr != nil {
			fmt.Fprintln(os.Stderr, err, werr)
		}
		return 1
	}
	return 0
}

func serveSpeech(args []string, in io.Reader, out *json.Encoder) error {
	if len(args) != 4 {
		return errors.New("__speech is private to tidings")
	}

	// Below the server's own priority; a niced process still keeps up with speech.
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, 10); err != nil {
		return err
	}

	workers, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}

	weights, err := loadSilero(args[2])
	if err != nil {
		return err
	}

	engine, err := openVosk(args[0], args[1])
	if err != nil {
		return err
	}

	var writing sync.Mutex
	write := func(m childMessage) error {
		writing.Lock()
		defer writing.Unlock()
		return out.Encode(m)
	}

	w := &windowedEngine{engine: engine, weights: weights, workers: workers, onWindow: func(change int) {
		_ = write(childMessage{Windows: change}) // an error is that of the next segment as well
	}}
	err = w.transcribeWindows(context.Background(), bufio.NewReaderSize(in, 64<<10), func(seg tidings.TranscriptSegment) error {
		return write(childMessage{Segment: &seg})
	})
	if err != nil {
		return err
	}

	return out.Encode(childMessage{Done: true})
}
