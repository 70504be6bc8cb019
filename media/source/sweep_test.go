package source_test

import (
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// TestSilence follows a recorder that falls silent, comes back, and vanishes.
func TestSilence(t *testing.T) {
	r := newRig(t, source.Config{})
	r.append(r.u, 10)
	busy := r.create(nil)
	follower := r.follow(t.Context(), r.u)
	sweep := func(pass time.Duration, atRisk, sealed bool) {
		t.Helper()
		r.clock.pass(pass)
		r.append(busy, 1)
		r.ok(r.Sweep(t.Context()))
		if got := r.rows.AtRisk(r.u.ClipID); got != atRisk || r.sealed(r.u) != sealed {
			t.Fatalf("after %v: at risk %v, sealed %v", pass, got, r.sealed(r.u))
		}
	}
	sweep(59*time.Second, false, false)
	sweep(2*time.Second, true, false)
	r.append(r.u, 10)
	sweep(0, false, false)
	sweep(14*time.Minute, true, false)
	sweep(2*time.Minute, true, true)
	u, err := r.Upload(t.Context(), r.u.ID)
	r.ok(err)

	if !u.EndedEarly || *u.Length != 20 {
		t.Fatalf("sealed upload %+v", u)
	}

	r.heard(follower)
	if r.sealed(busy) || r.rows.AtRisk(busy.ClipID) {
		t.Fatal("a recorder that sends is given up")
	}
}

// TestPauseIsNotSilence: a recorder that is paused sends empty bodies.
func TestPauseIsNotSilence(t *testing.T) {
	r := newRig(t, source.Config{})
	r.append(r.u, 10)
	for range 40 {
		r.clock.pass(30 * time.Second)
		n, err := r.Append(t.Context(), r.u.ID, 10, strings.NewReader(""), nil)
		if r.ok(err); n != 10 {
			t.Fatalf("an empty body moved the offset to %d", n)
		}

		r.ok(r.Sweep(t.Context()))
		if r.rows.AtRisk(r.u.ClipID) || r.sealed(r.u) {
			t.Fatal("a paused recording was given up")
		}
	}

	r.append(r.u, 10)
}

// TestDowntimeIsNotSilence: nobody could send while the server was down.
func TestDowntimeIsNotSilence(t *testing.T) {
	r := newRig(t, source.Config{})
	r.append(r.u, 10)
	r.clock.pass(24 * time.Hour)
	later := source.New(r.rows, testBlobs, &r.rows.Hub, source.Config{Clock: r.clock.Now})
	r.ok(later.Sweep(t.Context()))
	if r.sealed(r.u) {
		t.Fatal("given up at once after a restart")
	}

	r.clock.pass(15 * time.Minute)
	r.ok(later.Sweep(t.Context()))
	if !r.sealed(r.u) {
		t.Fatal("never given up")
	}
}

// TestSealThatWasCutOff: the last part was stored, and the process died before
// the seal. The sweep makes up for it, and so does a client that asks.
func TestSealThatWasCutOff(t *testing.T) {
	r := newRig(t, source.Config{})
	n := int64(10)
	cut := func() tidings.Upload {
		u := r.create(&n)
		r.rows.Fail = func(call string) error {
			if call == "SealUpload" {
				return tidings.Errorf(tidings.KindUnavailable, "Killed.")
			}
			return nil
		}
		at, err := r.Append(t.Context(), u.ID, 0, patternReader(0, n), nil)
		r.kind(err, tidings.KindUnavailable)
		r.rows.Fail = nil
		if at != n || r.sealed(u) {
			t.Fatalf("stands at %d, sealed %v", at, r.sealed(u))
		}
		return u
	}
	swept, asked := cut(), cut()
	u, err := r.Take(t.Context(), asked.ID)
	r.ok(err)

	if u.SealedAt == nil || u.EndedEarly {
		t.Fatalf("asked: %+v", u)
	}

	r.clock.pass(time.Minute + time.Second)
	r.ok(r.Sweep(t.Context()))
	u, err = r.Upload(t.Context(), swept.ID)
	r.ok(err)

	if u.SealedAt == nil || u.EndedEarly {
		t.Fatalf("swept: %+v", u)
	}
}
