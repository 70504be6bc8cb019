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
	if u.Offset == 0 {
		return nil, nil
	}
	r, err := s.Open(ctx, u.ClipID, 0, min(u.Offset, sniffSize))
	if err != nil {
		return nil, fmt.Errorf("first bytes of %s: %w", u.ID, err)
	}
	defer r.Close()
	return io.ReadAll(r)
}

// sniffPiece calls Sniff once the head is long enough, or when the upload ends
// with piece, which is about to be stored.
func (a *appender) sniffPiece(piece []byte) error {
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
	if a.sniffed {
		return nil
	}
	first := make([]byte, min(size, sniffSize))
	if _, err := file.ReadAt(first, 0); err != nil {
		return spoolError(err)
	}
	return a.sniffPiece(first)
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
