package source_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// followResult is what a follower has read.
type followResult struct {
	n    int64
	hash [32]byte
	err  error
}

// follow reads an original to its end.
func (r *testSource) follow(ctx context.Context, u tidings.Upload) <-chan followResult {
	r.t.Helper()
	body, err := r.Follow(ctx, u.ClipID)
	r.ok(err)
	out := make(chan followResult, 1)
	go func() {
		defer body.Close()

		h := sha256.New()
		n, err := io.Copy(h, body)
		s := followResult{n: n, err: err}
		h.Sum(s.hash[:0])
		out <- s
	}()

	return out
}

func (r *testSource) wantSameOriginal(followers ...<-chan followResult) {
	r.t.Helper()
	end := r.offsetOf(r.u)
	want := sha256.Sum256(pattern(0, end))
	late := time.NewTimer(testTimeout)
	defer late.Stop()

	for i, f := range followers {
		select {
		case s := <-f:
			if s.err != nil || s.n != end || s.hash != want {
				r.t.Fatalf("follower %d heard %d of %d bytes, %v", i, s.n, end, s.err)
			}
		case <-late.C:
			r.t.Fatalf("follower %d never ends", i)
		}
	}
}

// TestFollowersHearEverything: three readers follow an original that grows by
// pieces of random sizes; one starts late, and one gets no events.
func TestFollowersHearEverything(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	r := newTestSource(t, source.Config{})
	deaf := &testSource{Source: source.New(rowsOf(r.rows), testBlobs, nil, source.Config{Poll: time.Millisecond}), t: t}
	followers := []<-chan followResult{r.follow(t.Context(), r.u), deaf.follow(t.Context(), r.u)}
	for i := range 30 {
		switch {
		case i == 15:
			followers = append(followers, r.follow(t.Context(), r.u))
		case i == 20:
			r.appendBytes(r.u, big)
		}
		r.appendBytes(r.u, rng.Int64N(150_000))
	}

	r.ok(r.Seal(t.Context(), r.u.ID, false))
	followers = append(followers, r.follow(t.Context(), r.u))
	r.wantSameOriginal(followers...)
}

func TestFollowEnds(t *testing.T) {
	r := newTestSource(t, source.Config{})
	empty := r.follow(t.Context(), r.u)
	r.ok(r.Seal(t.Context(), r.u.ID, true))
	r.wantSameOriginal(empty)

	aborted := r.createUpload(nil)
	r.appendBytes(aborted, 10)
	f := r.follow(t.Context(), aborted)
	r.ok(r.Terminate(t.Context(), aborted.ID))
	r.wantKind((<-f).err, tidings.KindGone)
	_, err := r.Follow(t.Context(), aborted.ClipID)
	r.wantKind(err, tidings.KindGone)
	_, err = r.Stat(t.Context(), aborted.ClipID)
	r.wantKind(err, tidings.KindGone)
	_, err = r.Follow(t.Context(), "none")
	r.wantKind(err, tidings.KindNotFound)

	ctx, cancel := context.WithCancel(t.Context())
	waits := r.createUpload(nil)
	r.appendBytes(waits, 10)
	f = r.follow(ctx, waits)
	cancel()

	if s := <-f; !errors.Is(s.err, context.Canceled) {
		t.Fatalf("after its context: %v", s.err)
	}

	body, err := r.Follow(t.Context(), waits.ClipID)
	r.ok(err)
	_, err = io.ReadFull(body, make([]byte, 10))
	r.ok(err)
	ended := make(chan error, 1)
	go func() { _, err := body.Read(make([]byte, 1)); ended <- err }()
	r.ok(body.Close())

	if err := <-ended; err == nil {
		t.Fatal("a Read that waited goes on after Close")
	}
}

// TestFollowOutlivesItsEvents: followers poll after their subscription ends.
func TestFollowOutlivesItsEvents(t *testing.T) {
	r := newTestSource(t, source.Config{Poll: time.Millisecond})
	r.appendBytes(r.u, 10)
	f := r.follow(t.Context(), r.u)
	r.rows.Hub.Close()
	r.appendBytes(r.u, 10)
	r.ok(r.Seal(t.Context(), r.u.ID, false))
	r.wantSameOriginal(f)
}

func TestOpenRanges(t *testing.T) {
	r := newTestSource(t, source.Config{})
	for _, n := range []int64{1, 100_000, big, 7, 0, 50_000} {
		r.appendBytes(r.u, n)
	}

	end := r.offsetOf(r.u)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	check := func(from, to int64) {
		t.Helper()
		body, err := r.Open(t.Context(), r.u.ClipID, from, to)
		r.ok(err)
		defer body.Close()

		got, err := io.ReadAll(body)
		r.ok(err)

		if to < 0 {
			to = end
		}

		if !bytes.Equal(got, pattern(from, to-from)) {
			t.Fatalf("[%d, %d): %d bytes, or other ones", from, to, len(got))
		}
	}
	ranges := func() {
		for _, c := range [][2]int64{{0, -1}, {0, 0}, {0, 1}, {1, 2}, {0, 2}, {end - 1, end}, {end, end}, {end, -1}, {100_000, 100_002}, {1 + 100_000 + big, -1}} {
			check(c[0], c[1])
		}
		for range 15 {
			from := rng.Int64N(end)
			check(from, from+rng.Int64N(min(end-from, 200_000)+1))
		}
	}
	ranges()

	for _, c := range [][2]int64{{-1, 5}, {5, 4}, {0, end + 1}, {end + 1, -1}} {
		_, err := r.Open(t.Context(), r.u.ClipID, c[0], c[1])
		r.wantKind(err, tidings.KindInvalid)
	}

	r.ok(r.Seal(t.Context(), r.u.ID, false))
	_, err := r.Compact(t.Context(), r.u.ClipID)
	r.ok(err)
	ranges()
}
