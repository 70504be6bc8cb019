package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"tidings.example/tidings/tidings"
)

// partTarget is the size at which a part of a fast body is stored: half the
// buffer, so that the other half fills meanwhile.
const partTarget = bufferSize / 2

// Append adds the bytes of body at offset, which must be the upload's offset,
// and returns the new offset, also with an error: all bytes before it are
// durable. An empty body renews the upload (see Config.Idle). A body is stored
// as it arrives (see Config.FlushEvery), also when it breaks off; with sum, only
// once it is complete and matches. A body beyond the length, MaxBytes or the
// quota is stored up to there and refused; with sum nothing of it is stored.
// Reaching the upload's length seals it.
//
// If body has SetReadDeadline(time.Time) error, a newer request or the end of
// ctx interrupts a blocked read with it. An HTTP handler must offer it: net/http
// does not end a request while its body is being read.
//
// Errors: KindConflict (offset is not the upload's, or a newer request took
// over), KindGone (sealed or aborted), KindChecksum,
// KindTooLarge, KindQuota, KindUnsupported (see Config.Sniff and
// SniffContinuation), KindStorageFull,
// KindUnavailable (no free slot, or the storage does not answer), KindInvalid
// (the body broke off).
func (s *Source) Append(ctx context.Context, id tidings.ID, offset int64, body io.Reader, sum *tidings.Checksum) (int64, error) {
	end, err := s.appendBody(ctx, id, offset, body, sum)
	return end, s.noteFull(err)
}

func (s *Source) appendBody(ctx context.Context, id tidings.ID, offset int64, body io.Reader, sum *tidings.Checksum) (int64, error) {
	check, err := newChecksumVerifier(sum)
	if err != nil {
		return 0, err
	}

	w, leave, err := s.writers.registerWriter(ctx, id, s.config.TakeOver)
	if err != nil {
		return 0, err
	}
	defer leave()

	buffer, release, err := s.acquireSlot(w.ctx)
	if err != nil {
		return 0, err
	}
	defer release()

	u, err := s.rows.Uploads.FenceUpload(w.ctx, id)
	if err != nil {
		return 0, err
	}

	a := &appender{s: s, ctx: w.ctx, u: u}
	if err := a.checkRequest(offset); err != nil {
		return a.u.Offset, err
	}

	if check != nil {
		err = a.appendChecked(body, buffer, check)
	} else {
		err = a.appendStream(body, buffer)
	}

	if err == nil && a.u.Offset == offset {
		err = a.renewUpload()
	}

	if sealErr := a.sealIfFull(); sealErr != nil {
		err = errors.Join(err, sealErr)
	}

	return a.u.Offset, err
}

// renewUpload handles an empty body: the recorder is paused and not silent.
func (a *appender) renewUpload() error {
	ctx, cancel := a.s.detachedContext(a.ctx)
	defer cancel()

	u, err := a.s.rows.Uploads.RenewUpload(ctx, a.u.ID, a.u.Fence, a.s.config.Clock().Add(a.s.config.SealAfter))
	if err != nil {
		return err
	}

	a.u = u
	return nil
}

// acquireSlot waits for one of the Config.Appends slots and returns its buffer.
func (s *Source) acquireSlot(ctx context.Context) (*sharedBuffer, func(), error) {
	timer := time.NewTimer(s.config.SlotWait)
	defer timer.Stop()

	select {
	case s.slots <- struct{}{}:
	case <-timer.C:
		return nil, nil, tidings.Errorf(tidings.KindUnavailable, "Too many uploads at once. Try again in a moment.")
	case <-ctx.Done():
		return nil, nil, contextError(ctx)
	}

	b := &sharedBuffer{bytes: s.buffers.Get().(*[]byte)}
	b.free = func() {
		s.buffers.Put(b.bytes)
		<-s.slots
	}
	b.references.Store(1)
	return b, b.releaseReference, nil
}

// sharedBuffer is a slot's buffer with a reference count; the last release
// returns it and frees the slot.
type sharedBuffer struct {
	bytes      *[]byte
	references atomic.Int32
	free       func()
}

