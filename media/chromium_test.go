package media

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestChromium runs what Chromium's own MediaRecorder wrote (testdata/make)
// through the step and compares the outcome with the recording.
func TestChromium(t *testing.T) {
	for _, c := range []struct {
		file  string
		rends []string
		w, h  int
	}{
		{"vp8-opus.webm", []string{"a", "v180"}, 320, 180},
		{"vp9-opus.webm", []string{"a", "v180"}, 320, 180},
		{"avc3-opus.mp4", []string{"a", "src"}, 320, 180},
		{"voice.webm", []string{"a"}, 0, 0},
		{"silent-picture.webm", []string{"v180"}, 320, 180},
		{"resized.webm", []string{"a", "v180"}, 320, 180},
		{"resized-avc3.mp4", []string{"a", "src"}, 320, 180},
		{"paused.webm", []string{"a", "v180"}, 320, 180},
		{"cut-off.webm", []string{"a", "v180"}, 320, 180},
		{"cut-off.mp4", []string{"a", "src"}, 320, 180},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", c.file)
			w := transcodeFile(t, path)
			if got := w.renditionNames(); !slices.Equal(got, c.rends) {
				t.Fatalf("renditions %v, want %v", got, c.rends)
			}

			if w.result.Width != c.w || w.result.Height != c.h {
				t.Errorf("%d × %d", w.result.Width, w.result.Height)
			}

			checkAgainst(t, w, path)
		})
	}
}

// transcodeFile is the backend after the step has run over a file.
func transcodeFile(t testing.TB, path string) *fakeBackend {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w := newFakeBackend(wholeSource(b))
	if err := newMedia(t, w).Transcode(t.Context(), run1); err != nil {
		t.Fatal(err)
	}
	return w
}

// checkAgainst compares renditions with the original: they decode, each segment
// by itself too, have the same length, and sound and picture stay in sync.
func checkAgainst(t *testing.T, w *fakeBackend, original string) {
	t.Helper()
	files := map[tidings.RenditionKind]string{}
	whole := 0.0
	for _, name := range w.renditionNames() {
		r := w.rends[name]
		file := w.renditionFile(t, name)
		files[r.Kind] = file
		checkDecodes(t, file)
		w.checkIndependent(t, name)
		stream := string(r.Kind[:1])
		want, got := streamLength(t, original, stream), streamLength(t, file, stream)
		if math.Abs(want-got) > 0.1 {
			t.Errorf("%s lasts %.3f s, its original %.3f s", name, got, want)
		}

		whole = max(whole, want)
	}

	if got := float64(w.result.DurationMS) / 1000; math.Abs(got-whole) > 0.1 {
		t.Errorf("the clip lasts %.3f s, its original %.3f s", got, whole)
	}

	if len(files) == 2 {
		before := syncOffset(t, original, original)
		after := syncOffset(t, files[tidings.RenditionVideo], files[tidings.RenditionAudio])
		t.Logf("sound lags %.0f ms in the original, %.0f ms in HLS", before*1000, after*1000)
		if math.Abs(after-before) > 0.025 {
			t.Errorf("sound moved by %.0f ms against the picture", (after-before)*1000)
		}
	}
}

// checkIndependent fails unless each segment decodes with only the
// initialisation segment before it.
func (w *fakeBackend) checkIndependent(t testing.TB, name string) {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for _, g := range w.segs[name] {
		path := filepath.Join(dir, fmt.Sprintf("%s-%d.mp4", name, g.Seq))
		if err := os.WriteFile(path, slices.Concat(w.objects[w.rends[name].InitKey], w.objects[g.Key]), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}

	if len(paths) > 0 {
		checkDecodes(t, paths...)
	}
}

// renditionNames are the names of all renditions that have segments, sorted.
func (w *fakeBackend) renditionNames() []string {
	var out []string
	for name := range w.segs {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
