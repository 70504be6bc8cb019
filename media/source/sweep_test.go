package source_test

import (
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// TestSilence: a recorder is silent, resumes, and then stays silent.
func TestSilence(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.appendBytes(r.u, 10)
	busy := r.createUpload(nil)
	follower := r.follow(t.Context(), r.u)
	sweep := func(pass time.Duration, atRisk, sealed bool) {
		t.Helper()
		r.clock.advance(pass)
		r.appendBytes(busy, 1)
		r.ok(r.Sweep(t.Context()))
		if got := r.rows.AtRisk(r.u.ClipID); got != atRisk || r.isSealed(r.u) != sealed {
			t.Fatalf("after %v: at risk %v, sealed %v", pass, got, r.isSealed(r.u))
		}
	}
	sweep(59*time.Second, false, false)
	sweep(2*time.Second, true, false)
	r.appendBytes(r.u, 10)
	sweep(0, false, false)
	sweep(14*time.Minute, true, false)
	sweep(2*time.Minute, true, true)
	u, err := r.Upload(t.Context(), r.u.ID)
	r.ok(err)

	if !u.EndedEarly || *u.Length != 20 {
		t.Fatalf("sealed upload %+v", u)
	}

	r.wantSameOriginal(follower)
	if r.isSealed(busy) || r.rows.AtRisk(busy.ClipID) {
		t.Fatal("a recorder that sends is given up")
	}
}

// TestPauseIsNotSilence: a recorder that is paused sends empty bodies.
func TestPauseIsNotSilence(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.appendBytes(r.u, 10)
	for range 40 {
		r.clock.advance(30 * time.Second)
		n, err := r.Append(t.Context(), r.u.ID, 10, strings.NewReader(""), nil)
		if r.ok(err); n != 10 {
			t.Fatalf("an empty body moved the offset to %d", n)
		}

		r.ok(r.Sweep(t.Context()))
		if r.rows.AtRisk(r.u.ClipID) || r.isSealed(r.u) {
			t.Fatal("a paused recording was given up")
		}
	}

	r.appendBytes(r.u, 10)
}

// TestDowntimeIsNotSilence: a restart does not seal uploads at once.
func TestDowntimeIsNotSilence(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.appendBytes(r.u, 10)
	r.clock.advance(24 * time.Hour)
	later := source.New(rowsOf(r.rows), testBlobs, &r.rows.Hub, source.Config{Clock: r.clock.Now})
	r.ok(later.Sweep(t.Context()))
	if r.isSealed(r.u) {
		t.Fatal("given up at once after a restart")
	}

	r.clock.advance(15 * time.Minute)
	r.ok(later.Sweep(t.Context()))
	if !r.isSealed(r.u) {
		t.Fatal("never given up")
	}
}

// TestSealThatWasCutOff: a process died between the last part and the seal. The
// sweep seals the upload, and so does a client that asks for the offset.
func TestSealThatWasCutOff(t *testing.T) {
	r := newTestSource(t, source.Config{})
	n := int64(10)
	cut := func() tidings.Upload {
		u := r.createUpload(&n)
		r.rows.Fail = func(call string) error {
			if call == "SealUpload" {
				return tidings.Errorf(tidings.KindUnavailable, "Killed.")
			}
			return nil
		}
		at, err := r.Append(t.Context(), u.ID, 0, patternReader(0, n), nil)
		r.wantKind(err, tidings.KindUnavailable)
		r.rows.Fail = nil
		if at != n || r.isSealed(u) {
			t.Fatalf("stands at %d, sealed %v", at, r.isSealed(u))
		}
		return u
	}
	swept, asked := cut(), cut()
	u, err := r.Take(t.Context(), asked.ID)
	r.ok(err)

	if u.SealedAt == nil || u.EndedEarly {
		t.Fatalf("asked: %+v", u)
	}

	r.clock.advance(time.Minute + time.Second)
	r.ok(r.Sweep(t.Context()))
	u, err = r.Upload(t.Context(), swept.ID)
	r.ok(err)

	if u.SealedAt == nil || u.EndedEarly {
		t.Fatalf("swept: %+v", u)
	}
}

// TestFullStorageIsNotSilence: a recorder whose bytes the full storage refuses is
// not given up, what was acknowledged stays, and it goes on where it stood.
func TestFullStorageIsNotSilence(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.appendBytes(r.u, 10)
	full := source.New(rowsOf(r.rows), failingPut{testBlobs, tidings.StorageFull(nil)}, &r.rows.Hub, source.Config{Clock: r.clock.Now})
	r.clock.advance(15 * time.Minute) // since New
	r.appendBytes(r.u, 10)
	for range 40 {
		r.clock.advance(30 * time.Second)
		at, err := full.Append(t.Context(), r.u.ID, 20, strings.NewReader("x"), nil)
		r.wantKind(err, tidings.KindStorageFull)
		if at != 20 {
			t.Fatalf("stands at %d", at)
		}
		r.ok(full.Sweep(t.Context()))
	}

	r.clock.advance(14 * time.Minute)
	r.ok(full.Sweep(t.Context()))
	if r.isSealed(r.u) {
		t.Fatal("given up because the storage was full")
	}

	r.appendBytes(r.u, 10)
	r.wantBytes(r.u, 30)
	r.clock.advance(15 * time.Minute)
	r.ok(full.Sweep(t.Context()))
	if !r.isSealed(r.u) {
		t.Fatal("never given up")
	}
}
