package source_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// TestContinue: a recorder goes on in an original that has become one object, and
// the whole of it becomes one again.
func TestContinue(t *testing.T) {
	for name, compacted := range map[string]bool{"parts": false, "one object": true} {
		t.Run(name, func(t *testing.T) {
			r := newTestSource(t, source.Config{})
			r.appendBytes(r.u, big)
			r.ok(r.Seal(t.Context(), r.u.ID, false))
			if compacted {
				_, err := r.Compact(t.Context(), r.u.ClipID)
				r.ok(err)
			}

			_, err := r.Continue(t.Context(), r.u.ClipID)
			r.ok(err)
			_, err = r.Compact(t.Context(), r.u.ClipID)
			r.wantKind(err, tidings.KindNotReady)
			body, err := r.Follow(t.Context(), r.u.ClipID)
			r.ok(err)
			defer body.Close()

			first := make([]byte, big) // a reader from the beginning waits for what follows
			_, err = io.ReadFull(body, first)
			r.ok(err)
			r.appendBytes(r.u, 1000)
			r.ok(r.Seal(t.Context(), r.u.ID, false))
			rest, err := io.ReadAll(body)
			r.ok(err)
			if !slices.Equal(append(first, rest...), pattern(0, big+1000)) {
				t.Fatalf("%d bytes, then %d that are not those sent", len(first), len(rest))
			}

			a, err := r.Compact(t.Context(), r.u.ClipID)
			r.ok(err)
			r.wantBytes(r.u, big+1000)
			if a.Bytes != big+1000 || compacted && !slices.Contains(r.partObjects(r.u), a.Key) {
				t.Fatalf("asset %+v, objects %v", a, r.partObjects(r.u))
			}
		})
	}
}

// TestContinueInVain: an upload that is opened again and gets no byte keeps its
// object, whichever way it ends.
func TestContinueInVain(t *testing.T) {
	for name, end := range map[string]func(r *testSource) error{
		"silence": func(r *testSource) error {
			r.clock.advance(time.Hour)
			return r.Sweep(t.Context())
		},
		"cancelled":  func(r *testSource) error { return r.CancelContinuation(t.Context(), r.u.ClipID, 0) },
		"terminated": func(r *testSource) error { return r.Terminate(t.Context(), r.u.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newTestSource(t, source.Config{})
			r.appendBytes(r.u, 1000)
			r.ok(r.Seal(t.Context(), r.u.ID, false))
			before, err := r.Compact(t.Context(), r.u.ClipID)
			r.ok(err)
			_, err = r.Continue(t.Context(), r.u.ClipID)
			r.ok(err)
			r.ok(end(r))
			after, err := r.Compact(t.Context(), r.u.ClipID)
			r.ok(err)
			if after != before {
				t.Fatalf("%+v became %+v", before, after)
			}
			r.wantBytes(r.u, 1000)
		})
	}
}

// TestTerminateContinued: cancelling a continuation drops what it brought, and
// nothing of the recording before.
func TestTerminateContinued(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.appendBytes(r.u, 1000)
	r.ok(r.Seal(t.Context(), r.u.ID, false))
	_, err := r.Continue(t.Context(), r.u.ClipID)
	r.ok(err)
	r.appendBytes(r.u, 500)
	r.ok(r.Terminate(t.Context(), r.u.ID))
	r.wantBytes(r.u, 1000)
	a, err := r.Compact(t.Context(), r.u.ClipID)
	r.ok(err)
	if keys := r.partObjects(r.u); a.Bytes != 1000 || !slices.Equal(keys, []string{a.Key}) {
		t.Fatalf("asset %+v, objects %v", a, keys)
	}
}

// listingHook is a storage that runs its hook before it lists the keys of a prefix
// for the first time.
type listingHook struct {
	source.Blobs
	prefix string
	run    func()
}

func (b *listingHook) Keys(ctx context.Context, prefix, after string, limit int) ([]string, error) {
	if run := b.run; run != nil && strings.HasSuffix(prefix, b.prefix) {
		b.run = nil
		run()
	}
	return b.Blobs.Keys(ctx, prefix, after, limit)
}

