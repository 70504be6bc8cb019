package media

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// liveSource yields a recording in real time: one blob a second, like the
// timeslices of a recorder. It records when the last byte was read: that is the
// seal.
type liveSource struct {
	b      []byte
	length time.Duration
	start  time.Time
	at     int
	sealed time.Time
}

// Read implements io.Reader.
func (l *liveSource) Read(p []byte) (int, error) {
	if l.at == len(l.b) {
		if l.sealed.IsZero() {
			l.sealed = time.Now()
		}
		return 0, io.EOF
	}

	if l.start.IsZero() {
		l.start = time.Now()
	}

	perSecond := len(l.b)/int(l.length.Seconds()) + 1
	blob := l.at / perSecond // a blob is available when its second is over
	if wait := time.Until(l.start.Add(time.Duration(blob+1) * time.Second)); wait > 0 {
		<-time.After(wait)
	}

	n := copy(p, l.b[l.at:min(len(l.b), (blob+1)*perSecond)])
	l.at += n

	return n, nil
}

// movingFilm makes a screen-recording-like film of the given codec: a scrolling
// page.
func movingFilm(t testing.TB, seconds int, size, name string, codec ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	film := fmt.Sprintf("testsrc2=size=%s:rate=30:duration=%d,scroll=vertical=0.002", size, seconds)
	args := append([]string{"-f", "lavfi", "-i", film, "-f", "lavfi", "-i", fmt.Sprintf("sine=frequency=300:duration=%d", seconds)}, codec...)
	runFFmpeg(t, append(args, path)...)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var (
	vp8  = []string{"-c:v", "libvpx", "-b:v", "2500k", "-deadline", "realtime", "-cpu-used", "8", "-threads", "2", "-g", "100", "-c:a", "libopus", "-b:a", "96k", "-f", "webm", "-cluster_time_limit", "1000"}
	vp9  = []string{"-c:v", "libvpx-vp9", "-b:v", "2500k", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-threads", "2", "-g", "100", "-c:a", "libopus", "-b:a", "96k", "-f", "webm", "-cluster_time_limit", "1000"}
	h264 = []string{"-c:v", "libx264", "-preset", "superfast", "-tune", "zerolatency", "-b:v", "2500k", "-profile:v", "baseline", "-g", "60", "-c:a", "libopus", "-b:a", "96k", "-f", "mp4", "-movflags", "empty_moov+default_base_moof+frag_keyframe"}
)

// BenchmarkLive feeds recordings in real time and reports, in milliseconds:
// start to first visible segment, and end of the bytes to FinishMedia (the whole
// clip plays and every rendition is complete).
func BenchmarkLive(b *testing.B) {
	for _, c := range []struct {
		name, size, file string
		seconds          int
		codec            []string
	}{
		{"VP8-720p-10s", "1280x720", "a.webm", 10, vp8},
		{"VP8-720p-60s", "1280x720", "a.webm", 60, vp8},
		{"VP9-720p-60s", "1280x720", "a.webm", 60, vp9},
		{"VP9-1080p-60s", "1920x1080", "a.webm", 60, vp9},
		{"H264-720p-10s", "1280x720", "a.mp4", 10, h264},
		{"H264-720p-60s", "1280x720", "a.mp4", 60, h264},
		{"H264-1080p-60s", "1920x1080", "a.mp4", 60, h264},
	} {
		b.Run(c.name, func(b *testing.B) {
			film := movingFilm(b, c.seconds, c.size, c.file, c.codec...)
			for b.Loop() {
				src := &liveSource{b: film, length: time.Duration(c.seconds) * time.Second}
				w := newFakeBackend(func() io.ReadCloser { return io.NopCloser(src) })
				done := make(chan error, 1)
				go func() { done <- newMedia(b, w).Transcode(b.Context(), run1) }()
				first := <-w.segment
				started := time.Since(src.start)

				if first.Seq != 0 {
					b.Fatalf("first segment is %d", first.Seq)
				}
				if err := <-done; err != nil {
					b.Fatal(err)
				}

				b.ReportMetric(float64(started.Milliseconds()), "ms-to-first-segment")
				b.ReportMetric(float64(w.finished.Sub(src.sealed).Milliseconds()), "ms-seal-to-complete")
			}

			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkCPU compares what the step costs in CPU-seconds for a minute of
// media with a hand-written command that makes the same outputs. "plays" is
// everything up to a clip that plays as a whole: sandbox, probe, poster, Go;
// "all" has the extras and downloads too, which the other does not make.
func BenchmarkCPU(b *testing.B) {
	const seconds = 30
	for _, c := range []struct {
		name, size, file string
		codec, hand      []string
	}{
		{"VP9-720p-to-720+360", "1280x720", "a.webm", vp9, handEncode},
		{"H264-720p-copy+360", "1280x720", "a.mp4", h264, handCopy},
		{"H264-360p-copy", "640x360", "a.mp4", h264, handCopyOnly},
	} {
		b.Run(c.name, func(b *testing.B) {
			film := movingFilm(b, seconds, c.size, c.file, c.codec...)
			path := filepath.Join(b.TempDir(), c.file)
			if err := os.WriteFile(path, film, 0o600); err != nil {
				b.Fatal(err)
			}

			perMinute := func(d time.Duration) float64 { return d.Seconds() * 60 / seconds }
			var plays, all, theirs time.Duration
			for b.Loop() {
				before := cpuTime(b)
				w := newFakeBackend(wholeSource(film))
				w.onFinish = func() { plays += cpuTime(b) - before }
				if err := newMedia(b, w).Transcode(b.Context(), run1); err != nil {
					b.Fatal(err)
				}

				all += cpuTime(b) - before
				before = cpuTime(b)
				runHandwritten(b, path, c.hand)
				theirs += cpuTime(b) - before
			}

			n := time.Duration(b.N)
			b.ReportMetric(perMinute(plays/n), "plays-s/min")
			b.ReportMetric(perMinute(all/n), "all-s/min")
			b.ReportMetric(perMinute(theirs/n), "hand-s/min")
			b.ReportMetric(0, "ns/op")
		})
	}
}

var (
	handHLS    = "-f hls -hls_time 2 -hls_playlist_type event -hls_segment_type fmp4 -hls_flags independent_segments "
	handX264   = "-c:v libx264 -preset veryfast -bf 0 -crf 23 -sc_threshold 0 -force_key_frames expr:gte(t,n_forced*2) -threads 2 "
	handSound  = "-map 0:a -af aresample=async=1,ebur128=peak=true:framelog=verbose -c:a aac -b:a 128k -ac 2 " + handHLS + "a.m3u8 -map 0:a -ac 1 -ar 16000 -f s16le pcm.raw "
	handStills = ";[c]fps=1/2,scale=192:108,format=yuvj420p[s] "
	handEncode = strings.Fields("-filter_complex [0:v]fps=30,split=3[a][b][c];[a]format=yuv420p[t];[b]scale=640:360,format=yuv420p[l]" + handStills +
		"-map [t] " + handX264 + "-maxrate 2800k -bufsize 2800k " + handHLS + "t.m3u8 -map [l] " + handX264 + "-maxrate 800k -bufsize 800k " + handHLS + "l.m3u8 -map [s] -c:v mjpeg s%d.jpg " + handSound)
	handCopy = strings.Fields("-filter_complex [0:v]fps=30,split=2[b][c];[b]scale=640:360,format=yuv420p[l]" + handStills +
		"-map 0:v -c copy " + handHLS + "t.m3u8 -map [l] " + handX264 + "-maxrate 800k -bufsize 800k " + handHLS + "l.m3u8 -map [s] -c:v mjpeg s%d.jpg " + handSound)
	handCopyOnly = strings.Fields("-filter_complex [0:v]fps=30[c]" + handStills + "-map 0:v -c copy " + handHLS + "t.m3u8 -map [s] -c:v mjpeg s%d.jpg " + handSound)
)

// runHandwritten runs plain ffmpeg.
func runHandwritten(b *testing.B, path string, args []string) {
	b.Helper()
	cmd := exec.Command("ffmpeg", append([]string{"-hide_banner", "-v", "error", "-nostdin", "-y", "-filter_complex_threads", "1", "-threads", "2", "-i", path}, args...)...)
	cmd.Dir = b.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
}

// cpuTime is the CPU time of this process and its ended children.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var sum time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return sum
}
