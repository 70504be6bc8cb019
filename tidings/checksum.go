package tidings

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"strings"
)

// Checksum is what the bytes of one request sum up to according to the client:
// the tus checksum extension.
type Checksum struct {
	Algorithm string // one of ChecksumAlgorithms
	Sum       []byte
}

// ChecksumAlgorithms are the algorithms of Checksum as tus lists them in
// Tus-Checksum-Algorithm. crc32 is IEEE 802.3, big-endian.
const ChecksumAlgorithms = "crc32,sha1,sha256"

// ParseChecksum reads the value of an Upload-Checksum header: the algorithm, a
// space and the sum in base64. Errors are KindInvalid.
func ParseChecksum(header string) (*Checksum, error) {
	algorithm, encoded, _ := strings.Cut(header, " ")
	c := &Checksum{Algorithm: algorithm}
	h, err := c.newHash()
	if err != nil {
		return nil, err
	}

	c.Sum, err = base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(c.Sum) != h.Size() {
		return nil, errChecksumLength(h.Size())
	}

	return c, nil
}

// NewHash returns the algorithm's hash. KindInvalid when the algorithm is
// unknown or the sum does not have its length.
func (c Checksum) NewHash() (hash.Hash, error) {
	h, err := c.newHash()
	if err == nil && len(c.Sum) != h.Size() {
		return nil, errChecksumLength(h.Size())
	}
	return h, err
}

func (c Checksum) newHash() (hash.Hash, error) {
	switch c.Algorithm {
	case "crc32":
		return crc32.NewIEEE(), nil
	case "sha1":
		return sha1.New(), nil
	case "sha256":
		return sha256.New(), nil
	}
	return nil, Invalid("Upload-Checksum", "The algorithm is one of %s.", ChecksumAlgorithms)
}

func errChecksumLength(size int) error {
	return Invalid("Upload-Checksum", "A sum of %d bytes in base64 is needed.", size)
}
