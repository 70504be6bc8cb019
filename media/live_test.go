package media

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tidings"
)

// live yields a recording at the pace at which it was made: one blob a
// second, as a recorder's timeslices come. It notes when the last byte was
// handed out: that is the seal.
type live struct {
	b      []byte
	length time.Duration
	start  time.Time
	at     int
	sealed time.Time
}

// Read implements io.Reader.
func (l *live) Read(p []byte) (int, error) {
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
	blob := l.at / perSecond // this blob is there when its second is over
	if wait := time.Until(l.start.Add(time.Duration(blob+1) * time.Second)); wait > 0 {
		time.Sleep(min(wait, l.length))
	}
	n := copy(p, l.b[l.at:min(len(l.b), (blob+1)*perSecond)])
	l.at += n
	return n, nil
}

// moving makes a recording-like film of the given codec: a scrolling page.
func moving(t testing.TB, seconds int, size, name string, codec ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	film := fmt.Sprintf("testsrc2=size=%s:rate=30:duration=%d,scroll=vertical=0.002", size, seconds)
	args := append([]string{"-f", "lavfi", "-i", film, "-f", "lavfi", "-i", fmt.Sprintf("sine=frequency=300:duration=%d", seconds)}, codec...)
	ffmpeg(t, append(args, path)...)
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
// start to first segment visible, end of the bytes to FinishMedia (the clip
// plays as a whole and every rendition is complete).
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
			film := moving(b, c.seconds, c.size, c.file, c.codec...)
			for b.Loop() {
				src := &live{b: film, length: time.Duration(c.seconds) * time.Second}
				w := newWorld(func() io.ReadCloser { return io.NopCloser(src) })
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

var _ = bytes.NewReader
var _ tidings.ID
