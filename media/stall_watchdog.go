package media

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"
)

// defaultStallTimeout is how long a process may neither read nor write bytes
// while input is available.
const defaultStallTimeout = 5 * time.Minute

// stallWatchdog ends a process that makes no progress. It records when the
// process last read or wrote bytes, and whether it waits for others: a paused
// recording must not end its encoder, nor a busy speech engine its decoder.
type stallWatchdog struct {
	lastActivity     atomic.Int64 // Unix nanoseconds
	waitingForSource atomic.Bool  // a read of the original is in progress
	busyConsumers    atomic.Int64 // outputs whose consumer has taken bytes and asks for no more yet
	timeout          time.Duration
}

func newStallWatchdog(stall time.Duration) *stallWatchdog {
	p := &stallWatchdog{timeout: stall}
	p.recordActivity()
	return p
}

// recordActivity records activity of the process.
func (w *stallWatchdog) recordActivity() { w.lastActivity.Store(time.Now().UnixNano()) }

// endIfStalled cancels the process with errStalled when it makes no progress
// although input is available. It returns when ctx ends.
func (w *stallWatchdog) endIfStalled(ctx context.Context, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(w.timeout / 10)
	defer tick.Stop()

	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if w.isStalled(now) {
				cancel(errStalled)
				return
			}
		}
	}
}

// isStalled reports whether the process has made no progress for too long, and
// waits neither for its input nor for a consumer of its outputs.
func (w *stallWatchdog) isStalled(now time.Time) bool {
	if w.waitingForSource.Load() || w.busyConsumers.Load() > 0 {
		return false
	}
	return now.UnixNano()-w.lastActivity.Load() > w.timeout.Nanoseconds()
}

// feedStdin copies src into a process's stdin until src ends, the process closes
// its stdin, or src fails. A failure of src ends the process: a truncated
// original must not be taken for a complete one.
func (w *stallWatchdog) feedStdin(stdin io.WriteCloser, src io.Reader, cancel context.CancelCauseFunc) {
	defer stdin.Close()

	buf := make([]byte, 64<<10)
	for {
		w.waitingForSource.Store(true)
		n, err := src.Read(buf)
		w.waitingForSource.Store(false)
		w.recordActivity()
		if n > 0 {
			if _, werr := stdin.Write(buf[:n]); werr != nil {
				return
			}
			w.recordActivity()
		}

		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return
		default:
			cancel(&sourceError{err})
			return
		}
	}
}

// sourceError is a failure to read the original, as opposed to one of ffmpeg.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return "read the original: " + e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

// touchOnRead is an output of the process with a touch at each read. Between two
// reads its consumer is busy.
func (w *stallWatchdog) touchOnRead(r io.Reader) *touchingReader {
	return &touchingReader{watchdog: w, r: r}
}

type touchingReader struct {
	watchdog *stallWatchdog
	r        io.Reader
	busy     bool
}

// Read implements io.Reader.
func (b *touchingReader) Read(buf []byte) (int, error) {
	b.setBusy(false)
	n, err := b.r.Read(buf)
	b.setBusy(n > 0)
	return n, err
}

// setBusy says whether the consumer is working on what it has read.
func (b *touchingReader) setBusy(busy bool) {
	b.watchdog.recordActivity()

	switch {
	case busy && !b.busy:
		b.watchdog.busyConsumers.Add(1)
	case !busy && b.busy:
		b.watchdog.busyConsumers.Add(-1)
	}
	b.busy = busy
}
