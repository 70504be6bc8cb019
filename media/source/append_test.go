package source_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
	"time"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// big is more than fits into the buffer of an Append.
const big = tidings.MaxUploadPart + 12345

func TestAppendWhereItStands(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.appendBytes(r.u, 10)
	for _, at := range []int64{0, 9, 11, -1} {
		stands, err := r.Append(t.Context(), r.u.ID, at, bytes.NewReader(pattern(at, 5)), nil)
		r.wantKind(err, tidings.KindConflict)
		if stands != 10 {
			t.Fatalf("stands at %d", stands)
		}
	}

	r.appendBytes(r.u, 0)
	r.appendBytes(r.u, 1)
	r.appendBytes(r.u, big)
	r.wantBytes(r.u, 11+big)
	_, err := r.Append(t.Context(), "none", 0, bytes.NewReader(nil), nil)
	r.wantKind(err, tidings.KindNotFound)
	parts, err := r.rows.Parts(t.Context(), r.u.ClipID, 0, 100)
	r.ok(err)

	for _, p := range parts {
		if p.Size > tidings.MaxUploadPart {
			t.Fatalf("a part of %d bytes", p.Size)
		}
	}
}

// TestRandomAppends sends bodies of random sizes that break off at random
// offsets, and resumes each time at the offset that Take returns.
func TestRandomAppends(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	r := newTestSource(t, source.Config{FlushEvery: time.Millisecond})
	for range 40 {
		u, err := r.Take(t.Context(), r.u.ID)
		r.ok(err)
		n := rng.Int64N(200_000)
		body := io.Reader(bytes.NewReader(pattern(u.Offset, n)))
		cut := rng.IntN(2) == 0
		if cut {
			n = rng.Int64N(n + 1)
			body = io.MultiReader(io.LimitReader(body, n), iotest.ErrReader(errors.New("cut")))
		}

		at, err := r.Append(t.Context(), u.ID, u.Offset, body, nil)
		if cut {
			r.wantKind(err, tidings.KindInvalid)
		} else {
			r.ok(err)
		}

		if at != u.Offset+n {
			t.Fatalf("stands at %d, %d bytes came", at, u.Offset+n)
		}
	}

	r.wantBytes(r.u, r.offsetOf(r.u))
}

func TestLongBodyIsStoredAsItComes(t *testing.T) {
	r := newTestSource(t, source.Config{FlushEvery: time.Millisecond})
	events := r.partEvents()
	snd := r.startAppend(t.Context(), r.Source, r.u, 0)
	for at := int64(0); at < 30; at += 10 {
		snd.write(pattern(at, 10))
		r.waitForPart(events)
	}

	r.wantBytes(r.u, 30) // while the request goes on
	snd.Close()
	if at, err := snd.wait(); at != 30 || err != nil {
		t.Fatalf("%d, %v", at, err)
	}
}

