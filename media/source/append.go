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

// Append adds the bytes of body at offset, where the upload must stand, and
// returns where it stands then, also with an error. An empty body is a sign of
// life (see Config.Idle). Bytes up to that offset
// are durable. It stores as it goes (see Config.FlushEvery), and what came of
// a body that breaks off; with sum, nothing before all of it came and matched.
// A body that goes beyond the length, MaxBytes or the quota is stored up to
// there and refused; with sum it is refused whole. Reaching the upload's length
// seals it.
//
// If body has SetReadDeadline(time.Time) error, a newer request, or the end of
// ctx, interrupts a blocked read with it; an HTTP handler must offer it, for
// net/http does not end a request while its body is being read.
//
// Errors: KindConflict (offset is not where the upload stands, or a newer
// request took over), KindGone (sealed or aborted), KindChecksum,
// KindTooLarge, KindQuota, KindUnsupported (see Config.Sniff), KindUnavailable
// (no free slot, or the storage does not answer), KindInvalid (the body broke
// off).
func (s *Source) Append(ctx context.Context, id tidings.ID, offset int64, body io.Reader, sum *tidings.Checksum) (int64, error) {
	check, err := newChecksumVerifier(sum)
	if err != nil {
		return 0, err
	}

	w, leave, err := s.writers.enter(ctx, id, s.config.TakeOver)
	if err != nil {
		return 0, err
	}
	defer leave()

	buffer, release, err := s.slot(w.ctx)
	if err != nil {
		return 0, err
	}
	defer release()

	u, err := s.rows.FenceUpload(w.ctx, id)
	if err != nil {
		return 0, err
	}

	a := &appender{s: s, ctx: w.ctx, u: u}
	if err := a.admit(offset); err != nil {
		return a.u.Offset, err
	}

	if check != nil {
		err = a.appendChecked(body, buffer, check)
	} else {
		err = a.appendStream(body, buffer)
	}

	if err == nil && a.u.Offset == offset {
		err = a.renew()
	}

	if sealErr := a.sealIfFull(); sealErr != nil {
		err = errors.Join(err, sealErr)
	}

	return a.u.Offset, err
}

// renew is for a body without bytes: a recorder that is paused says that it is
// still there.
func (a *appender) renew() error {
	ctx, cancel := a.s.detachedContext(a.ctx)
	defer cancel()
	u, err := a.s.rows.RenewUpload(ctx, a.u.ID, a.u.Fence, a.s.config.Clock().Add(a.s.config.SealAfter))
	if err == nil {
		a.u = u
	}
	return err
}

// slot waits for one of Config.Appends turns and the buffer that goes with it.
func (s *Source) slot(ctx context.Context) (*shared, func(), error) {
	timer := time.NewTimer(s.config.Wait)
	defer timer.Stop()

	select {
	case s.slots <- struct{}{}:
	case <-timer.C:
		return nil, nil, tidings.Errorf(tidings.KindUnavailable, "Too many uploads at once. Try again in a moment.")
	case <-ctx.Done():
		return nil, nil, ended(ctx)
	}

	b := &shared{bytes: s.buffers.Get().(*[]byte)}
	b.free = func() {
		s.buffers.Put(b.bytes)
		<-s.slots
	}
	b.users.Store(1)
	return b, b.drop, nil
}

// shared is a slot's buffer; the last of its users gives it back.
type shared struct {
	bytes *[]byte
	users atomic.Int32
	free  func()
}

func (b *shared) drop() {
	if b.users.Add(-1) == 0 {
		b.free()
	}
}

// appender is one Append after it was let in.
type appender struct {
	s           *Source
	ctx         context.Context
	u           tidings.Upload // as last seen in the database
	limit       int64          // bytes that may still come when the body begins
	tooLargeErr error          // refuses one byte more
	head        []byte         // for Sniff, until it was called
	known       bool           // Sniff was called, or has nothing to say
}

// admit checks the state of the upload and works out how much may come.
func (a *appender) admit(offset int64) error {
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

// checkQuota checks the quota again before a piece is stored: other uploads use
// it up as well.
func (a *appender) checkQuota(size int) error {
	ctx, cancel := a.s.detachedContext(a.ctx)
	defer cancel()

	used, err := a.s.workspaceBytes(ctx, a.u.WorkspaceID)
	if err != nil {
		return err
	}
	return a.s.limits.CheckQuota(used, int64(size))
}

// open lets a goroutine fill a ring from body. It ends when the body does or
// when the ring is stopped; a body that cannot be interrupted keeps it, and the
// buffer, until its read returns. closeRing waits for an interrupt that has
// begun: nothing touches the body's deadlines after it returned.
func (a *appender) open(body io.Reader, buffer *shared) (r *ring, closeRing func()) {
	r = newRing(*buffer.bytes)
	buffer.users.Add(1)
	go func() {
		defer buffer.drop()

		r.fill(body, a.limit, a.tooLargeErr)
	}()

	interrupted := make(chan struct{})
	stop := context.AfterFunc(a.ctx, func() {
		defer close(interrupted)

		interruptRead(body)
	})

	return r, func() {
		r.stop(io.ErrClosedPipe)

		if !stop() {
			<-interrupted
		} else if r.reading() {
			interruptRead(body)
		}
	}
}

// interruptRead ends a blocked read of body by a deadline in the past. A body
// without deadlines is waited for.
func interruptRead(body io.Reader) {
	if d, ok := body.(interface{ SetReadDeadline(time.Time) error }); ok {
		_ = d.SetReadDeadline(time.Unix(1, 0)) // net.ErrClosed and http.ErrNotSupported: nothing to interrupt
	}
}

// appendStream stores the body as it comes.
func (a *appender) appendStream(body io.Reader, buffer *shared) error {
	r, closeRing := a.open(body, buffer)
	defer closeRing()

	for {
		piece := r.next(a.ctx, partTarget, a.s.config.FlushEvery)
		if piece == nil {
			return a.broken(r.reason())
		}
		if err := a.checkQuota(len(piece)); err != nil {
			return err
		}
		if err := a.sniff(piece); err != nil {
			return err
		}
		if err := a.persist(piece); err != nil {
			return err
		}

		r.release(len(piece))
	}
}

// broken names the end of a body: nil for a regular one.
func (a *appender) broken(err error) error {
	var known *tidings.Error
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &known):
		return err
	case a.ctx.Err() != nil:
		return ended(a.ctx)
	}
	return tidings.Wrap(err, tidings.KindInvalid, "The body broke off.")
}

// sealIfFull ends the upload when its length is reached.
func (a *appender) sealIfFull() error {
	if a.u.Length == nil || a.u.Offset != *a.u.Length || a.u.SealedAt != nil {
		return nil
	}

	ctx, cancel := a.s.detachedContext(a.ctx)
	defer cancel()

	u, err := a.s.rows.SealUpload(ctx, a.u.ID, false)
	if err != nil {
		return fmt.Errorf("seal %s: %w", a.u.ID, err)
	}

	a.u = u
	return nil
}
