package media

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"testing"

	"tidings.example/tidings/tidings"
)

func TestPCM(t *testing.T) {
	m := newMedia(t, newFakeBackend(nil))
	for _, file := range []string{"vp8-opus.webm", "avc3-opus.mp4", "voice.webm", "resized.webm", "cut-off.webm"} {
		b, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}

		r, err := m.PCM(t.Context(), bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}

		pcm, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}

		if err := r.Close(); err != nil {
			t.Error(err)
		}

		if got, want := float64(len(pcm))/2/pcmRate, streamLength(t, "testdata/"+file, "a"); math.Abs(got-want) > 0.1 {
			t.Errorf("%s: %.2f s of %.2f s", file, got, want)
		}
	}
}

func TestPCMNoAudio(t *testing.T) {
	b, err := os.ReadFile("testdata/silent-picture.webm")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newMedia(t, newFakeBackend(nil)).PCM(t.Context(), bytes.NewReader(b)); !errors.Is(err, ErrNoAudio) {
		t.Errorf("%v", err)
	}
}

// TestPCMLive: samples are available while the recording continues, and Close
// ends it early.
func TestPCMLive(t *testing.T) {
	b, err := os.ReadFile("testdata/voice.webm")
	if err != nil {
		t.Fatal(err)
	}

	src, feed := io.Pipe()
	w := newFakeBackend(nil)
	m := newMedia(t, w)
	go feed.Write(b[:len(b)*3/4])
	r, err := m.PCM(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}

	if _, err := io.ReadFull(r, make([]byte, 2*pcmRate)); err != nil { // a second of it
		t.Errorf("%v", err)
	}

	src.Close()
	r.Close()

	if left, err := os.ReadDir(m.cfg.Dir); err != nil || len(left) > 0 {
		t.Errorf("files stay behind: %v %v", left, err)
	}
}

func TestPCMCancel(t *testing.T) {
	b, err := os.ReadFile("testdata/voice.webm")
	if err != nil {
		t.Fatal(err)
	}

	src, feed := io.Pipe()
	go feed.Write(b[:len(b)*3/4])
	ctx, cancel := context.WithCancel(t.Context())
	r, err := newMedia(t, newFakeBackend(nil)).PCM(ctx, src)
	if err != nil {
		t.Fatal(err)
	}

	cancel()
	feed.CloseWithError(context.Canceled)

	if _, err := io.Copy(io.Discard, r); err == nil || tidings.KindOf(err) != tidings.KindInternal {
		t.Errorf("a cancelled decoder ends with %v", err)
	}

	r.Close()
}