// TestClientGoesAway: bytes that arrived before the end of the request are stored.
func TestClientGoesAway(t *testing.T) {
	r := newTestSource(t, source.Config{FlushEvery: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	snd := r.startAppend(ctx, r.Source, r.u, 0)
	snd.write(pattern(0, 10))
	snd.write(pattern(10, 10)) // it was taken: so was the one before
	cancel()
	at, err := snd.wait()
	if at < 10 || !errors.Is(err, context.Canceled) {
		t.Fatalf("%d, %v", at, err)
	}

	r.wantBytes(r.u, at)
}

func TestLengthIsKept(t *testing.T) {
	r := newTestSource(t, source.Config{})
	n := int64(10)
	for _, c := range []struct {
		body   int64
		stands int64
		kind   tidings.Kind
	}{{4, 4, ""}, {10, 10, ""}, {11, 10, tidings.KindTooLarge}, {big, 10, tidings.KindTooLarge}} {
		u := r.createUpload(&n)
		at, err := r.Append(t.Context(), u.ID, 0, bytes.NewReader(pattern(0, c.body)), nil)
		r.wantKind(err, c.kind)
		if at != c.stands || r.isSealed(u) != (at == n) {
			t.Fatalf("a body of %d stands at %d, sealed %v", c.body, at, r.isSealed(u))
		}
		r.wantBytes(u, c.stands)
	}

	r.appendBytes(r.u, 10)
	r.wantKind(r.SetLength(t.Context(), r.u.ID, 9), tidings.KindInvalid)
	r.wantKind(r.SetLength(t.Context(), r.u.ID, -1), tidings.KindInvalid)
	r.ok(r.SetLength(t.Context(), r.u.ID, 12))
	r.wantKind(r.SetLength(t.Context(), r.u.ID, 13), tidings.KindConflict)
	r.appendBytes(r.u, 2)
	if !r.isSealed(r.u) {
		t.Fatal("all there is has come, and it is not sealed")
	}

	r.ok(r.SetLength(t.Context(), r.u.ID, 12))
	r.wantKind(r.SetLength(t.Context(), r.u.ID, 13), tidings.KindGone)
	_, err := r.Append(t.Context(), r.u.ID, 12, bytes.NewReader([]byte("x")), nil)
	r.wantKind(err, tidings.KindGone)
	late := r.createUpload(nil)
	r.appendBytes(late, 7)
	r.ok(r.SetLength(t.Context(), late.ID, 7)) // reached already
	zero := int64(0)
	if !r.isSealed(late) || !r.isSealed(r.createUpload(&zero)) {
		t.Fatal("a length that is reached seals")
	}
}

func TestLimits(t *testing.T) {
	r := newTestSource(t, source.Config{MaxBytes: 100})
	at, err := r.Append(t.Context(), r.u.ID, 0, bytes.NewReader(pattern(0, 101)), nil)
	r.wantKind(err, tidings.KindTooLarge)

	if at != 100 {
		t.Fatalf("stands at %d", at)
	}

	n := int64(101)
	r.wantKind(r.Create(t.Context(), tidings.Upload{ID: "x", ClipID: "x", WorkspaceID: "w", Length: &n}), tidings.KindTooLarge)
	r.wantKind(r.SetLength(t.Context(), r.u.ID, n), tidings.KindTooLarge)

	r = newTestSource(t, source.Config{Quota: 100})
	other := r.createUpload(nil)
	r.appendBytes(other, 60)
	at, err = r.Append(t.Context(), r.u.ID, 0, bytes.NewReader(pattern(0, 60)), nil)
	r.wantKind(err, tidings.KindQuota)

	if at != 40 {
		t.Fatalf("stands at %d", at)
	}

	r.wantKind(r.Create(t.Context(), tidings.Upload{ID: "x", ClipID: "x", WorkspaceID: "w"}), tidings.KindQuota)
	r.ok(r.Create(t.Context(), tidings.Upload{ID: "y", ClipID: "y", WorkspaceID: "another"}))
	r.ok(r.Terminate(t.Context(), other.ID)) // gives its room back
	r.appendBytes(r.u, 60)
	r.wantBytes(r.u, 100)
}

// TestQuotaIsSharedWhileBodiesCome appends two bodies concurrently, each of which
// fits into the quota alone.
func TestQuotaIsSharedWhileBodiesCome(t *testing.T) {
	r := newTestSource(t, source.Config{Quota: 100, FlushEvery: time.Millisecond})
	events := r.partEvents()
	snd := r.startAppend(t.Context(), r.Source, r.u, 0)
	snd.write(pattern(0, 10))
	r.waitForPart(events)
	r.appendBytes(r.createUpload(nil), 85)
	snd.write(pattern(10, 10))
	if at, err := snd.wait(); at != 10 || tidings.KindOf(err) != tidings.KindQuota {
		t.Fatalf("%d, %v", at, err)
	}
}

func TestTooManyAtOnce(t *testing.T) {
	r := newTestSource(t, source.Config{Appends: 1, SlotWait: time.Millisecond, FlushEvery: time.Millisecond})
	events := r.partEvents()
	snd := r.startAppend(t.Context(), r.Source, r.u, 0)
	snd.write(pattern(0, 1))
	r.waitForPart(events)
	_, err := r.Append(t.Context(), r.createUpload(nil).ID, 0, bytes.NewReader(pattern(0, 1)), nil)
	r.wantKind(err, tidings.KindUnavailable)
	snd.Close()
	_, err = snd.wait()
	r.ok(err)
	r.appendBytes(r.createUpload(nil), 1)
}

func TestSniff(t *testing.T) {
	refuse := tidings.Errorf(tidings.KindUnsupported, "No media.")
	var seen []int
	cfg := source.Config{Sniff: func(head []byte) error {
		seen = append(seen, len(head))
		if !bytes.Equal(head, pattern(0, int64(len(head)))) {
			t.Errorf("these %d bytes are not the first", len(head))
		}
		return refuse
	}}
	r := newTestSource(t, cfg)
	r.appendBytes(r.u, 1) // nothing is judged by one byte
	at, err := r.Append(t.Context(), r.u.ID, 1, bytes.NewReader(pattern(1, 100_000)), nil)
	r.wantKind(err, tidings.KindUnsupported)

	if at != 1 || len(seen) != 1 || seen[0] != 32<<10 {
		t.Fatalf("stands at %d, judged by %v", at, seen)
	}

	r.wantKind(r.SetLength(t.Context(), r.u.ID, 1), tidings.KindUnsupported)
	n := int64(5)
	_, err = r.Append(t.Context(), r.createUpload(&n).ID, 0, bytes.NewReader(pattern(0, 5)), nil)
	r.wantKind(err, tidings.KindUnsupported)
	refuse = nil
	r.appendBytes(r.u, 100_000)
	r.appendBytes(r.u, 100_000)

	if len(seen) != 4 {
		t.Fatalf("judged by %v", seen)
	}
}
