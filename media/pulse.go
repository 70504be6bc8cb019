package media

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"
)

// stallAfter is how long a process may neither take nor give bytes while there
// is input for it.
const stallAfter = 5 * time.Minute

// pulse knows when a process last took or gave bytes, and whether it is us who
// keep it waiting: a recording that pauses is no reason to end its encoder.
type pulse struct {
	last    atomic.Int64 // Unix nanoseconds
	waiting atomic.Bool  // for the original
	stall   time.Duration
}

func newPulse(stall time.Duration) *pulse {
	p := &pulse{stall: stall}
	p.beat()
	return p
}

func (p *pulse) beat() { p.last.Store(time.Now().UnixNano()) }

// watch ends a process that stands still although there is input for it.
func (p *pulse) watch(ctx context.Context, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(p.stall / 10)
	defer tick.Stop()

	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if !p.waiting.Load() && now.UnixNano()-p.last.Load() > p.stall.Nanoseconds() {
				cancel(errStalled)
				return
			}
		}
	}
}

// feed copies src into a process's stdin until src ends, the process wants no
// more, or src fails, which ends the process: half an original must not pass
// for a whole one.
func (p *pulse) feed(stdin io.WriteCloser, src io.Reader, cancel context.CancelCauseFunc) {
	defer stdin.Close()

	buf := make([]byte, 64<<10)
	for {
		p.waiting.Store(true)
		n, err := src.Read(buf)
		p.waiting.Store(false)
		p.beat()
		if n > 0 {
			if _, werr := stdin.Write(buf[:n]); werr != nil {
				return
			}
			p.beat()
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

// reader is r with a beat at each read.
func (p *pulse) reader(r io.Reader) io.Reader { return &beating{p, r} }

type beating struct {
	p *pulse
	r io.Reader
}

// Read implements io.Reader.
func (b *beating) Read(buf []byte) (int, error) {
	n, err := b.r.Read(buf)
	b.p.beat()
	return n, err
}
