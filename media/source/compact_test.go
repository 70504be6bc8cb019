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
			r := newRig(t, source.Config{})
			for _, n := range sizes {
				r.append(r.u, n)
			}

			_, err := r.Compact(t.Context(), r.u.ClipID)
			r.kind(err, tidings.KindNotReady)
			r.ok(r.Seal(t.Context(), r.u.ID, false))
			end := r.at(r.u)

			// A part that was stored when its process died, and never got a row.
			orphan := "clips/" + string(r.u.ClipID) + "/parts/" + strings.Repeat("9", 20) + "-deadbeef"
			r.ok(testBlobs.Put(t.Context(), orphan, strings.NewReader("x"), 1, ""))
			a, err := r.Compact(t.Context(), r.u.ClipID)
			r.ok(err)

			if a.Bytes != end || a.ContentType != "video/webm" || a.Name != "original" {
				t.Fatalf("asset %+v", a)
			}
			if keys := r.objects(r.u); !slices.Equal(keys, []string{a.Key}) {
				t.Fatalf("objects %v", keys)
			}

			r.holds(r.u, end)
			again, err := r.Compact(t.Context(), r.u.ClipID)
			r.ok(err)

			if again != a {
				t.Fatalf("%+v, then %+v", a, again)
			}
		})
	}
}

// TestCompactUnderReaders: those who read a sealed original go on in the one
// object that its parts became.
func TestCompactUnderReaders(t *testing.T) {
	r := newRig(t, source.Config{})
	for range 80 { // more than one page of rows
		r.append(r.u, 3000)
	}

	r.append(r.u, big)
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
	end := r.at(r.u)
	for i, body := range bodies {
		rest, err := io.ReadAll(body)
		r.ok(err)
		if !bytes.Equal(rest, pattern(at[i], end-at[i])) {
			t.Fatalf("who stood at %d heard %d more bytes of %d", at[i], len(rest), end-at[i])
		}
	}
}

// TestCompactCutOff: whatever it dies at, the original is whole, and doing it
// again finishes the work.
func TestCompactCutOff(t *testing.T) {
	for _, call := range []string{"UploadByClip", "Asset", "Parts", "SetOriginal"} {
		t.Run(call, func(t *testing.T) {
			r := newRig(t, source.Config{})
			r.append(r.u, 1000)
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
			r.holds(r.u, 1000)
			a, err := r.Compact(t.Context(), r.u.ClipID)
			r.ok(err)
			r.holds(r.u, 1000)
			if keys := r.objects(r.u); !slices.Equal(keys, []string{a.Key}) {
				t.Fatalf("objects %v", keys)
			}
		})
	}
}

func TestCompactTwiceAtOnce(t *testing.T) {
	r := newRig(t, source.Config{})
	r.append(r.u, big)
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
	r.holds(r.u, big)
	if keys := r.objects(r.u); len(keys) != 1 {
		t.Fatalf("objects %v", keys)
	}
}

// TestThenCompact: a step that succeeded stays so, whatever comes of Compact.
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
			r := newRig(t, c.config)
			r.append(r.u, 10)
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
			if keys := r.objects(r.u); strings.Contains(keys[0], "/parts/") != c.parts {
				t.Errorf("objects %v", keys)
			}
			r.holds(r.u, 10)
		})
	}
}

func TestTerminate(t *testing.T) {
	r := newRig(t, source.Config{})
	r.append(r.u, 10)
	r.append(r.u, 10)
	snd := r.send(t.Context(), r.Source, r.u, 20)
	snd.write(pattern(20, 5))

	for range 2 {
		r.ok(r.Terminate(t.Context(), r.u.ID))
		if keys := r.objects(r.u); len(keys) != 0 {
			t.Fatalf("objects %v", keys)
		}
	}

	if _, err := snd.end(); err == nil {
		t.Fatal("the writer of an aborted upload ends well")
	}

	_, err := r.Append(t.Context(), r.u.ID, r.at(r.u), strings.NewReader("x"), nil)
	r.kind(err, tidings.KindGone)
	_, err = r.Compact(t.Context(), r.u.ClipID)
	r.kind(err, tidings.KindGone)
	done := r.create(nil)
	r.append(done, 10)
	r.ok(r.Seal(t.Context(), done.ID, false))
	r.kind(r.Terminate(t.Context(), done.ID), tidings.KindGone)
	r.holds(done, 10)
	r.kind(r.Terminate(t.Context(), "none"), tidings.KindNotFound)
}