func (b *sharedBuffer) releaseReference() {
	if b.references.Add(-1) == 0 {
		b.free()
	}
}

// appender is one Append that holds a slot and the newest fence.
type appender struct {
	s           *Source
	ctx         context.Context
	u           tidings.Upload // as last read
	limit       int64          // bytes the body may have
	tooLargeErr error          // refuses one byte more
	head        []byte         // first bytes, until Sniff is called
	sniffed     bool           // Sniff was called, or need not be
}

// checkRequest checks the state of the upload and sets the limit of the body.
func (a *appender) checkRequest(offset int64) error {
	if err := a.u.CheckAppend(offset); err != nil {
		return err
	}

	used, err := a.s.workspaceBytes(a.ctx, a.u.WorkspaceID)
	if err != nil {
		return err
	}

	a.limit, a.tooLargeErr = a.s.limits.Remaining(a.u, used)
	return a.loadHead()
}

// checkQuota checks the quota again before a piece is stored: uploads run
// concurrently and share it.
func (a *appender) checkQuota(size int) error {
	ctx, cancel := a.s.detachedContext(a.ctx)
	defer cancel()

	used, err := a.s.workspaceBytes(ctx, a.u.WorkspaceID)
	if err != nil {
		return err
	}
	return a.s.limits.CheckQuota(used, int64(size))
}

// startReading starts a goroutine that fills a ring buffer from body until the
// body ends or the ring is stopped. A body that cannot be interrupted keeps the
// goroutine and the buffer until its read returns. closeRing waits for an
// interrupt that has begun: nothing sets the body's deadline after it returns.
func (a *appender) startReading(body io.Reader, buffer *sharedBuffer) (r *ringBuffer, closeRing func()) {
	r = newRingBuffer(*buffer.bytes)
	buffer.references.Add(1)
	go func() {
		defer buffer.releaseReference()

		r.fillFrom(body, a.limit, a.tooLargeErr)
	}()

	interrupted := make(chan struct{})
	stop := context.AfterFunc(a.ctx, func() {
		defer close(interrupted)

		interruptRead(body)
	})

	return r, func() {
		r.stopRing(io.ErrClosedPipe)

		if !stop() {
			<-interrupted
		} else if r.mayBeReading() {
			interruptRead(body)
		}
	}
}

// interruptRead ends a blocked read of body by a deadline in the past, if the
// body has deadlines.
func interruptRead(body io.Reader) {
	if d, ok := body.(interface{ SetReadDeadline(time.Time) error }); ok {
		_ = d.SetReadDeadline(time.Unix(1, 0)) // net.ErrClosed and http.ErrNotSupported: nothing to interrupt
	}
}

// appendStream stores the body as it arrives.
func (a *appender) appendStream(body io.Reader, buffer *sharedBuffer) error {
	r, closeRing := a.startReading(body, buffer)
	defer closeRing()

	for {
		piece := r.nextPiece(a.ctx, partTarget, a.s.config.FlushEvery)
		if piece == nil {
			return a.bodyError(r.endError())
		}
		if err := a.checkQuota(len(piece)); err != nil {
			return err
		}
		if err := a.sniffPiece(piece); err != nil {
			return err
		}
		if err := a.storePart(piece); err != nil {
			return err
		}

		r.releasePiece(len(piece))
	}
}

// bodyError is the error for a body that ended with err; nil for io.EOF.
func (a *appender) bodyError(err error) error {
	var shown *tidings.Error
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &shown):
		return err
	case a.ctx.Err() != nil:
		return contextError(a.ctx)
	}
	return tidings.Wrap(err, tidings.KindInvalid, "The body broke off.")
}

// sealIfFull seals the upload when its length is reached.
func (a *appender) sealIfFull() error {
	if !a.u.Filled() {
		return nil
	}

	ctx, cancel := a.s.detachedContext(a.ctx)
	defer cancel()

	u, err := a.s.rows.Uploads.SealUpload(ctx, a.u.ID, false)
	if err != nil {
		return fmt.Errorf("seal %s: %w", a.u.ID, err)
	}

	a.u = u
	return nil
}