// TestCompactBesideContinue: Compact that is about to list what is left over when a
// recorder goes on deletes neither the parts that it adds nor the object that they
// become.
func TestCompactBesideContinue(t *testing.T) {
	for name, c := range map[string]struct {
		prefix string
		whole  bool // the continuation has ended, and has become one object
	}{
		"its parts":      {prefix: "/parts/"},
		"its one object": {prefix: "/source/", whole: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newTestSource(t, source.Config{})
			r.appendBytes(r.u, 1000)
			r.ok(r.Seal(t.Context(), r.u.ID, false))
			hook := &listingHook{Blobs: testBlobs, prefix: c.prefix}
			hook.run = func() {
				_, err := r.Continue(t.Context(), r.u.ClipID)
				r.ok(err)
				r.appendBytes(r.u, 500)
				if !c.whole {
					return
				}

				r.ok(r.Seal(t.Context(), r.u.ID, false))
				_, err = r.Compact(t.Context(), r.u.ClipID)
				r.ok(err)
			}

			old := source.New(rowsOf(r.rows), hook, nil, source.Config{Clock: r.clock.Now})
			_, err := old.Compact(t.Context(), r.u.ClipID)
			r.ok(err)
			if hook.run != nil {
				t.Fatal("Compact has listed nothing")
			}

			r.ok(r.Seal(t.Context(), r.u.ID, false))
			r.wantBytes(r.u, 1500)
			_, err = r.Compact(t.Context(), r.u.ClipID)
			r.ok(err)
			r.wantBytes(r.u, 1500)
		})
	}
}

// TestCompactOvertaken: Compact that has read the upload before a recorder goes on
// is refused, and deletes nothing.
func TestCompactOvertaken(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.appendBytes(r.u, 1000)
	r.ok(r.Seal(t.Context(), r.u.ID, false))
	r.rows.Fail = func(call string) error {
		if call != "Asset" {
			return nil
		}
		r.rows.Fail = nil
		_, err := r.Continue(t.Context(), r.u.ClipID)
		r.ok(err)
		r.appendBytes(r.u, 500)
		return nil
	}

	_, err := r.Compact(t.Context(), r.u.ClipID)
	r.wantKind(err, tidings.KindConflict)
	r.ok(r.Seal(t.Context(), r.u.ID, false))
	r.wantBytes(r.u, 1500)
}

func TestContinueRefused(t *testing.T) {
	full := source.Config{Quota: 1000}
	for name, c := range map[string]struct {
		config source.Config
		spoil  func(r *testSource)
		want   tidings.Kind
	}{
		"a full workspace": {config: full, want: tidings.KindQuota},
		"the largest size": {config: source.Config{MaxBytes: 1000}, want: tidings.KindTooLarge},
		"a full disk": {config: source.Config{CheckSpace: func(n int64) error {
			return tidings.Errorf(tidings.KindStorageFull, "The disk is full.")
		}}, want: tidings.KindStorageFull},
		"too late": {spoil: func(r *testSource) { r.clock.advance(tidings.ContinueWithin + time.Second) }, want: tidings.KindGone},
		"a second recorder": {spoil: func(r *testSource) {
			_, err := r.Continue(t.Context(), r.u.ClipID)
			r.ok(err)
		}, want: tidings.KindConflict},
	} {
		t.Run(name, func(t *testing.T) {
			r := newTestSource(t, source.Config{})
			r.appendBytes(r.u, 1000)
			r.ok(r.Seal(t.Context(), r.u.ID, false))
			if c.spoil != nil {
				c.spoil(r)
			}
			c.config.Clock = r.clock.Now
			_, err := source.New(rowsOf(r.rows), testBlobs, &r.rows.Hub, c.config).Continue(t.Context(), r.u.ClipID)
			r.wantKind(err, c.want)
			if strings.Contains(tidings.Sentence(err), "internal") {
				t.Fatal(err)
			}
		})
	}
}
