package source_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

func TestCompact(t *testing.T) {
	for name, sizes := range map[string][]int64{"small": {10, 20}, "large": {big, 100, big}, "one part": {5}, "empty": nil} {
		t.Run(name, func(t *testing.T) {
			r := newTestSource(t, source.Config{})
			for _, n := range sizes {
				r.appendBytes(r.u, n)
			}

			_, err := r.Compact(t.Context(), r.u.ClipID)
			r.wantKind(err, tidings.KindNotReady)
			r.ok(r.Seal(t.Context(), r.u.ID, false))
			end := r.offsetOf(r.u)

			// A part that was stored when its process died, and never got a row.
			orphan := "clips/" + string(r.u.ClipID) + "/parts/" + strings.Repeat("9", 20) + "-deadbeef"
			r.ok(testBlobs.Put(t.Context(), orphan, strings.NewReader("x"), 1, ""))
			a, err := r.Compact(t.Context(), r.u.ClipID)
			r.ok(err)

			if a.Bytes != end || a.ContentType != "video/webm" || a.Name != "original" {
				t.Fatalf("asset %+v", a)
			}
			if keys := r.partObjects(r.u); !slices.Equal(keys, []string{a.Key}) {
				t.Fatalf("objects %v", keys)
			}

			r.wantBytes(r.u, end)
			again, err := r.Compact(t.Context(), r.u.ClipID)
			r.ok(err)

			if again != a {
				t.Fatalf("%+v, then %+v", a, again)
			}
		})
	}
}

// TestCompactUnderReaders: readers of a sealed original continue in the object
// that Compact makes.
func TestCompactUnderReaders(t *testing.T) {
	r := newTestSource(t, source.Config{})
	for range 80 { // more than one page of rows
		r.appendBytes(r.u, 3000)
	}

	r.appendBytes(r.u, big)
	r.ok(r.Seal(t.Context(), r.u.ID, false))
	var bodies []io.ReadCloser
	at := []int64{0, 1, 3000, 100_000, 240_000, 240_001}
	for _, n := range at {
		body, err := r.Follow(t.Context(), r.u.ClipID)
		r.ok(err)
		defer body.Close()

		got := make([]byte, n)
		_, err = io.ReadFull(body, got)
		r.ok(err)
		bodies = append(bodies, body)
	}

	_, err := r.Compact(t.Context(), r.u.ClipID)
	r.ok(err)
	end := r.offsetOf(r.u)
	for i, body := range bodies {
		rest, err := io.ReadAll(body)
		r.ok(err)
		if !bytes.Equal(rest, pattern(at[i], end-at[i])) {
			t.Fatalf("who stood at %d heard %d more bytes of %d", at[i], len(rest), end-at[i])
		}
	}
}

// TestCompactCutOff fails Compact at each of its calls: the original stays
// complete, and a repeated Compact finishes the work.
func TestCompactCutOff(t *testing.T) {
	for _, call := range []string{"UploadByClip", "Asset", "Parts", "SetOriginal"} {
		t.Run(call, func(t *testing.T) {
			r := newTestSource(t, source.Config{})
			r.appendBytes(r.u, 1000)
			r.ok(r.Seal(t.Context(), r.u.ID, false))
			r.rows.Fail = func(c string) error {
				if c == call {
					return errors.New("killed")
				}
				return nil
			}
			if _, err := r.Compact(t.Context(), r.u.ClipID); err == nil {
				t.Fatal("no error")
			}

			r.rows.Fail = nil
			r.wantBytes(r.u, 1000)
			a, err := r.Compact(t.Context(), r.u.ClipID)
			r.ok(err)
			r.wantBytes(r.u, 1000)
			if keys := r.partObjects(r.u); !slices.Equal(keys, []string{a.Key}) {
				t.Fatalf("objects %v", keys)
			}
		})
	}
}

func TestCompactTwiceAtOnce(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.appendBytes(r.u, big)
	r.ok(r.Seal(t.Context(), r.u.ID, false))
	ends := make(chan error, 3)
	for range cap(ends) {
		go func() { _, err := r.Compact(t.Context(), r.u.ClipID); ends <- err }()
	}

	won := 0
	for range cap(ends) {
		if err := <-ends; err == nil {
			won++
		}
	}

	if won == 0 {
		t.Fatal("none did it")
	}

	_, err := r.Compact(t.Context(), r.u.ClipID)
	r.ok(err)
	r.wantBytes(r.u, big)
	if keys := r.partObjects(r.u); len(keys) != 1 {
		t.Fatalf("objects %v", keys)
	}
}

// TestThenCompact: the result of Compact does not change that of the step.
func TestThenCompact(t *testing.T) {
	failed := errors.New("failed")
	skip := func(func() error) error { return nil }
	for name, c := range map[string]struct {
		config source.Config
		step   error
		sealed bool
		parts  bool // are left
	}{
		"both halves":              {sealed: true},
		"the step fails":           {step: failed, sealed: true, parts: true},
		"no deletions just now":    {config: source.Config{TryDelete: skip}, sealed: true, parts: true},
		"Compact is not ready yet": {parts: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newTestSource(t, c.config)
			r.appendBytes(r.u, 10)
			if c.sealed {
				r.ok(r.Seal(t.Context(), r.u.ID, false))
			}

			run := tidings.StepRun{ClipID: r.u.ClipID, Step: tidings.StepTranscode}
			err := r.ThenCompact(func(_ context.Context, got tidings.StepRun) error {
				if got != run {
					t.Errorf("run %+v, want %+v", got, run)
				}
				return c.step
			})(t.Context(), run)

			if !errors.Is(err, c.step) {
				t.Errorf("%v, want %v", err, c.step)
			}
			if keys := r.partObjects(r.u); strings.Contains(keys[0], "/parts/") != c.parts {
				t.Errorf("objects %v", keys)
			}
			r.wantBytes(r.u, 10)
		})
	}
}

func TestTerminate(t *testing.T) {
	r := newTestSource(t, source.Config{})
	r.appendBytes(r.u, 10)
	r.appendBytes(r.u, 10)
	snd := r.startAppend(t.Context(), r.Source, r.u, 20)
	snd.write(pattern(20, 5))

	for range 2 {
		r.ok(r.Terminate(t.Context(), r.u.ID))
		if keys := r.partObjects(r.u); len(keys) != 0 {
			t.Fatalf("objects %v", keys)
		}
	}

	if _, err := snd.wait(); err == nil {
		t.Fatal("the writer of an aborted upload ends well")
	}

	_, err := r.Append(t.Context(), r.u.ID, r.offsetOf(r.u), strings.NewReader("x"), nil)
	r.wantKind(err, tidings.KindGone)
	_, err = r.Compact(t.Context(), r.u.ClipID)
	r.wantKind(err, tidings.KindGone)
	done := r.createUpload(nil)
	r.appendBytes(done, 10)
	r.ok(r.Seal(t.Context(), done.ID, false))
	r.wantKind(r.Terminate(t.Context(), done.ID), tidings.KindGone)
	r.wantBytes(done, 10)
	r.wantKind(r.Terminate(t.Context(), "none"), tidings.KindNotFound)
}
