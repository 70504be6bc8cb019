package source

import (
	"context"
	"io"
	"sync"
	"time"
)

// maxRead bounds one read, so that small bodies touch little of the buffer.
const maxRead = 256 << 10

// ringBuffer is the buffer of one Append: a goroutine fills it from the body
// (fillFrom) while the appender stores its bytes (nextPiece, releasePiece).
// Pending bytes are not moved or overwritten before they are released.
type ringBuffer struct {
	mu       sync.Mutex
	buf      []byte
	head     int           // index of the first pending byte
	pending  int           // bytes, wrapping around the end of buf
	oldestAt time.Time     // when the oldest pending byte arrived
	endErr   error         // why filling ended; io.EOF at the end of the body
	fillDone bool          // fillFrom is in no read and will start none
	filled   chan struct{} // wakes nextPiece
	freed    chan struct{} // wakes fillFrom
}

func newRingBuffer(buf []byte) *ringBuffer {
	return &ringBuffer{buf: buf, filled: make(chan struct{}, 1), freed: make(chan struct{}, 1)}
}

// fillFrom reads body into the ring until the body ends, the ring is stopped, or
// limit bytes were read; one more byte ends it with tooLargeErr.
func (r *ringBuffer) fillFrom(body io.Reader, limit int64, tooLargeErr error) {
	for limit > 0 {
		dst := r.reserveFree(limit)
		if dst == nil {
			r.finishFilling(nil)
			return
		}

		n, err := body.Read(dst)
		limit -= int64(n)
		r.commitBytes(n)
		if err != nil {
			r.finishFilling(err)
			return
		}
	}

	var beyond [1]byte
	n, err := io.ReadFull(body, beyond[:])
	if n > 0 {
		err = tooLargeErr
	}

	r.finishFilling(err)
}

// reserveFree waits for free space and returns at most limit bytes of it; nil
// when the ring has been stopped.
func (r *ringBuffer) reserveFree(limit int64) []byte {
	for {
		r.mu.Lock()
		if r.endErr != nil {
			r.mu.Unlock()
			return nil
		}

		if r.pending == 0 {
			r.head = 0 // reuse memory that is in the page tables already
		}

		at := (r.head + r.pending) % len(r.buf)
		free := min(len(r.buf)-r.pending, len(r.buf)-at, maxRead)
		r.mu.Unlock()
		if free > 0 {
			return r.buf[at : at+int(min(int64(free), limit))]
		}

		<-r.freed
	}
}

func (r *ringBuffer) commitBytes(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n == 0 || r.endErr != nil {
		return
	}
	if r.pending == 0 {
		r.oldestAt = time.Now()
	}
	r.pending += n
	notifyChannel(r.filled)
}

// stopRing ends the ring for fillFrom and nextPiece. The first reason counts;
// pending bytes can still be read.
func (r *ringBuffer) stopRing(reason error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.endErr == nil {
		r.endErr = reason
	}
	notifyChannel(r.filled)
	notifyChannel(r.freed)
}

// finishFilling is stop, called by fillFrom when it reads no more.
func (r *ringBuffer) finishFilling(reason error) {
	r.mu.Lock()
	r.fillDone = true
	r.mu.Unlock()
	r.stopRing(reason)
}

// mayBeReading reports whether fillFrom may be blocked in a read.
func (r *ringBuffer) mayBeReading() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.fillDone
}

// nextPiece waits for a contiguous piece and returns it: of target bytes, or up
// to the end of the buffer or of the body, or older than every (0 = any age).
// The bytes stay pending until releasePiece. It returns nil when the ring has
// ended and is empty, and stops the ring when ctx ends.
func (r *ringBuffer) nextPiece(ctx context.Context, target int, every time.Duration) []byte {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()

	for {
		r.mu.Lock()
		piece := r.buf[r.head:min(r.head+r.pending, len(r.buf))]
		due := time.Until(r.oldestAt.Add(every))
		ready := len(piece) >= target || r.head+len(piece) == len(r.buf) || r.endErr != nil || every > 0 && due <= 0
		over := r.endErr != nil && r.pending == 0
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
			r.stopRing(contextError(ctx))
		}
	}
}

// isLastPiece reports whether the n pending bytes are the last of the body.
func (r *ringBuffer) isLastPiece(n int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.endErr != nil && r.pending == n
}

func (r *ringBuffer) releasePiece(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.head = (r.head + n) % len(r.buf)
	r.pending -= n
	r.oldestAt = time.Now()
	notifyChannel(r.freed)
}

// endError returns why the ring ended.
func (r *ringBuffer) endError() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.endErr
}

func notifyChannel(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
