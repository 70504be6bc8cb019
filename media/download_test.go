package media

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestDownloads: the files exist after the step, play from their first bytes,
// have the length of the clip, keep sound and picture in sync and have the
// target loudness.
func TestDownloads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "quiet.webm")
	runFFmpeg(t, "-f", "lavfi", "-i", flashing, "-f", "lavfi", "-i", beeping, "-af", "volume=-14dB", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", path)
	w := transcodeFile(t, path)
	before := *w.result.Report.LoudnessLUFS

	for name, stream := range map[string]string{"video.mp4": "v", "audio.m4a": "a"} {
		file := w.assetFile(t, name)
		checkDecodes(t, file)
		if d := streamLength(t, file, stream); math.Abs(d-6) > 0.1 {
			t.Errorf("%s lasts %.2f s", name, d)
		}

		if b, _ := os.ReadFile(file); !isMoovFirst(b) {
			t.Errorf("%s does not start with its index", name)
		}
	}

	video := w.assetFile(t, "video.mp4")
	if o := syncOffset(t, video, video); math.Abs(o) > 0.025 {
		t.Errorf("sound lags %.0f ms", o*1000)
	}

	again := transcodeFile(t, w.assetFile(t, "audio.m4a"))
	after := *again.result.Report.LoudnessLUFS
	if math.Abs(after-targetLUFS) > 2 || before > targetLUFS-5 {
		t.Errorf("%.1f LUFS became %.1f", before, after)
	}
}

// assetFile writes an asset to a file.
func (w *fakeBackend) assetFile(t testing.TB, name string) string {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()

	a, ok := w.assets[name]
	if !ok || int64(len(w.objects[a.Key])) != a.Bytes || a.ContentType == "" {
		t.Fatalf("asset %s: %+v, %d bytes stored", name, a, len(w.objects[a.Key]))
	}

	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, w.objects[a.Key], 0o600); err != nil {
		t.Fatal(err)
	}

	return path
}

// TestDownloadOnDemand makes a missing file on request, once for all concurrent
// requests.
func TestDownloadOnDemand(t *testing.T) {
	w := transcodeFile(t, "testdata/vp8-opus.webm")
	m := newMedia(t, w)
	made := bytes.Clone(w.objects[w.assets["video.mp4"].Key])
	delete(w.assets, "video.mp4")
	delete(w.objects, "clips/"+string(run1.ClipID)+"/m1/video.mp4")
	var all sync.WaitGroup
	got := make([]tidings.Asset, 4)
	for i := range got {
		all.Go(func() {
			a, err := m.Download(t.Context(), run1.ClipID, "video.mp4")
			if err != nil {
				t.Error(err)
			}
			got[i] = a
		})
	}

	all.Wait()

	for _, a := range got {
		if a != got[0] || a.Key == "" || !bytes.Equal(w.objects[a.Key], made) {
			t.Errorf("%+v", a)
		}
	}

	for _, name := range []string{"poster.jpg", "../x", ""} {
		if _, err := m.Download(t.Context(), run1.ClipID, name); tidings.KindOf(err) != tidings.KindNotFound {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestDownloadTooEarly(t *testing.T) {
	w := newFakeBackend(nil)
	m := newMedia(t, w)
	w.rends["v360"] = tidings.Rendition{Name: "v360", Kind: tidings.RenditionVideo, InitKey: "k"}
	if _, err := m.Download(t.Context(), run1.ClipID, "video.mp4"); tidings.KindOf(err) != tidings.KindNotReady {
		t.Errorf("while recording: %v", err)
	}
	voice := transcodeFile(t, "testdata/voice.webm")
	if _, err := newMedia(t, voice).Download(t.Context(), run1.ClipID, "video.mp4"); tidings.KindOf(err) != tidings.KindNotFound {
		t.Errorf("the picture of a voice: %v", err)
	}
}
