package media

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"tidings.example/tidings/tidings"
)

// TestRefuses: an original that cannot or must not be read fails at once and
// permanently, with a sentence for users.
func TestRefuses(t *testing.T) {
	moovLast := makeSample(t, "last.mp4", "-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast")
	avi := makeSample(t, "zero.avi", "-f", "lavfi", "-i", picture, "-c:v", "mpeg4", "-q:v", "20")
	for i := range bytes.Count(avi, []byte("strh")) { // 0 fps: dwScale and dwRate are 0
		at := nthIndex(avi, "strh", i) + 8
		copy(avi[at+20:at+28], make([]byte, 8))
	}

	streams := []string{"-f", "lavfi", "-i", "anullsrc", "-t", "0.2", "-c:a", "pcm_s16le", "-ar", "8000"}
	for _, c := range []struct {
		name string
		b    []byte
		says string
	}{
		{"nothing", nil, "not a recording"},
		{"one byte", []byte{0x1a}, "not a recording"},
		{"text", []byte("Dear diary, today I recorded nothing at all.\n"), "not a recording"},
		{"an HLS playlist named .mp4", []byte("#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n"), "not a recording"},
		{"an ffconcat list", []byte("ffconcat version 1.0\nfile /etc/passwd\n"), "not a recording"},
		{"a picture", []byte{0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0}, "not a recording"},
		{"EBML, then noise", append([]byte{0x1a, 0x45, 0xdf, 0xa3}, make([]byte, 40_000)...), "no picture and no sound"},
		{"EBML, then a playlist", []byte("\x1a\x45\xdf\xa3#EXTM3U\nfile:///etc/passwd\n"), "no picture and no sound"},
		{"UTF-16 text", append([]byte{0xff, 0xfe}, strings.Repeat("h\x00i\x00", 9000)...), "no picture and no sound"},
		{"a movie of zeros", append([]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), make([]byte, 40_000)...), "no picture and no sound"},
		{"a movie without its index", moovLast[:len(moovLast)/2], "no picture and no sound"},
		{"8k", makeSample(t, "8k.mp4", "-f", "lavfi", "-i", "color=size=7680x4320:rate=1:duration=1", "-c:v", "libx264", "-preset", "ultrafast"), "7680 × 4320 is too large"},
		{"8k in WebM", makeSample(t, "8k.webm", "-f", "lavfi", "-i", "color=size=7680x4320:rate=1:duration=1", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"), "7680 × 4320 is too large"},
		{"100 streams", makeSample(t, "100.mkv", append(streams, slices.Repeat([]string{"-map", "0:a"}, 100)...)...), "too many streams"},
		{"17 streams", makeSample(t, "17.mkv", append(streams, slices.Repeat([]string{"-map", "0:a"}, 17)...)...), "too many streams"},
		{"a codec nobody records with", makeSample(t, "ffv1.mkv", "-f", "lavfi", "-i", picture, "-c:v", "ffv1"), "coded as ffv1"},
		{"only subtitles", makeSample(t, "s.mkv", "-f", "srt", "-i", "data:text/plain,1%0A00:00:00,000 --> 00:00:01,000%0AHi%0A"), "no picture and no sound"},
		{"two frames ten hours apart", makeSample(t, "gap.mkv", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=1:duration=2", "-vf", "setpts=N*36000/TB", "-fps_mode", "passthrough", "-c:v", "libvpx"), "do not fit its size"},
		{"0 fps", avi, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newFakeBackend(wholeSource(c.b))
			err := newMedia(t, w).Transcode(t.Context(), run1)
			if c.says == "" && err == nil { // readable after all: then it must play
				for _, name := range w.renditionNames() {
					checkDecodes(t, w.renditionFile(t, name))
				}
				return
			}

			if k := tidings.KindOf(err); k != tidings.KindUnsupported || !strings.Contains(tidings.Sentence(err), c.says) {
				t.Errorf("kind %s, sentence %q: %v", k, tidings.Sentence(err), err)
			}

			if w.result != nil {
				t.Error("it was finished all the same")
			}

			if _, err := newMedia(t, w).PCM(t.Context(), bytes.NewReader(c.b)); c.says != "" && !strings.Contains(c.name, "hours") && tidings.KindOf(err) != tidings.KindUnsupported {
				t.Errorf("as sound: %v", err)
			}
		})
	}
}

// nthIndex is the index of the i-th occurrence of a string.
func nthIndex(b []byte, s string, i int) int {
	at := bytes.Index(b, []byte(s))
	for range i {
		at += 1 + bytes.Index(b[at+1:], []byte(s))
	}
	return at
}

// TestBrokenSource: a truncated original is never taken for a complete one.
func TestBrokenSource(t *testing.T) {
	b, err := os.ReadFile("testdata/vp8-opus.webm")
	if err != nil {
		t.Fatal(err)
	}

	down := tidings.Errorf(tidings.KindUnavailable, "Storage does not answer.")
	for _, at := range []int{100, 20_000, 60_000} {
		w := newFakeBackend(func() io.ReadCloser {
			return io.NopCloser(io.MultiReader(bytes.NewReader(b[:at]), iotest.ErrReader(down)))
		})
		if err := newMedia(t, w).Transcode(t.Context(), run1); tidings.KindOf(err) != tidings.KindUnavailable || w.result != nil {
			t.Errorf("broken at %d: %v, result %v", at, err, w.result)
		}
	}

	w := newFakeBackend(wholeSource(b))
	r, err := newMedia(t, w).PCM(t.Context(), io.MultiReader(bytes.NewReader(b[:40_000]), iotest.ErrReader(down)))
	if err != nil {
		t.Fatal(err)
	}

	if _, err := io.Copy(io.Discard, r); tidings.KindOf(err) != tidings.KindUnavailable {
		t.Errorf("sound of a broken source: %v", err)
	}

	r.Close()
}

// refusingBackend fails to store objects or rows from a point on.
type refusingBackend struct {
	*fakeBackend
	put, add error
}

func (r *refusingBackend) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, ct string) error {
	return errors.Join(r.put, r.fakeBackend.Put(ctx, key, body, size, ct))
}

func (r *refusingBackend) AddSegment(ctx context.Context, run tidings.StepRun, g tidings.Segment) error {
	if g.Seq > 0 && r.add != nil {
		return r.add
	}
	return r.fakeBackend.AddSegment(ctx, run, g)
}

// TestRefusedWrites: storage that fails and a lost lease end the step with their
// own error, and nothing is finished.
func TestRefusedWrites(t *testing.T) {
	b, err := os.ReadFile("testdata/vp8-opus.webm")
	if err != nil {
		t.Fatal(err)
	}

	for kind, r := range map[tidings.Kind]*refusingBackend{
		tidings.KindUnavailable: {put: tidings.Errorf(tidings.KindUnavailable, "Storage does not answer.")},
		tidings.KindConflict:    {add: tidings.Errorf(tidings.KindConflict, "Another worker has this step.")},
	} {
		r.fakeBackend = newFakeBackend(wholeSource(b))
		dir := filepath.Join(t.TempDir(), "tmp")
		m, err := New(Config{Rows: r, Playback: r, Blobs: r, Source: r, FFmpeg: "ffmpeg", FFprobe: "ffprobe", Dir: dir})
		if err != nil {
			t.Fatal(err)
		}

		if err := m.Transcode(t.Context(), run1); tidings.KindOf(err) != kind || r.result != nil {
			t.Errorf("%v, want %s; result %v", err, kind, r.result)
		}

		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("files stay behind: %v %v", left, err)
		}
	}
}
