package source

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"strings"

	"tidings.example/tidings/tidings"
)

// Checksums are the algorithms Append knows, in the words of the tus checksum
// extension: crc32 is IEEE 802.3, big-endian.
const Checksums = "crc32,sha1,sha256"

// ParseChecksum reads the value of a tus Upload-Checksum header: the
// algorithm, a space and the sum in base64. Errors are KindInvalid.
func ParseChecksum(header string) (*tidings.Checksum, error) {
	algorithm, encoded, ok := strings.Cut(header, " ")
	if !ok {
		return nil, tidings.Invalid("Upload-Checksum", "An algorithm, one space and the sum in base64.")
	}

	sum, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return nil, tidings.Invalid("Upload-Checksum", "The sum is not base64.")
	}

	c := &tidings.Checksum{Algorithm: algorithm, Sum: sum}
	if _, err := compare(c); err != nil {
		return nil, err
	}

	return c, nil
}

// comparison sums the bytes written to it up; verify compares.
type comparison struct {
	hash.Hash
	want []byte
}

// compare makes a comparison; a nil checksum makes none.
func compare(c *tidings.Checksum) (*comparison, error) {
	if c == nil {
		return nil, nil
	}

	var h hash.Hash
	switch c.Algorithm {
	case "crc32":
		h = crc32.NewIEEE()
	case "sha1":
		h = sha1.New()
	case "sha256":
		h = sha256.New()
	default:
		return nil, tidings.Invalid("Upload-Checksum", "The algorithm is one of %s.", Checksums)
	}

	if len(c.Sum) != h.Size() {
		return nil, tidings.Invalid("Upload-Checksum", "The sum does not have the length of the algorithm.")
	}

	return &comparison{Hash: h, want: c.Sum}, nil
}

func (c *comparison) verify() error {
	if !bytes.Equal(c.Sum(nil), c.want) {
		return tidings.Errorf(tidings.KindChecksum, "The bytes do not match their checksum.")
	}
	return nil
}

// appendChecked stores the body only once all of it has come and matches its
// sum: from the buffer when it fits, else from a temporary file.
func (a *appender) appendChecked(body io.Reader, buffer *shared, check *comparison) error {
	if a.s.config.MaxChecksummed < a.limit {
		a.limit = a.s.config.MaxChecksummed
		a.excess = tidings.Errorf(tidings.KindTooLarge, "A body with a checksum may have at most %d bytes.", a.limit)
	}

	r, closeRing := a.open(body, buffer)
	defer closeRing()

	piece := r.next(a.ctx, bufferSize, 0)
	check.Write(piece)
	if !r.last(len(piece)) {
		return a.spool(r, piece, check)
	}
	if err := a.broken(r.reason()); err != nil {
		return err
	}
	if err := check.verify(); err != nil || len(piece) == 0 {
		return err
	}
	if err := a.sniff(piece); err != nil {
		return err
	}

	return a.persist(piece)
}

// spool collects a body that is larger than the buffer in a file without a
// name, which the system removes whatever happens, and stores it part by part.
func (a *appender) spool(r *ring, piece []byte, check *comparison) error {
	file, err := os.CreateTemp(a.s.config.TempDir, "tidings-append-*")
	if err != nil {
		return spoolError(err)
	}
	defer file.Close()

	if err := os.Remove(file.Name()); err != nil {
		return spoolError(err)
	}

	var size int64
	for ; piece != nil; piece = r.next(a.ctx, bufferSize, 0) {
		if size > 0 {
			check.Write(piece)
		}

		n, err := file.Write(piece)
		if err != nil {
			return spoolError(err)
		}

		size += int64(n)
		r.release(n)
	}

	if err := a.broken(r.reason()); err != nil {
		return err
	}
	if err := check.verify(); err != nil {
		return err
	}
	if err := a.sniffFile(file, size); err != nil {
		return err
	}

	for at := int64(0); at < size; at += tidings.MaxUploadPart {
		part := io.NewSectionReader(file, at, min(tidings.MaxUploadPart, size-at))
		if err := a.persistFrom(part, part.Size()); err != nil {
			return err
		}
	}

	return nil
}

func spoolError(err error) error {
	return tidings.Wrap(fmt.Errorf("temporary file: %w", err), tidings.KindUnavailable, "There is no room for the body just now. Try again in a moment.")
}
