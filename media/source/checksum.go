package source

import (
	"bytes"
	"fmt"
	"hash"
	"io"
	"os"

	"tidings.example/tidings/tidings"
)

// checksumVerifier hashes the bytes written to it and compares the sum.
type checksumVerifier struct {
	hash.Hash
	want []byte
}

// newChecksumVerifier returns nil for a request without a checksum.
func newChecksumVerifier(c *tidings.Checksum) (*checksumVerifier, error) {
	if c == nil {
		return nil, nil
	}

	h, err := c.NewHash()
	if err != nil {
		return nil, err
	}

	return &checksumVerifier{Hash: h, want: c.Sum}, nil
}

func (c *checksumVerifier) checkSum() error {
	if !bytes.Equal(c.Sum(nil), c.want) {
		return tidings.Errorf(tidings.KindChecksum, "The bytes do not match their checksum.")
	}
	return nil
}

// appendChecked stores the body once it is complete and matches its checksum:
// from the buffer when it fits, else from a temporary file.
func (a *appender) appendChecked(body io.Reader, buffer *sharedBuffer, check *checksumVerifier) error {
	if a.s.config.MaxChecksummed < a.limit {
		a.limit = a.s.config.MaxChecksummed
		a.tooLargeErr = tidings.Errorf(tidings.KindTooLarge, "A body with a checksum may have at most %d bytes.", a.limit)
	}

	r, closeRing := a.startReading(body, buffer)
	defer closeRing()

	piece := r.nextPiece(a.ctx, bufferSize, 0)
	check.Write(piece)
	if !r.isLastPiece(len(piece)) {
		return a.spoolToFile(r, piece, check)
	}
	if err := a.bodyError(r.endError()); err != nil {
		return err
	}
	if err := check.checkSum(); err != nil || len(piece) == 0 {
		return err
	}
	if err := a.sniffPiece(piece); err != nil {
		return err
	}

	return a.storePart(piece)
}

// spoolToFile collects a body larger than the buffer in an unlinked file, which
// the system removes when the process ends, and stores it part by part.
func (a *appender) spoolToFile(r *ringBuffer, piece []byte, check *checksumVerifier) error {
	file, err := os.CreateTemp(a.s.config.TempDir, "tidings-append-*")
	if err != nil {
		return spoolError(err)
	}
	defer file.Close()

	if err := os.Remove(file.Name()); err != nil {
		return spoolError(err)
	}

	var size int64
	for ; piece != nil; piece = r.nextPiece(a.ctx, bufferSize, 0) {
		if size > 0 {
			check.Write(piece)
		}

		n, err := file.Write(piece)
		if err != nil {
			return spoolError(err)
		}

		size += int64(n)
		r.releasePiece(n)
	}

	if err := a.bodyError(r.endError()); err != nil {
		return err
	}
	if err := check.checkSum(); err != nil {
		return err
	}
	if err := a.sniffFile(file, size); err != nil {
		return err
	}

	for at := int64(0); at < size; at += tidings.MaxUploadPart {
		part := io.NewSectionReader(file, at, min(tidings.MaxUploadPart, size-at))
		if err := a.storePartFrom(part, part.Size()); err != nil {
			return err
		}
	}

	return nil
}

func spoolError(err error) error {
	return tidings.Wrap(fmt.Errorf("temporary file: %w", err), tidings.KindUnavailable, "There is no room for the body just now. Try again in a moment.")
}
