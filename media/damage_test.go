package media

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"tidings.example/tidings/tidings"
)

// TestFailedOutput: ffmpeg fails in the middle because of an extra output (here
// it is made to: whenever it shall make stills, it gets half of the original
// and a bad end). It is run once more for playback alone, and what players see
// in the end is byte for byte what a run without trouble makes.
func TestFailedOutput(t *testing.T) {
	b, err := os.ReadFile("testdata/vp8-opus.webm")
	if err != nil {
		t.Fatal(err)
	}

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	script := filepath.Join(t.TempDir(), "guard.sh")
	text := fmt.Sprintf("#!/bin/bash\ncase \"$*\" in *pipe:4*) head -c %d | %q \"$@\"; exit 1;; esac\nexec %q \"$@\"\n", len(b)/2, self, self)
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}

	follows := 0
	w := newFakeBackend(func() io.ReadCloser { follows++; return io.NopCloser(bytes.NewReader(b)) })
	m := newMedia(t, w)
	m.cfg.Self = script
	if err := m.Transcode(t.Context(), run1); err != nil {
		t.Fatal(err)
	}

	want := transcodeFile(t, "testdata/vp8-opus.webm")
	if follows != 2 || !slices.Equal(w.renditionNames(), want.renditionNames()) || w.result.DurationMS != want.result.DurationMS {
		t.Errorf("followed %d times, renditions %v, %d ms", follows, w.renditionNames(), w.result.DurationMS)
	}

	for _, name := range want.renditionNames() {
		if !bytes.Equal(w.renditionBytes(t, name), want.renditionBytes(t, name)) {
			t.Errorf("%s is not what it would have been", name)
		}
	}

	if _, made := w.assets["storyboard.jpg"]; made {
		t.Error("a storyboard of a failed output")
	}
}

// renditionBytes is a rendition as one file.
func (w *fakeBackend) renditionBytes(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(w.renditionFile(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDamagedPictures: a recording most of whose frames do not decode, as
// Chromium's avc1 writes after a resize. The copied video and the sound keep
// their full length.
func TestDamagedPictures(t *testing.T) {
	b, err := os.ReadFile("testdata/avc3-opus.mp4")
	if err != nil {
		t.Fatal(err)
	}

	spoilPictures(b)
	w := newFakeBackend(wholeSource(b))
	if err := newMedia(t, w).Transcode(t.Context(), run1); err != nil {
		t.Fatal(err)
	}

	if got := w.renditionNames(); !slices.Equal(got, []string{"a", "src"}) {
		t.Errorf("renditions %v", got)
	}

	if d := float64(w.result.DurationMS) / 1000; math.Abs(d-streamLength(t, "testdata/avc3-opus.mp4", "v")) > 0.1 {
		t.Errorf("it lasts %.2f s", d)
	}

	for name := range w.segs {
		w.renditionFile(t, name) // fails on a hole or a repetition
	}

	for _, name := range []string{"peaks.json", "audio.m4a", "video.mp4"} {
		w.assetFile(t, name)
	}
}

// spoilPictures overwrites the coded frames of every fragment but the first, and
// keeps boxes, lengths and the headers of NAL units.
func spoilPictures(b []byte) {
	at, n := 0, 0
	for _, x := range parseBoxes(b) {
		if x.kind == "mdat" {
			if n++; n > 1 {
				body := b[at+8 : at+int(x.size)]
				for i := range body {
					if i%64 > 8 {
						body[i] ^= 0x5a
					}
				}
			}
		}

		at += int(x.size)
	}
}

// TestNoise: of a WebM whose middle is noise, the readable rest is kept.
func TestNoise(t *testing.T) {
	b, err := os.ReadFile("testdata/vp8-opus.webm")
	if err != nil {
		t.Fatal(err)
	}

	for i := len(b) / 2; i < len(b)/2+5000; i++ {
		b[i] = byte(i * 7)
	}

	w := newFakeBackend(wholeSource(b))
	if err := newMedia(t, w).Transcode(t.Context(), run1); err != nil {
		t.Fatal(err)
	}

	if w.result.DurationMS < 2500 || w.result.DurationMS > 6500 {
		t.Errorf("it lasts %d ms", w.result.DurationMS)
	}

	for _, name := range w.renditionNames() {
		checkDecodes(t, w.renditionFile(t, name))
	}
}

// TestProgress: once the length is known the step reports its progress.
func TestProgress(t *testing.T) {
	b, err := os.ReadFile("testdata/vp8-opus.webm")
	if err != nil {
		t.Fatal(err)
	}

	r, feed := io.Pipe()
	w := newFakeBackend(func() io.ReadCloser { return r })
	now := time.Now()
	w.upload = tidings.Upload{Offset: int64(len(b)), SealedAt: &now}
	done := make(chan error, 1)
	m := newMedia(t, w)
	go func() { done <- m.Transcode(t.Context(), run1) }()

	if _, err := feed.Write(b[:len(b)/2]); err != nil {
		t.Fatal(err)
	}

	var p float64
	waitFor(t, "some progress", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()

		if len(w.progress) > 0 {
			p = w.progress[len(w.progress)-1]
		}
		return len(w.progress) > 0
	})
	if p < 0.3 || p > 0.51 {
		t.Errorf("half way it says %.2f", p)
	}

	if _, err := feed.Write(b[len(b)/2:]); err != nil {
		t.Fatal(err)
	}

	feed.Close()

	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// waitFor waits until a condition holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()

	late := time.After(time.Minute)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

// TestDamagedOriginalStopsTheStep: a step that reads an original whose storage
// finds it damaged in the middle fails and says so; it is not done with what came.
func TestDamagedOriginalStopsTheStep(t *testing.T) {
	sample := makeSample(t, "a.webm", "-f", "lavfi", "-i", "sine=duration=30", "-c:a", "libopus", "-b:a", "128k")
	w := newFakeBackend(func() io.ReadCloser {
		broken := iotest.ErrReader(tidings.DamagedOriginal(errors.New("block 1 has another checksum")))
		return io.NopCloser(io.MultiReader(bytes.NewReader(sample[:len(sample)/2]), broken))
	})
	err := newMedia(t, w).Transcode(t.Context(), run1)
	if tidings.KindOf(err) != tidings.KindDamaged || tidings.Sentence(err) != "The stored original of this recording is damaged." || w.result != nil {
		t.Errorf("%v, finished %v", err, w.result != nil)
	}
}
