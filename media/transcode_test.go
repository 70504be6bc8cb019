package media

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/media/hls"
	"tidings.example/tidings/tidings"
)

const (
	picture = "testsrc2=duration=5:size=640x360:rate=25"
	tone    = "sine=frequency=440:duration=5"
)

func TestTranscodeKinds(t *testing.T) {
	for _, c := range []struct {
		name  string
		file  string
		args  []string
		rungs []string // names of all renditions, sorted
		w, h  int
		ms    int64
	}{
		{"VP8 and Opus in WebM", "a.webm", []string{"-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"},
			[]string{"a", "v360"}, 640, 360, 5000},
		{"H.264 in fragmented MP4 is copied", "a.mp4", []string{"-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-c:a", "aac",
			"-movflags", "empty_moov+default_base_moof+frag_keyframe"}, []string{"a", "src"}, 640, 360, 5000},
		{"MP4 with its index at the end", "b.mp4", []string{"-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", "-g", "50"}, []string{"src"}, 640, 360, 5000},
		{"voice alone", "a.ogg", []string{"-f", "lavfi", "-i", tone, "-c:a", "libopus"}, []string{"a"}, 0, 0, 5000},
		{"WAV", "a.wav", []string{"-f", "lavfi", "-i", tone}, []string{"a"}, 0, 0, 5000},
		{"MP3", "a.mp3", []string{"-f", "lavfi", "-i", tone}, []string{"a"}, 0, 0, 5000},
		{"picture alone, odd size", "c.webm", []string{"-f", "lavfi", "-i", "testsrc2=duration=3:size=361x241:rate=25", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p"},
			[]string{"v240"}, 360, 240, 3000},
		{"portrait", "d.webm", []string{"-f", "lavfi", "-i", "testsrc2=duration=3:size=270x480:rate=25", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"},
			[]string{"v270"}, 270, 480, 3000},
		{"a large picture gets a small rung", "e.webm", []string{"-f", "lavfi", "-i", "testsrc2=duration=3:size=1280x720:rate=10", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"},
			[]string{"v360", "v720"}, 1280, 720, 3000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newFakeBackend(wholeSource(makeSample(t, c.file, c.args...)))
			if err := newMedia(t, w).Transcode(t.Context(), run1); err != nil {
				t.Fatal(err)
			}

			var names []string
			for name, r := range w.rends {
				names = append(names, name)
				if r.Codecs == "" || r.Bandwidth == 0 {
					t.Errorf("%s: codecs %q, bandwidth %d", name, r.Codecs, r.Bandwidth)
				}
				checkDecodes(t, w.renditionFile(t, name))
			}

			slices.Sort(names)
			if !slices.Equal(names, c.rungs) {
				t.Errorf("renditions %v, want %v", names, c.rungs)
			}

			if d := w.result.DurationMS - c.ms; d < -120 || d > 120 || w.result.Width != c.w || w.result.Height != c.h {
				t.Errorf("got %d ms, %d × %d", w.result.DurationMS, w.result.Width, w.result.Height)
			}

			checkAssets(t, w, c.w > 0, slices.Contains(names, "a"))
		})
	}
}

func checkAssets(t *testing.T, w *fakeBackend, picture, sound bool) {
	t.Helper()
	want := map[string]bool{"poster.jpg": picture, "storyboard.jpg": picture, "storyboard.vtt": picture, "preview.webp": picture,
		"video.mp4": picture, "peaks.json": sound, "audio.m4a": sound}
	for name, there := range want {
		if a, ok := w.assets[name]; ok != there || ok && a.Bytes == 0 {
			t.Errorf("%s: there is %v (%d bytes), want %v", name, ok, a.Bytes, there)
		}
	}
}

// TestTranscodeLive feeds a recording in real time and expects the first segment
// long before its end.
func TestTranscodeLive(t *testing.T) {
	for file, args := range map[string][]string{
		"live.webm":     {"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "30", "-c:a", "libopus", "-cluster_time_limit", "500", "-flush_packets", "1"},
		"live.mp4":      {"-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-c:a", "aac", "-movflags", "empty_moov+default_base_moof+frag_keyframe"},
		"faststart.mp4": {"-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-c:a", "aac", "-movflags", "+faststart"},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			b := makeSample(t, file, append([]string{"-f", "lavfi", "-i", "testsrc2=duration=12:size=320x180:rate=15", "-f", "lavfi", "-i", "sine=duration=12"}, args...)...)
			r, feed := io.Pipe()
			w := newFakeBackend(func() io.ReadCloser { return r })
			m := newMedia(t, w)
			done := make(chan error, 1)
			go func() { done <- m.Transcode(t.Context(), run1) }()
			most := len(b) * 3 / 4
			if _, err := feed.Write(b[:most]); err != nil {
				t.Fatal(err)
			}

			select { // three quarters of the bytes have arrived
			case g := <-w.segment:
				if g.Seq != 0 {
					t.Errorf("the first visible segment is %d", g.Seq)
				}
			case err := <-done:
				t.Fatalf("ended early: %v", err)
			case <-time.After(60 * time.Second):
				t.Fatal("no segment while recording")
			}

			if _, err := feed.Write(b[most:]); err != nil {
				t.Fatal(err)
			}

			feed.Close()

			if err := <-done; err != nil {
				t.Fatal(err)
			}

			if d := w.result.DurationMS - 12_000; d < -150 || d > 150 {
				t.Errorf("duration %d", w.result.DurationMS)
			}
		})
	}
}

// TestTranscodeTurned: a phone held upright writes a wide picture and a
// rotation.
func TestTranscodeTurned(t *testing.T) {
	wide, turned := filepath.Join(t.TempDir(), "wide.mp4"), filepath.Join(t.TempDir(), "turned.mp4")
	runFFmpeg(t, "-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", "-metadata", "location=+48.2+16.3/", wide)
	runFFmpeg(t, "-i", wide, "-c", "copy", "-metadata:s:v:0", "rotate=90", turned)
	w := transcodeFile(t, turned)
	if !slices.Equal(w.renditionNames(), []string{"v360"}) || w.result.Width != 360 || w.result.Height != 640 || w.result.Tracks[0].Rotation == 0 {
		t.Errorf("renditions %v, %d × %d, tracks %+v", w.renditionNames(), w.result.Width, w.result.Height, w.result.Tracks)
	}

	checkDecodes(t, w.renditionFile(t, "v360"))
	for name := range w.objects { // the place of the recording must not be published
		if strings.Contains(string(w.objects[name]), "+48.2") {
			t.Errorf("%s tells the place", name)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no ffmpeg":     {FFmpeg: "ffmpeg-that-is-not-there", FFprobe: "ffprobe"},
		"no ffprobe":    {FFmpeg: "ffmpeg", FFprobe: "/nowhere/ffprobe"},
		"an odd ladder": {FFmpeg: "ffmpeg", FFprobe: "ffprobe", Ladder: []int{720, 0}},
	} {
		cfg.Dir = t.TempDir()
		if _, err := New(cfg); err == nil || tidings.KindOf(err) == tidings.KindInternal {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTranscodeEmptyTrack: an audio track that was announced and has no packets
// must not be in the playlist: players would wait for it for ever.
func TestTranscodeEmptyTrack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "empty.webm")
	runFFmpeg(t, "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, "-af", "atrim=start=100", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", path)
	w := transcodeFile(t, path)
	if got := w.renditionNames(); !slices.Equal(got, []string{"v360"}) || w.rends["a"].InitKey != "" {
		t.Errorf("renditions %v, sound %+v", got, w.rends["a"])
	}

	rs, _ := w.Renditions(t.Context(), run1.ClipID)
	if text := string(hls.MasterPlaylist(rs, "")); strings.Contains(text, "AUDIO") || !strings.Contains(text, "v360/index.m3u8") {
		t.Errorf("master playlist:\n%s", text)
	}

	checkAssets(t, w, true, false)
}

func TestTranscodeCutOff(t *testing.T) {
	b := makeSample(t, "cut.webm", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", "-cluster_time_limit", "300")
	w := newFakeBackend(wholeSource(b[:len(b)/2]))
	if err := newMedia(t, w).Transcode(t.Context(), run1); err != nil {
		t.Fatal(err)
	}
	if w.result.DurationMS < 1500 || w.result.DurationMS > 4000 {
		t.Errorf("half a recording lasts %d ms", w.result.DurationMS)
	}
}

func TestTranscodeCancel(t *testing.T) {
	r, feed := io.Pipe()
	b := makeSample(t, "x.webm", "-f", "lavfi", "-i", picture, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8")
	w := newFakeBackend(func() io.ReadCloser { return r })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	m := newMedia(t, w)
	go func() { done <- m.Transcode(ctx, run1) }()

	if _, err := feed.Write(b); err != nil {
		t.Fatal(err)
	}

	<-w.segment
	cancel()
	feed.CloseWithError(context.Canceled)

	if err := <-done; err == nil {
		t.Error("a cancelled step says it is done")
	}
}

const (
	flashing = "color=c=0x112233:duration=6:size=320x180:rate=25,drawbox=c=white:t=fill:enable='lt(mod(t,1),0.1)'"
	beeping  = "aevalsrc=0.5*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.1):duration=6:s=48000"
)

// TestTranscodeKeepsSync checks that sound and picture stay in sync through
// everything known to shift them: B-frames in a copied video, an index at the
// end, variable frame rate, a rotated phone.
func TestTranscodeKeepsSync(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		args []string
		w, h int
	}{
		"copied B-frames":    {"b.mp4", []string{"-c:v", "libx264", "-preset", "fast", "-g", "50", "-bf", "3", "-c:a", "aac"}, 320, 180},
		"faststart":          {"f.mp4", []string{"-c:v", "libx264", "-g", "50", "-c:a", "aac", "-movflags", "+faststart"}, 320, 180},
		"variable rate":      {"v.mkv", []string{"-vf", "select='gt(random(1),0.4)'", "-fps_mode", "vfr", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"}, 320, 180},
		"10 bits":            {"t.mp4", []string{"-pix_fmt", "yuv420p10le", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"}, 320, 180},
		"MPEG-TS":            {"s.ts", []string{"-c:v", "libx264", "-g", "50", "-c:a", "aac"}, 320, 180},
		"sound in FLAC, MKV": {"l.mkv", []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "flac"}, 320, 180},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), c.file)
			runFFmpeg(t, append(append([]string{"-f", "lavfi", "-i", flashing, "-f", "lavfi", "-i", beeping}, c.args...), path)...)
			w := transcodeFile(t, path)
			if w.result.Width != c.w || w.result.Height != c.h {
				t.Errorf("%d × %d", w.result.Width, w.result.Height)
			}

			checkAgainst(t, w, path)
		})
	}
}
