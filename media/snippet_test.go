package media

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tidings.example/tidings/tidings"
)

// fakeLinks are the rows of snippet links in memory.
type fakeLinks struct {
	mu     sync.Mutex
	assets map[tidings.ID][]tidings.LinkAsset
	refuse error
	put    chan tidings.ID // each link whose files became visible, or were refused
}

func newFakeLinks() *fakeLinks {
	return &fakeLinks{assets: map[tidings.ID][]tidings.LinkAsset{}, put: make(chan tidings.ID, 10)}
}

func (l *fakeLinks) LinkAssets(_ context.Context, link tidings.ID) ([]tidings.LinkAsset, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.assets[link], nil
}

func (l *fakeLinks) PutLinkAssets(_ context.Context, link tidings.Link, assets []tidings.LinkAsset) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() { l.put <- link.ID }()
	if l.refuse == nil {
		l.assets[link.ID] = assets
	}
	return l.refuse
}

func snippetOf(from, to int64) tidings.Link {
	return tidings.Link{ID: tidings.ID(fmt.Sprintf("link-%d-%d", from, to)), ClipID: run1.ClipID, StartMS: &from, EndMS: &to}
}

// makeSnippet makes a snippet of the transcoded clip and returns its files.
func (w *fakeBackend) makeSnippet(t *testing.T, l tidings.Link) map[string]string {
	t.Helper()
	rows := newFakeLinks()
	m := newMedia(t, w)
	m.cfg.Links = rows
	defer m.Close()

	for range 2 { // the second one finds it under way
		if err := m.Snippet(t.Context(), l); tidings.KindOf(err) != tidings.KindNotReady {
			t.Fatalf("a new snippet: %v", err)
		}
	}

	<-rows.put
	if len(rows.put) > 0 {
		t.Error("it was made twice")
	}

	if err := m.Snippet(t.Context(), l); err != nil {
		t.Fatalf("a snippet that is there: %v", err)
	}

	files, dir := map[string]string{}, t.TempDir()
	for _, a := range rows.assets[l.ID] {
		b := w.objects[a.Key]
		if a.LinkID != l.ID || a.ClipID != l.ClipID || int64(len(b)) != a.Bytes || a.ContentType == "" || !strings.HasPrefix(a.Key, "clips/"+string(l.ClipID)+"/") {
			t.Errorf("%+v with %d bytes", a, len(b))
		}

		files[a.Name] = filepath.Join(dir, a.Name)
		if err := os.WriteFile(files[a.Name], b, 0o600); err != nil {
			t.Fatal(err)
		}
	}

	return files
}

// threeParts is six seconds: two red with a low tone, two green with a middle
// one, two blue with a high one.
var threeParts = []string{"-f", "lavfi", "-i", "color=red:s=320x180:r=30:d=2[a];color=lime:s=320x180:r=30:d=2[b];color=blue:s=320x180:r=30:d=2[c];[a][b][c]concat=n=3",
	"-f", "lavfi", "-i", "aevalsrc=exprs='0.5*sin(2*PI*t*if(lt(t\\,2)\\,400\\,if(lt(t\\,4)\\,1000\\,3000)))':d=6:s=48000"}

// TestSnippetIsExact: every frame and every sample of every file of a snippet is
// from the selected part, whatever the clip was made of.
func TestSnippetIsExact(t *testing.T) {
	for name, encode := range map[string][]string{
		"encoded.webm": {"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k", "-c:a", "libopus"},
		"copied.mp4":   {"-c:v", "libx264", "-preset", "ultrafast", "-g", "300", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart"}, // one key frame in all
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			runFFmpeg(t, append(append(append([]string{}, threeParts...), encode...), path)...)
			w := transcodeFile(t, path)
			files := w.makeSnippet(t, snippetOf(2000, 4000))
			for _, file := range []string{"stream.mp4", "video.mp4"} {
				checkDecodes(t, files[file])
				isGreen(t, files[file], 2)
				isMiddle(t, files[file], 2)
			}

			isMiddle(t, files["audio.m4a"], 2)
			for _, file := range []string{"poster.jpg", "storyboard.jpg"} {
				isGreen(t, files[file], 0)
			}

			checkPlaylists(t, files)
			if b, _ := os.ReadFile(files["storyboard.vtt"]); strings.Count(string(b), "xywh") != 1 {
				t.Errorf("storyboard: %s", b)
			}

			for _, file := range []string{"preview.webp", "peaks.json", "share.jpg"} {
				if files[file] == "" {
					t.Errorf("no %s", file)
				}
			}
		})
	}
}

