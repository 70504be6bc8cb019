package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

const (
	partsPage = 64 // part rows fetched at once
	maxTries  = 4  // openings of one piece without progress
	retryWait = 200 * time.Millisecond
)

// reader hands out an original from its parts or, once it was compacted, from
// the one object they became; it may change over anywhere. While one part is
// read, the request for the next is under way; nothing else is held.
type reader struct {
	s     *Source
	clip  tidings.ID
	ctx   context.Context
	close context.CancelFunc
	to    int64 // end of what is wanted; -1 = follow until the seal

	mu     sync.Mutex // Read and Close may come from two goroutines
	at     int64
	parts  []tidings.UploadPart // known, from the one at `at`
	body   io.ReadCloser        // of the current piece
	left   int64                // bytes of it
	ahead  *opening             // the next part
	failed int                  // tries without a byte
	hub    Hub                  // nil = none, or it has ended
	events <-chan tidings.Event
}

func (s *Source) newReader(ctx context.Context, clip tidings.ID, from, to int64) *reader {
	ctx, cancel := context.WithCancel(ctx)
	return &reader{s: s, clip: clip, ctx: ctx, close: cancel, at: from, to: to, hub: s.hub}
}

// Read fails with the context's error once it is closed.
func (r *reader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if len(p) == 0 {
		return 0, nil
	}

	for {
		if err := r.ctx.Err(); err != nil {
			return 0, err
		}
		if r.body == nil {
			if err := r.advance(); err != nil {
				return 0, err
			}
			continue
		}

		n, err := r.body.Read(p[:min(int64(len(p)), r.left)])
		r.at += int64(n)
		r.left -= int64(n)
		if n > 0 {
			r.failed = 0
		}

		if r.left == 0 || err != nil {
			if err := r.endPiece(err); err != nil {
				return n, err
			}
		}

		if n > 0 {
			return n, nil
		}
	}
}

// endPiece closes the current piece; one that ended early is opened again
// where it broke off.
func (r *reader) endPiece(err error) error {
	r.body.Close()
	r.body = nil
	if r.left == 0 {
		return nil
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return r.again(fmt.Errorf("original of %s at byte %d: %w", r.clip, r.at, err))
}

// again waits a little before the next try, or gives up with err.
func (r *reader) again(err error) error {
	r.parts = nil
	r.dropAhead()
	if r.failed++; r.failed >= maxTries {
		return err
	}
	return pause(r.ctx, time.Duration(r.failed)*retryWait)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// advance opens the piece at r.at, waits for it, or returns io.EOF.
func (r *reader) advance() error {
	if r.at == r.to {
		return io.EOF
	}

	for len(r.parts) > 0 && r.parts[0].Offset+r.parts[0].Size <= r.at {
		r.parts = r.parts[1:]
	}

	if len(r.parts) == 0 {
		parts, err := r.s.rows.Parts(r.ctx, r.clip, r.at, partsPage)
		if err != nil {
			return r.again(fmt.Errorf("parts of %s: %w", r.clip, err))
		}
		if r.parts = parts; len(parts) == 0 {
			return r.beyondParts()
		}
	}

	p := r.parts[0]
	if p.Offset > r.at {
		return fmt.Errorf("original of %s has a hole from byte %d to %d", r.clip, r.at, p.Offset)
	}

	end := p.Offset + p.Size
	if r.to >= 0 {
		end = min(end, r.to)
	}

	body, err := r.openPart(p, end)
	switch {
	case tidings.KindOf(err) == tidings.KindNotFound:
		return r.openOriginal() // compacted meanwhile
	case err != nil:
		return r.again(err)
	}

	r.body, r.left = body, end-r.at
	return nil
}

// beyondParts decides what it means that no part reaches beyond r.at.
func (r *reader) beyondParts() error {
	u, err := r.s.rows.UploadByClip(r.ctx, r.clip)
	switch {
	case err != nil:
		return r.again(fmt.Errorf("upload of %s: %w", r.clip, err))
	case u.CheckReadable() != nil:
		return u.CheckReadable()
	case r.at < u.Offset && u.SealedAt != nil:
		return r.openOriginal()
	case r.at < u.Offset: // stored between the two looks
		return nil
	case u.SealedAt != nil:
		return io.EOF
	}

	return r.wait()
}

// openOriginal reads on from the sealed object.
func (r *reader) openOriginal() error {
	a, err := r.s.rows.Asset(r.ctx, r.clip, originalName)
	if err != nil {
		return r.again(fmt.Errorf("part at byte %d of %s is missing and so is the sealed original: %w", r.at, r.clip, err))
	}

	end := a.Bytes
	if r.to >= 0 {
		end = min(end, r.to)
	}

	if r.at >= end {
		return io.EOF
	}

	body, err := r.s.blobs.OpenRange(r.ctx, a.Key, r.at, end)
	if err != nil {
		return r.again(err)
	}

	r.body, r.left = body, end-r.at
	return nil
}

// Close ends a Read that waits.
func (r *reader) Close() error {
	r.close()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropAhead()
	if r.body != nil {
		r.body.Close()
		r.body = nil
	}
	return nil
}
