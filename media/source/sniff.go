package source

import (
	"context"
	"fmt"
	"io"

	"tidings.example/tidings/tidings"
)

// sniffSize is how many of the first bytes Sniff gets. A live recorder may send
// a single byte first, so Sniff gets fewer only when the upload ends before.
const sniffSize = 32 << 10

// loadHead reads the stored first bytes of an upload that was not sniffed yet.
func (a *appender) loadHead() error {
	if a.s.config.Sniff == nil || a.u.Offset >= sniffSize {
		a.sniffed = true
		return nil
	}
	head, err := a.s.readHead(a.ctx, a.u)
	a.head = head
	return err
}

func (s *Source) readHead(ctx context.Context, u tidings.Upload) ([]byte, error) {
	return s.readRange(ctx, u, 0, min(u.Offset, sniffSize))
}

// readRange reads the stored bytes [from, to) of an upload.
func (s *Source) readRange(ctx context.Context, u tidings.Upload, from, to int64) ([]byte, error) {
	if from == to {
		return nil, nil
	}
	r, err := s.Open(ctx, u.ClipID, from, to)
	if err != nil {
		return nil, fmt.Errorf("bytes %d to %d of %s: %w", from, to, u.ID, err)
	}
	defer r.Close()
	return io.ReadAll(r)
}

// sniffPiece calls Sniff once the head is long enough, or when the upload ends
// with piece, which is about to be stored.
func (a *appender) sniffPiece(piece []byte) error {
	if err := a.sniffContinuation(piece); err != nil {
		return err
	}
	if a.sniffed {
		return nil
	}
	end := a.u.Length != nil && a.u.Offset+int64(len(piece)) == *a.u.Length
	a.head = append(a.head, piece[:min(len(piece), sniffSize-len(a.head))]...)
	if len(a.head) < sniffSize && !end {
		return nil
	}
	a.sniffed = true
	return a.s.config.Sniff(a.head)
}

// sniffFile is sniffPiece for a body in a temporary file.
func (a *appender) sniffFile(file io.ReaderAt, size int64) error {
	first := make([]byte, min(size, sniffSize))
	if _, err := file.ReadAt(first, 0); err != nil {
		return spoolError(err)
	}
	return a.sniffPiece(first)
}

// continuationSniffSize is how many of the first bytes SniffContinuation needs.
const continuationSniffSize = 12

// sniffContinuation calls SniffContinuation with what came since a recorder went
// on, and with piece, which is about to be stored.
func (a *appender) sniffContinuation(piece []byte) error {
	came := a.u.Offset - a.u.ContinuedBytes
	if a.s.config.SniffContinuation == nil || !a.u.Continues() || came >= continuationSniffSize {
		return nil
	}

	head, err := a.s.readRange(a.ctx, a.u, 0, min(a.u.ContinuedBytes, sniffSize))
	if err != nil {
		return err
	}
	next, err := a.s.readRange(a.ctx, a.u, a.u.ContinuedBytes, a.u.Offset)
	if err != nil {
		return err
	}
	return a.s.config.SniffContinuation(head, append(next, piece[:min(len(piece), continuationSniffSize)]...))
}

// sniffStored calls Sniff for an upload that is about to be sealed with fewer
// than sniffSize bytes.
func (s *Source) sniffStored(ctx context.Context, u tidings.Upload) error {
	if s.config.Sniff == nil || u.Offset == 0 || u.Offset >= sniffSize {
		return nil
	}
	head, err := s.readHead(ctx, u)
	if err != nil {
		return err
	}
	return s.config.Sniff(head)
}
