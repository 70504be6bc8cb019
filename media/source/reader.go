package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"tidings.example/tidings/contextio"
	"tidings.example/tidings/tidings"
)

const (
	partsPage = 64 // part rows fetched at once
	maxTries  = 4  // attempts at one piece without progress
	retryWait = 200 * time.Millisecond
)

// reader reads an original from its parts or, once it was compacted, from the
// one object; it may switch at any offset. While it reads one part, the request
// for the next is under way.
type reader struct {
	s      *Source
	clip   tidings.ID
	ctx    context.Context
	cancel context.CancelFunc
	end    int64 // exclusive; -1 = follow until the seal

	mu        sync.Mutex // Read and Close may run in two goroutines
	offset    int64
	parts     []tidings.UploadPart // rows already read, from the one at offset
	piece     io.ReadCloser        // being read: a part, or the compacted object
	pieceKey  string
	pieceLeft int64        // bytes left of piece
	nextPart  *partRequest // prefetched
	failures  int          // consecutive attempts without a byte
	hub       Hub          // nil = none, or its subscription has ended
	events    <-chan tidings.Event
}

func (s *Source) newReader(ctx context.Context, clip tidings.ID, from, to int64) *reader {
	ctx, cancel := context.WithCancel(ctx)
	return &reader{s: s, clip: clip, ctx: ctx, cancel: cancel, offset: from, end: to, hub: s.hub}
}

// Read returns the context's error after Close.
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
		if r.piece == nil {
			if err := r.openNextPiece(); err != nil {
				return 0, err
			}
			continue
		}

		n, err := r.piece.Read(p[:min(int64(len(p)), r.pieceLeft)])
		r.offset += int64(n)
		r.pieceLeft -= int64(n)
		if n > 0 {
			r.failures = 0
		}

		if r.pieceLeft == 0 || err != nil {
			if err := r.endPiece(err); err != nil {
				return n, err
			}
		}

		if n > 0 {
			return n, nil
		}
	}
}

// endPiece closes the current piece. One that ended early is reopened at the
// byte where it broke off.
func (r *reader) endPiece(err error) error {
	r.piece.Close()
	r.piece = nil
	if r.pieceLeft == 0 {
		return nil
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if tidings.KindOf(err) == tidings.KindDamaged && r.failures+1 >= maxTries {
		r.reportDamage(err)
	}

	err = fmt.Errorf("original of %s at byte %d: %w", r.clip, r.offset, err)
	if tidings.KindOf(err) == tidings.KindDamaged {
		err = tidings.DamagedOriginal(err)
	}

	return r.retryAfter(err)
}

// reportDamage records that the current piece is damaged.
func (r *reader) reportDamage(cause error) {
	err := r.s.rows.Originals.ReportDamage(context.WithoutCancel(r.ctx), tidings.Damage{Key: r.pieceKey, ClipID: r.clip, Reason: tidings.DamageReason(cause)})
	if err != nil {
		r.s.config.Log.Warn("damage is not recorded", "clip", r.clip, "key", r.pieceKey, "error", err)
	}
}

// retryAfter waits before the next attempt, or returns err after maxTries.
func (r *reader) retryAfter(err error) error {
	r.parts = nil
	r.dropPrefetched()
	if r.failures++; r.failures >= maxTries {
		return err
	}
	return contextio.Sleep(r.ctx, time.Duration(r.failures)*retryWait)
}

// openNextPiece opens the piece at the offset, waits for it, or returns io.EOF.
func (r *reader) openNextPiece() error {
	if r.offset == r.end {
		return io.EOF
	}

	for len(r.parts) > 0 && r.parts[0].Offset+r.parts[0].Size <= r.offset {
		r.parts = r.parts[1:]
	}

	if len(r.parts) == 0 {
		parts, err := r.s.rows.Originals.Parts(r.ctx, r.clip, r.offset, partsPage)
		if err != nil {
			return r.retryAfter(fmt.Errorf("parts of %s: %w", r.clip, err))
		}
		if r.parts = parts; len(parts) == 0 {
			return r.resolveEnd()
		}
	}

	p := r.parts[0]
	if p.Offset > r.offset {
		return fmt.Errorf("original of %s has a hole from byte %d to %d", r.clip, r.offset, p.Offset)
	}

	end := p.Offset + p.Size
	if r.end >= 0 {
		end = min(end, r.end)
	}

	body, err := r.openPart(p, end)
	switch {
	case tidings.KindOf(err) == tidings.KindNotFound:
		return r.openOriginal() // compacted meanwhile
	case err != nil:
		return r.retryAfter(err)
	}

	r.piece, r.pieceKey, r.pieceLeft = body, p.Key, end-r.offset
	return nil
}

// resolveEnd handles that no part reaches beyond the offset: the original is
// compacted, complete, aborted, or goes on later.
func (r *reader) resolveEnd() error {
	u, err := r.s.rows.Uploads.UploadByClip(r.ctx, r.clip)
	switch {
	case err != nil:
		return r.retryAfter(fmt.Errorf("upload of %s: %w", r.clip, err))
	case u.CheckReadable() != nil:
		return u.CheckReadable()
	case r.offset < u.Offset && u.SealedAt != nil:
		return r.openOriginal()
	case r.offset < u.Offset: // stored between the two queries
		return nil
	case u.SealedAt != nil:
		return io.EOF
	}

	return r.waitForEvent()
}

// openOriginal continues in the compacted object.
func (r *reader) openOriginal() error {
	a, err := r.s.rows.Originals.Asset(r.ctx, r.clip, originalName)
	if err != nil {
		return r.retryAfter(fmt.Errorf("part at byte %d of %s is missing and so is the sealed original: %w", r.offset, r.clip, err))
	}

	end := a.Bytes
	if r.end >= 0 {
		end = min(end, r.end)
	}

	if r.offset >= end {
		return io.EOF
	}

	body, err := r.openBlocks(a.Key, a.Sums, r.offset, end, a.Bytes)
	if err != nil {
		return r.retryAfter(err)
	}

	r.piece, r.pieceKey, r.pieceLeft = body, a.Key, end-r.offset
	return nil
}

// Close ends a Read that is waiting.
func (r *reader) Close() error {
	r.cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropPrefetched()
	if r.piece != nil {
		r.piece.Close()
		r.piece = nil
	}
	return nil
}
