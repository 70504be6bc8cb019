package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// fakeMuxer writes the files that ffmpeg's hls muxer would write.
type fakeMuxer struct {
	t    *testing.T
	dir  string
	text string
}

// makeBox returns an MP4 box (ISO/IEC 14496-12, 4.2): its size, its kind and its body.
func makeBox(kind, body string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))) + kind + body
}

func (m *fakeMuxer) writeSegment(seq int, body string) {
	m.t.Helper()
	m.addSegment(seq, body)
	m.writePlaylist(m.text)
}

// writeLastSegment ends the playlist with a segment, as ffmpeg does at its end: at once.
func (m *fakeMuxer) writeLastSegment(seq int, body string) {
	m.t.Helper()
	m.addSegment(seq, body)
	m.writePlaylist(m.text + "#EXT-X-ENDLIST\n")
}

// addSegment writes a segment that the next playlist lists.
func (m *fakeMuxer) addSegment(seq int, body string) {
	m.t.Helper()
	m.writeFile(fmt.Sprintf("%05d.m4s", seq), makeBox("mdat", body))
	m.text += fmt.Sprintf("#EXTINF:2.000000,\n%05d.m4s\n", seq)
}

func (m *fakeMuxer) writePlaylist(text string) {
	m.t.Helper()
	m.writeFile("new", text)
	if err := os.Rename(filepath.Join(m.dir, "new"), filepath.Join(m.dir, "index.m3u8")); err != nil {
		m.t.Fatal(err)
	}
}

func (m *fakeMuxer) writeFile(name, body string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), []byte(body), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

func newPackager(t *testing.T) (*fakeBackend, *packager, *fakeMuxer) {
	t.Helper()
	w := newFakeBackend(nil)
	r := tidings.Rendition{ClipID: run1.ClipID, Attempt: 1, Name: "v720", Kind: tidings.RenditionVideo}
	k := &packager{media: newMedia(t, w), run: run1, rend: r, dir: filepath.Join(t.TempDir(), "v720")}
	return w, k, restartPackager(t, k)
}

func restartPackager(t *testing.T, k *packager) *fakeMuxer {
	t.Helper()
	if err := k.resetFolder(); err != nil {
		t.Fatal(err)
	}
	m := &fakeMuxer{t: t, dir: k.dir}
	m.writeFile("init.mp4", makeBox("moov", "init"))
	return m
}

// TestPackagerGoesOn: when ffmpeg fails and is run again, players see one stream
// without a gap, a truncated segment or a repetition.
func TestPackagerGoesOn(t *testing.T) {
	w, k, m := newPackager(t)
	ended, done := make(chan bool, 1), make(chan error, 1)
	go func() { done <- k.followPlaylist(t.Context(), ended) }()
	m.writeSegment(0, "zero")

	select {
	case g := <-w.segment: // visible while ffmpeg runs
		if g.Seq != 0 {
			t.Fatalf("segment %d is first", g.Seq)
		}
	case err := <-done:
		t.Fatalf("the packager has ended: %v", err)
	}

	m.writeSegment(1, "one")
	m.writeLastSegment(2, "stump")
	ended <- false

	if err := <-done; err != nil {
		t.Fatal(err)
	}

	m = restartPackager(t, k)
	go func() { done <- k.followPlaylist(t.Context(), ended) }()

	for i, body := range []string{"zero", "one", "two", "three"} {
		m.writeSegment(i, body)
	}

	m.writePlaylist(m.text + "#EXT-X-ENDLIST\n")
	ended <- true

	if err := <-done; err != nil {
		t.Fatal(err)
	}

	b, err := os.ReadFile(w.renditionFile(t, "v720"))
	want := makeBox("moov", "init") + makeBox("mdat", "zero") + makeBox("mdat", "one") + makeBox("mdat", "two") + makeBox("mdat", "three")
	if err != nil || string(b) != want || k.durationUS != 8_000_000 || len(w.segs["v720"]) != 4 {
		t.Errorf("players see %q (%d µs, %d segments), %v", b, k.durationUS, len(w.segs["v720"]), err)
	}

	left, err := filepath.Glob(filepath.Join(k.dir, "*.m4s"))
	if err != nil || len(left) > 0 {
		t.Errorf("local files stay: %v", left)
	}
}

func TestPackagerHole(t *testing.T) {
	_, k, m := newPackager(t)
	m.writeSegment(0, "zero")
	m.writeSegment(2, "two")
	if err := k.storeClosed(t.Context(), true); err == nil {
		t.Error("a hole in the stream is not noticed")
	}
}

func TestPackagerNothing(t *testing.T) {
	w, k, _ := newPackager(t)
	ended := make(chan bool, 1)
	ended <- true
	if err := k.followPlaylist(t.Context(), ended); err != nil || len(w.segs) > 0 {
		t.Errorf("a rendition of which nothing came: %v, %v", err, w.segs)
	}
}

func TestPackagerBandwidth(t *testing.T) {
	w, k, m := newPackager(t)
	k.rend.Bandwidth = 1000
	m.writeSegment(0, string(make([]byte, 1000-8))) // 8 bytes: the head of its box
	m.writeSegment(1, string(make([]byte, 250-8)))
	if err := k.storeClosed(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if got := w.rends["v720"].Bandwidth; got != 4000 { // 1000 bytes in 2 s
		t.Errorf("peak of %d bit/s", got)
	}
}

// TestBackpressure: while storage lags, ffmpeg gets no more input.
func TestBackpressure(t *testing.T) {
	k := &packager{}
	e := &transcodeRun{packagers: []*packager{k}}
	ctx, cancel := context.WithTimeout(t.Context(), 4*pollInterval)
	defer cancel()

	g := &backpressureReader{ctx: ctx, r: bytes.NewReader([]byte("abc")), run: e}
	k.backlog.Store(maxBacklog + 1)

	if n, err := g.Read(make([]byte, 3)); n != 0 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it let %d bytes through: %v", n, err)
	}

	k.backlog.Store(maxBacklog)

	if b, err := io.ReadAll(g); string(b) != "abc" || err != nil || e.bytesRead.Load() != 3 {
		t.Errorf("%q, %v, %d counted", b, err, e.bytesRead.Load())
	}
}

// TestJoin reads objects as one stream and closes what it opened.
func TestJoin(t *testing.T) {
	w := newFakeBackend(nil)
	for i, s := range []string{"ab", "", "cde"} {
		if err := w.Put(t.Context(), strconv.Itoa(i), bytes.NewReader([]byte(s)), int64(len(s)), ""); err != nil {
			t.Fatal(err)
		}
	}

	j := joinObjects(t.Context(), w, []string{"0", "1", "2"})
	if b, err := io.ReadAll(j); string(b) != "abcde" || err != nil {
		t.Errorf("%q, %v", b, err)
	}

	j = joinObjects(t.Context(), w, []string{"0", "gone"})
	if _, err := io.ReadAll(j); tidings.KindOf(err) != tidings.KindNotFound {
		t.Errorf("%v", err)
	}

	if err := j.Close(); err != nil {
		t.Error(err)
	}

	if n, err := j.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("after the end: %d, %v", n, err)
	}

	time.AfterFunc(0, func() { j.Close() }) // may come from another goroutine
}