// isGreen checks each frame of a video; seconds 0 means a single picture.
func isGreen(t *testing.T, path string, seconds float64) {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-an", "-vf", "scale=2:2", "-f", "rawvideo", "-pix_fmt", "rgb24", "-").Output()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}

	for i := 0; i+11 < len(out); i += 12 {
		if r, g, b := out[i], out[i+1], out[i+2]; r > 60 || g < 150 || b > 60 {
			t.Fatalf("%s: frame %d of %d is %d,%d,%d", filepath.Base(path), i/12, len(out)/12, r, g, b)
		}
	}

	if n := float64(len(out)/12) / 30; seconds > 0 && math.Abs(n-seconds) > 0.05 {
		t.Errorf("%s: %.2f s of pictures", filepath.Base(path), n)
	}
}

// isMiddle checks that the low and the high tone are absent.
func isMiddle(t *testing.T, path string, seconds float64) {
	t.Helper()
	const rate = 16_000
	out, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-vn", "-ac", "1", "-ar", strconv.Itoa(rate), "-f", "s16le", "-").Output()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}

	tone := func(hz float64) float64 { // Goertzel's power of one frequency
		c := 2 * math.Cos(2*math.Pi*hz/rate)
		s1, s2 := 0.0, 0.0
		for i := 0; i+1 < len(out); i += 2 {
			s1, s2 = float64(int16(binary.LittleEndian.Uint16(out[i:])))+c*s1-s2, s1
		}
		return s1*s1 + s2*s2 - c*s1*s2
	}
	if low, middle, high := tone(400), tone(1000), tone(3000); low > middle/10_000 || high > middle/10_000 || middle < 1e9 {
		t.Errorf("%s: tones %.3g %.3g %.3g", filepath.Base(path), low, middle, high)
	}

	if n := float64(len(out)/2) / rate; math.Abs(n-seconds) > 0.06 {
		t.Errorf("%s: %.2f s of sound", filepath.Base(path), n)
	}
}

// checkPlaylists: the byte ranges of the playlist cover the stream without a
// gap.
func checkPlaylists(t *testing.T, files map[string]string) {
	t.Helper()
	index, _ := os.ReadFile(files["index.m3u8"])
	info, err := os.Stat(files["stream.mp4"])
	if err != nil {
		t.Fatal(err)
	}

	var at int64
	var seconds float64
	for line := range strings.Lines(string(index)) {
		var n, from int64
		if m, ok := strings.CutPrefix(line, `#EXT-X-MAP:URI="stream.mp4",BYTERANGE="`); ok {
			fmt.Sscanf(m, "%d@%d", &n, &from)
		} else if m, ok := strings.CutPrefix(line, "#EXT-X-BYTERANGE:"); ok {
			fmt.Sscanf(m, "%d@%d", &n, &from)
		} else if m, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
			d, _ := strconv.ParseFloat(strings.TrimSuffix(m, ",\n"), 64)
			seconds += d
		}

		if n > 0 && from != at {
			t.Errorf("a hole before %s", line)
		}

		at += n
	}

	if at != info.Size() || math.Abs(seconds-2) > 0.1 || !strings.HasSuffix(string(index), "#EXT-X-ENDLIST\n") {
		t.Errorf("%d of %d bytes, %.2f s:\n%s", at, info.Size(), seconds, index)
	}

	master, _ := os.ReadFile(files["master.m3u8"])
	if !strings.Contains(string(master), `mp4a.40.2"`) || !strings.Contains(string(master), `CODECS="avc1.`) || !strings.HasSuffix(string(master), "RESOLUTION=320x180\npart/index.m3u8\n") {
		t.Errorf("%s", master)
	}
}

