package media

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"testing"
)

// decodeLevels are the channel levels of a file, at the end of its samples, and
// how many ms of these there are.
func decodeLevels(t *testing.T, b []byte) (levels [][2]uint8, ms int) {
	t.Helper()
	r, err := newMedia(t, newFakeBackend(nil)).PCM(t.Context(), bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()

	pcm, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return r.(interface{ ChannelLevels() [][2]uint8 }).ChannelLevels(), len(pcm) / 2 * 1000 / pcmRate
}

// TestChannelLevels: a tone of 2 s on the left and then one on the right, 12 dB
// quieter, are measured where they are.
func TestChannelLevels(t *testing.T) {
	film, err := exec.CommandContext(t.Context(), "ffmpeg", "-hide_banner", "-v", "error", "-f", "lavfi", "-i", "aevalsrc='0.5*sin(2*PI*440*t)*lt(t,2)|0.125*sin(2*PI*440*t)*gte(t,2)':d=4:s=48000",
		"-c:a", "flac", "-f", "matroska", "pipe:1").Output()
	if err != nil {
		t.Fatal(err)
	}

	levels, ms := decodeLevels(t, film)
	if ms != 4000 || len(levels) != 80 {
		t.Fatalf("%d levels of %d ms", len(levels), ms)
	}
	for i, l := range levels {
		want := [2]uint8{9, levelFloor} // a sine of half the full scale
		if i >= 40 {
			want = [2]uint8{levelFloor, 21}
		}
		if i%40 > 0 && i%40 < 39 && l != want {
			t.Errorf("at %d ms %v, not %v", 50*i, l, want)
		}
	}
}

// TestChannelLevelsOfOneChannel: a track with one channel has none.
func TestChannelLevelsOfOneChannel(t *testing.T) {
	b, err := os.ReadFile("testdata/voice.webm")
	if err != nil {
		t.Fatal(err)
	}
	mono, err := exec.CommandContext(t.Context(), "ffmpeg", "-hide_banner", "-v", "error", "-i", "testdata/voice.webm", "-ac", "1", "-c:a", "libopus", "-f", "webm", "pipe:1").Output()
	if err != nil {
		t.Fatal(err)
	}

	if levels, ms := decodeLevels(t, mono); len(levels) > 0 || ms == 0 {
		t.Errorf("%d levels, %d ms of sound", len(levels), ms)
	}
	levels, ms := decodeLevels(t, b)
	if len(levels) != (ms+49)/50 {
		t.Errorf("%d levels of %d ms", len(levels), ms)
	}
	for i, l := range levels {
		if l[0] != l[1] {
			t.Errorf("a recorder's voice has %v at %d ms", l, 50*i)
			break
		}
	}
}
