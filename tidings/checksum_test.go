package tidings

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"testing"
)

func checksumsOf(b []byte) []Checksum {
	s1, s256 := sha1.Sum(b), sha256.Sum256(b)
	return []Checksum{
		{Algorithm: "crc32", Sum: binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(b))},
		{Algorithm: "sha1", Sum: s1[:]},
		{Algorithm: "sha256", Sum: s256[:]},
	}
}

func TestParseChecksum(t *testing.T) {
	b64 := base64.StdEncoding.EncodeToString
	for _, want := range checksumsOf([]byte("x")) {
		got, err := ParseChecksum(want.Algorithm + " " + b64(want.Sum))
		if err != nil || got.Algorithm != want.Algorithm || !bytes.Equal(got.Sum, want.Sum) {
			t.Errorf("%s: %+v, %v", want.Algorithm, got, err)
		}
	}

	for _, bad := range []string{"", "sha1", "sha1 ", " AAAA", "md5 " + b64(make([]byte, 16)), "sha1 " + b64(make([]byte, 19)), "sha1  " + b64(make([]byte, 20)),
		"SHA1 " + b64(make([]byte, 20)), "crc32 !!!!", "crc32 AAAAAA", "crc32 AAAAAB=="} {
		if _, err := ParseChecksum(bad); KindOf(err) != KindInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestChecksumHash(t *testing.T) {
	for _, c := range checksumsOf([]byte("x")) {
		h, err := c.NewHash()
		if err != nil {
			t.Fatal(err)
		}
		h.Write([]byte("x"))
		if !bytes.Equal(h.Sum(nil), c.Sum) {
			t.Errorf("%s: %x, want %x", c.Algorithm, h.Sum(nil), c.Sum)
		}

		c.Sum = c.Sum[1:]
		if _, err := c.NewHash(); KindOf(err) != KindInvalid {
			t.Errorf("%s with a shorter sum: %v", c.Algorithm, err)
		}
	}

	if _, err := (Checksum{Algorithm: "md5"}).NewHash(); KindOf(err) != KindInvalid {
		t.Errorf("an unknown algorithm: %v", err)
	}
}

// FuzzChecksum: a sum of the algorithm's length or a refusal.
func FuzzChecksum(f *testing.F) {
	for _, seed := range []string{"sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "md5 x", "sha1", "crc32 AAAAAA==", "sha256 ", " sha1 AA=="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		sum, err := ParseChecksum(header)
		if err != nil {
			return
		}
		if h, err := sum.NewHash(); err != nil || len(sum.Sum) != h.Size() {
			t.Fatalf("%q: %+v", header, sum)
		}
	})
}
