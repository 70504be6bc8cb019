package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

// muxer writes what ffmpeg's hls muxer would.
type muxer struct {
	t    *testing.T
	dir  string
	text string
}

func (m *muxer) segment(seq int, body string) {
	m.t.Helper()
	m.write(fmt.Sprintf("%05d.m4s", seq), body)
	m.text += fmt.Sprintf("#EXTINF:2.000000,\n%05d.m4s\n", seq)
	m.playlist(m.text)
}

func (m *muxer) playlist(text string) {
	m.t.Helper()
	m.write("new", text)
	if err := os.Rename(filepath.Join(m.dir, "new"), filepath.Join(m.dir, "index.m3u8")); err != nil {
		m.t.Fatal(err)
	}
}

func (m *muxer) write(name, body string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), []byte(body), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

func newPackager(t *testing.T) (*world, *packager, *muxer) {
	t.Helper()
	w := newWorld(nil)
	r := tidings.Rendition{ClipID: run1.ClipID, Attempt: 1, Name: "v720", Kind: tidings.RenditionVideo}
	k := &packager{media: newMedia(t, w), run: run1, rend: r, dir: filepath.Join(t.TempDir(), "v720")}
	return w, k, restart(t, k)
}

func restart(t *testing.T, k *packager) *muxer {
	t.Helper()
	if err := k.prepare(); err != nil {
		t.Fatal(err)
	}
	m := &muxer{t: t, dir: k.dir}
	m.write("init.mp4", "init")
	return m
}

// TestPackagerGoesOn: when ffmpeg fails and is run again, players see one
// stream without a hole, a stump or a repetition.
func TestPackagerGoesOn(t *testing.T) {
	w, k, m := newPackager(t)
	ended, done := make(chan bool, 1), make(chan error, 1)
	go func() { done <- k.follow(t.Context(), ended) }()
	m.segment(0, "zero")
	if g := <-w.segment; g.Seq != 0 { // visible while ffmpeg runs
		t.Fatalf("segment %d is first", g.Seq)
	}

	m.segment(1, "one")
	m.segment(2, "stump")
	m.playlist(m.text + "#EXT-X-ENDLIST\n")
	ended <- false

	if err := <-done; err != nil {
		t.Fatal(err)
	}

	m = restart(t, k)
	go func() { done <- k.follow(t.Context(), ended) }()

	for i, body := range []string{"zero", "one", "two", "three"} {
		m.segment(i, body)
	}

	m.playlist(m.text + "#EXT-X-ENDLIST\n")
	ended <- true

	if err := <-done; err != nil {
		t.Fatal(err)
	}

	b, err := os.ReadFile(w.joined(t, "v720"))
	if err != nil || string(b) != "initzeroonetwothree" || k.total != 8_000_000 || len(w.segs["v720"]) != 4 {
		t.Errorf("players see %q (%d µs, %d segments), %v", b, k.total, len(w.segs["v720"]), err)
	}

	left, err := filepath.Glob(filepath.Join(k.dir, "*.m4s"))
	if err != nil || len(left) > 0 {
		t.Errorf("local files stay: %v", left)
	}
}

func TestPackagerHole(t *testing.T) {
	_, k, m := newPackager(t)
	m.segment(0, "zero")
	m.segment(2, "two")
	if err := k.carry(t.Context(), true); err == nil {
		t.Error("a hole in the stream is not noticed")
	}
}

func TestPackagerNothing(t *testing.T) {
	w, k, _ := newPackager(t)
	ended := make(chan bool, 1)
	ended <- true
	if err := k.follow(t.Context(), ended); err != nil || len(w.segs) > 0 {
		t.Errorf("a rendition of which nothing came: %v, %v", err, w.segs)
	}
}

func TestPackagerBandwidth(t *testing.T) {
	w, k, m := newPackager(t)
	k.rend.Bandwidth = 1000
	m.segment(0, string(make([]byte, 1000)))
	m.segment(1, string(make([]byte, 250)))
	if err := k.carry(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if got := w.rends["v720"].Bandwidth; got != 4000 { // 1000 bytes in 2 s
		t.Errorf("peak of %d bit/s", got)
	}
}

// TestGateHoldsBack: while storage lags, ffmpeg gets no more input.
func TestGateHoldsBack(t *testing.T) {
	k := &packager{}
	e := &encode{packagers: []*packager{k}}
	ctx, cancel := context.WithTimeout(t.Context(), 4*lookEvery)
	defer cancel()

	g := &gate{ctx: ctx, r: bytes.NewReader([]byte("abc")), e: e}
	k.waiting.Store(maxBacklog + 1)

	if n, err := g.Read(make([]byte, 3)); n != 0 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it let %d bytes through: %v", n, err)
	}

	k.waiting.Store(maxBacklog)

	if b, err := io.ReadAll(g); string(b) != "abc" || err != nil || e.read.Load() != 3 {
		t.Errorf("%q, %v, %d counted", b, err, e.read.Load())
	}
}

// TestJoin reads objects as one stream and closes what it opened.
func TestJoin(t *testing.T) {
	w := newWorld(nil)
	for i, s := range []string{"ab", "", "cde"} {
		if err := w.Put(t.Context(), itoa(i), bytes.NewReader([]byte(s)), int64(len(s)), ""); err != nil {
			t.Fatal(err)
		}
	}

	j := join(t.Context(), w, []string{"0", "1", "2"})
	if b, err := io.ReadAll(j); string(b) != "abcde" || err != nil {
		t.Errorf("%q, %v", b, err)
	}

	j = join(t.Context(), w, []string{"0", "gone"})
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
