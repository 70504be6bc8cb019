package source

import (
	"context"
	"fmt"
	"io"

	"tidings.example/tidings/tidings"
)

// sniffSize is how many first bytes Sniff sees: live recorders may send a
// first piece of a single byte, so nothing is judged on less unless the
// upload ends before.
const sniffSize = 32 << 10

// loadHead fetches the first bytes of an upload that goes on before they were
// judged.
func (a *appender) loadHead() error {
	if a.s.config.Sniff == nil || a.u.Offset >= sniffSize {
		a.known = true
		return nil
	}
	head, err := a.s.head(a.ctx, a.u)
	a.head = head
	return err
}

func (s *Source) head(ctx context.Context, u tidings.Upload) ([]byte, error) {
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

// sniff judges the head once it is long enough or the upload ends with piece,
// which is about to be stored.
func (a *appender) sniff(piece []byte) error {
	if a.known {
		return nil
	}
	end := a.u.Length != nil && a.u.Offset+int64(len(piece)) == *a.u.Length
	a.head = append(a.head, piece[:min(len(piece), sniffSize-len(a.head))]...)
	if len(a.head) < sniffSize && !end {
		return nil
	}
	a.known = true
	return a.s.config.Sniff(a.head)
}

// sniffFile is sniff for a body that was spooled.
func (a *appender) sniffFile(file io.ReaderAt, size int64) error {
	if a.known {
		return nil
	}
	first := make([]byte, min(size, sniffSize))
	if _, err := file.ReadAt(first, 0); err != nil {
		return spoolError(err)
	}
	return a.sniff(first)
}

// sniffAll judges an upload that is about to end with fewer bytes than Sniff
// would have been called at.
func (s *Source) sniffAll(ctx context.Context, u tidings.Upload) error {
	if s.config.Sniff == nil || u.Offset == 0 || u.Offset >= sniffSize {
		return nil
	}
	head, err := s.head(ctx, u)
	if err != nil {
		return err
	}
	return s.config.Sniff(head)
}