// TestSnippetKeepsTogether: sound and picture of a snippet that begins anywhere
// stay in sync.
func TestSnippetKeepsTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flash.webm")
	runFFmpeg(t, "-f", "lavfi", "-i", flashing, "-f", "lavfi", "-i", beeping, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", path)
	w := transcodeFile(t, path)
	files := w.makeSnippet(t, snippetOf(1234, 5678))
	if o := syncOffset(t, files["stream.mp4"], files["stream.mp4"]); math.Abs(o) > 0.04 {
		t.Errorf("sound lags %.0f ms", o*1000)
	}
	if whole, part := findFlashes(t, path), findFlashes(t, files["video.mp4"]); math.Abs(whole[1]-1.234-part[0]) > 0.05 && math.Abs(whole[0]-1.234-part[0]) > 0.05 {
		t.Errorf("flashes of the clip at %v, of the part from 1.234 at %v", whole, part)
	}
}

// TestSnippetOfAVoice: a snippet of an audio recording has no video, and ends
// where the clip does.
func TestSnippetOfAVoice(t *testing.T) {
	w := transcodeFile(t, "testdata/voice.webm")
	d := w.result.DurationMS
	files := w.makeSnippet(t, snippetOf(1000, d+60_000))
	if got := streamLength(t, files["audio.m4a"], "a"); math.Abs(got-float64(d-1000)/1000) > 0.1 {
		t.Errorf("%.2f s of %d ms from 1000", got, d)
	}

	for _, name := range []string{"video.mp4", "poster.jpg", "storyboard.jpg", "preview.webp"} {
		if files[name] != "" {
			t.Errorf("%s of a voice", name)
		}
	}

	if files["share.jpg"] == "" || files["peaks.json"] == "" || files["stream.mp4"] == "" {
		t.Errorf("%v", files)
	}
}

// TestSnippetTooEarly: a snippet that ends beyond the clip's current end is not
// made; a later call tries again. A link that was changed meanwhile leaves
// nothing behind; a failure is remembered for a while.
func TestSnippetTooEarly(t *testing.T) {
	w := transcodeFile(t, "testdata/voice.webm")
	l := snippetOf(0, 2000)
	rows := newFakeLinks()
	m := newMedia(t, w)
	m.cfg.Links = rows
	defer m.Close()

	result := w.result
	w.mu.Lock()
	w.result, w.segs["a"] = nil, w.segs["a"][:1:1] // it is being recorded
	w.mu.Unlock()

	if _, err := m.snippetSources(t.Context(), snippetOf(0, 200_000)); tidings.KindOf(err) != tidings.KindNotReady {
		t.Errorf("beyond what there is: %v", err)
	}

	if _, err := m.snippetSources(t.Context(), snippetOf(0, 500)); err != nil {
		t.Errorf("what is there already: %v", err)
	}

	w.mu.Lock()
	w.result = result
	w.mu.Unlock()
	rows.refuse = tidings.Errorf(tidings.KindConflict, "changed")

	if err := m.Snippet(t.Context(), l); tidings.KindOf(err) != tidings.KindNotReady {
		t.Fatal(err)
	}

	<-rows.put
	m.snippets.wg.Wait()
	if len(m.snippets.failed) != 0 {
		t.Error("another part is no failure")
	}

	w.mu.Lock()
	w.objects[w.segs["a"][0].Key] = []byte("damaged")
	w.objects[w.rends["a"].InitKey] = []byte("damaged")
	w.mu.Unlock()

	if err := m.Snippet(t.Context(), l); tidings.KindOf(err) != tidings.KindNotReady {
		t.Fatal(err)
	}

	m.snippets.wg.Wait()
	if err := m.Snippet(t.Context(), l); tidings.KindOf(err) != tidings.KindUnavailable {
		t.Errorf("after a failure: %v", err)
	}
}
