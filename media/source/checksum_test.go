package source_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"testing"
	"testing/iotest"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

func checksumsOf(b []byte) []tidings.Checksum {
	s1, s256 := sha1.Sum(b), sha256.Sum256(b)
	return []tidings.Checksum{
		{Algorithm: "crc32", Sum: binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(b))},
		{Algorithm: "sha1", Sum: s1[:]},
		{Algorithm: "sha256", Sum: s256[:]},
	}
}

func TestChecksums(t *testing.T) {
	r := newTestSource(t, source.Config{MaxChecksummed: big + 1, TempDir: t.TempDir()})
	for _, n := range []int64{1, 1000, tidings.MaxUploadPart, big, 0} {
		for i := range 3 {
			if n >= tidings.MaxUploadPart && i > 0 {
				break // the way through the file is the same
			}

			at := r.offsetOf(r.u)
			body := pattern(at, n)
			good := checksumsOf(body)[i]
			bad := tidings.Checksum{Algorithm: good.Algorithm, Sum: bytes.Clone(good.Sum)}
			bad.Sum[0] ^= 1
			for name, c := range map[string]struct {
				body io.Reader
				sum  tidings.Checksum
				kind tidings.Kind
			}{
				"wrong sum": {bytes.NewReader(body), bad, tidings.KindChecksum},
				"cut off":   {io.MultiReader(bytes.NewReader(body), iotest.ErrReader(errors.New("cut"))), good, tidings.KindInvalid},
			} {
				stands, err := r.Append(t.Context(), r.u.ID, at, c.body, &c.sum)
				if tidings.KindOf(err) != c.kind || stands != at {
					t.Fatalf("%s of %d bytes: %d, %v", name, n, stands, err)
				}
			}

			stands, err := r.Append(t.Context(), r.u.ID, at, bytes.NewReader(body), &good)
			r.ok(err)

			if stands != at+n {
				t.Fatalf("stands at %d", stands)
			}
		}
	}

	at := r.offsetOf(r.u)
	r.wantBytes(r.u, at)
	for _, n := range []int64{big + 2, 2 * big} { // refused whole
		body := pattern(at, n)
		stands, err := r.Append(t.Context(), r.u.ID, at, bytes.NewReader(body), &checksumsOf(body)[0])
		r.wantKind(err, tidings.KindTooLarge)
		if stands != at {
			t.Fatalf("stands at %d", stands)
		}
	}

	length := int64(10)
	u := r.createUpload(&length)
	body := pattern(0, 11)
	stands, err := r.Append(t.Context(), u.ID, 0, bytes.NewReader(body), &checksumsOf(body)[0])
	r.wantKind(err, tidings.KindTooLarge)

	if stands != 0 {
		t.Fatalf("stands at %d", stands)
	}
}
