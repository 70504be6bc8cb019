package source_test

import (
	"bytes"
	"io"
	"testing"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// TestDamagedPart: a part whose bytes are not those that came is reported, ends
// every reader before its damaged block, and never becomes an original.
func TestDamagedPart(t *testing.T) {
	r := newTestSource(t, source.Config{})
	for range 3 {
		r.appendBytes(r.u, 400_000)
	}
	r.ok(r.Seal(t.Context(), r.u.ID, false))

	parts, err := r.rows.Parts(t.Context(), r.u.ClipID, 0, 10)
	r.ok(err)
	damaged := pattern(parts[1].Offset, parts[1].Size)
	damaged[300_000] ^= 1
	r.ok(testBlobs.Put(t.Context(), parts[1].Key, bytes.NewReader(damaged), int64(len(damaged)), ""))

	body, err := r.Follow(t.Context(), r.u.ClipID)
	r.ok(err)
	defer body.Close()

	got, err := io.ReadAll(body)
	r.wantKind(err, tidings.KindDamaged)
	if want := pattern(0, 400_000+tidings.BlockSize); !bytes.Equal(got, want) {
		t.Errorf("%d bytes were read, not the %d before the damaged block", len(got), len(want))
	}
	if d, ok := r.rows.Damage()[parts[1].Key]; !ok || d.ClipID != r.u.ClipID {
		t.Errorf("recorded %+v", r.rows.Damage())
	}

	_, err = r.Compact(t.Context(), r.u.ClipID)
	r.wantKind(err, tidings.KindDamaged)
}
