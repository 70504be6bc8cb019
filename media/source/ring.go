package source

import (
	"context"
	"io"
	"sync"
	"time"
)

// maxRead bounds one read, so that small bodies touch little of the buffer.
const maxRead = 256 << 10

// ring is the buffer of one Append: a goroutine fills it from the body (fill)
// while the appender stores what is in it (next, release). Pending bytes are
// never moved or overwritten before they are released.
type ring struct {
	mu      sync.Mutex
	buf     []byte
	head, n int           // pending: n bytes from head, around the end of buf
	since   time.Time     // when the oldest pending byte came
	end     error         // why no more bytes come; io.EOF at the end of the body
	idle    bool          // fill is not, and will not be, inside a read
	filled  chan struct{} // something changed for next
	freed   chan struct{} // something changed for fill
}

func newRing(buf []byte) *ring {
	return &ring{buf: buf, filled: make(chan struct{}, 1), freed: make(chan struct{}, 1)}
}

// fill reads body into the ring until its end, until the ring is stopped, or
// until limit bytes came; a byte beyond them ends it with the error excess.
func (r *ring) fill(body io.Reader, limit int64, excess error) {
	for limit > 0 {
		dst := r.reserve(limit)
		if dst == nil {
			r.finish(nil)
			return
		}

		n, err := body.Read(dst)
		limit -= int64(n)
		r.commit(n)
		if err != nil {
			r.finish(err)
			return
		}
	}

	var beyond [1]byte
	n, err := io.ReadFull(body, beyond[:])
	if n > 0 {
		err = excess
	}

	r.finish(err)
}

// reserve waits for free space and returns at most limit bytes of it, nil once
// the ring has been stopped.
func (r *ring) reserve(limit int64) []byte {
	for {
		r.mu.Lock()
		if r.end != nil {
			r.mu.Unlock()
			return nil
		}

		if r.n == 0 {
			r.head = 0 // stay in the pages already touched
		}

		at := (r.head + r.n) % len(r.buf)
		free := min(len(r.buf)-r.n, len(r.buf)-at, maxRead)
		r.mu.Unlock()
		if free > 0 {
			return r.buf[at : at+int(min(int64(free), limit))]
		}

		<-r.freed
	}
}

func (r *ring) commit(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n == 0 || r.end != nil {
		return
	}
	if r.n == 0 {
		r.since = time.Now()
	}
	r.n += n
	poke(r.filled)
}

// stop ends the ring, for fill and for next; the first reason counts. Bytes
// that are pending stay.
func (r *ring) stop(reason error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end == nil {
		r.end = reason
	}
	poke(r.filled)
	poke(r.freed)
}

// finish is stop by fill itself, which reads no more.
func (r *ring) finish(reason error) {
	r.mu.Lock()
	r.idle = true
	r.mu.Unlock()
	r.stop(reason)
}

// reading reports whether fill may be inside a read.
func (r *ring) reading() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.idle
}

// next waits until there are target bytes in one piece, or as many as ever
// will be in one piece, or some that are older than every (0 = no such limit),
// and returns them; they stay pending until release. It returns nil when the
// ring has ended and is empty. When ctx ends it stops the ring.
func (r *ring) next(ctx context.Context, target int, every time.Duration) []byte {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()

	for {
		r.mu.Lock()
		piece := r.buf[r.head:min(r.head+r.n, len(r.buf))]
		due := time.Until(r.since.Add(every))
		ready := len(piece) >= target || r.head+len(piece) == len(r.buf) || r.end != nil || every > 0 && due <= 0
		over := r.end != nil && r.n == 0
		r.mu.Unlock()

		switch {
		case over:
			return nil
		case len(piece) > 0 && ready:
			return piece
		case len(piece) > 0 && every > 0:
			timer.Reset(due)
		default:
			timer.Reset(time.Hour)
		}

		select {
		case <-r.filled:
		case <-timer.C:
		case <-ctx.Done():
			r.stop(ended(ctx))
		}
	}
}

// last reports whether n bytes are all that is pending and no more will come.
func (r *ring) last(n int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.end != nil && r.n == n
}

func (r *ring) release(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.head = (r.head + n) % len(r.buf)
	r.n -= n
	r.since = time.Now()
	poke(r.freed)
}

// reason is why the ring ended.
func (r *ring) reason() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.end
}

func poke(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
