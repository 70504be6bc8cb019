package transcribe_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/media"
	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// fixture is a clip in a real database whose original comes from the test and is
// decoded by the real decoder.
type fixture struct {
	*store.Store
	t      testing.TB
	dir    string // of the database
	clip   tidings.ID
	upload tidings.ID
	clock  *fakeClock
	media  *media.Media
	source func() io.ReadCloser
}

type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Follow implements transcribe.Source.
func (w *fixture) Follow(context.Context, tidings.ID) (io.ReadCloser, error) { return w.source(), nil }

// newFixture makes a clip of which the first byte has arrived.
func newFixture(t testing.TB) *fixture {
	t.Helper()
	w := &fixture{t: t, dir: t.TempDir(), clock: &fakeClock{now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}}
	w.Store = storetest.OpenMigrated(t, store.Config{Dir: w.dir, Clock: w.clock.Now})
	var err error
	if w.media, err = media.New(media.Config{FFmpeg: "ffmpeg", FFprobe: "ffprobe", Dir: filepath.Join(t.TempDir(), "media")}); err != nil {
		t.Fatal(err)
	}

	user, ws, err := w.Setup(t.Context(), tidings.Setup{WorkspaceName: "W", Name: "Ana", Email: "ana@example.org", PasswordHash: "x", TimeZone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}

	now := w.clock.Now()
	w.clip, w.upload = tidings.NewID(now), tidings.NewID(now)
	if _, err := w.CreateClip(t.Context(), tidings.Clip{ID: w.clip, WorkspaceID: ws.ID, Author: tidings.Author{ID: user.ID}, Kind: tidings.ClipVoice,
		Visibility: tidings.VisibilityPrivate, CreatedAt: now}); err != nil {
		t.Fatal(err)
	}
	if err := w.CreateUpload(t.Context(), tidings.Upload{ID: w.upload, ClipID: w.clip, WorkspaceID: ws.ID, UserID: user.ID, ExpiresAt: now.Add(time.Hour), CreatedAt: now}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.AppendPart(t.Context(), tidings.UploadPart{UploadID: w.upload, ClipID: w.clip, Size: 1, Key: "k"}, 0, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}

	return w
}

// newStep is the step of the fixture's clip with an engine.
func (w *fixture) newStep(e transcribe.Engine) *transcribe.Transcriber {
	return transcribe.New(transcribe.Config{Rows: w, Pieces: w, Source: w, PCM: w.media.PCM, Engine: e, NoAudio: func(err error) bool { return errors.Is(err, media.ErrNoAudio) }})
}

// leaseStep leases the step, as the queue does.
func (w *fixture) leaseStep() tidings.StepRun {
	w.t.Helper()
	run, err := w.AcquireStep(w.t.Context(), w.clip, tidings.StepTranscribe, "w", tidings.LeaseTTL)
	if err != nil {
		w.t.Fatal(err)
	}
	return run
}

// currentTranscript is the visible transcript, and the state of its step.
func (w *fixture) currentTranscript() (tidings.Transcript, tidings.StepState) {
	w.t.Helper()
	t, err := w.Transcript(w.t.Context(), w.clip)
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		w.t.Fatal(err)
	}
	c, err := w.Clip(w.t.Context(), w.clip)
	if err != nil {
		w.t.Fatal(err)
	}
	return t, c.Steps.Transcribe.State
}

// endedSource is an original that has ended.
func endedSource(b []byte) func() io.ReadCloser {
	return func() io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) }
}

// encodeWebM encodes samples as a browser records a voice: Opus in WebM, a
// cluster a second.
func encodeWebM(t testing.TB, pcm []byte) []byte {
	t.Helper()
	return encodeChannels(t, pcm, 1)
}

// encodeChannels is encodeWebM for interleaved samples of some channels.
func encodeChannels(t testing.TB, pcm []byte, channels int) []byte {
	t.Helper()
	cmd := exec.Command("ffmpeg", "-hide_banner", "-loglevel", "error", "-f", "s16le", "-ar", "16000", "-ac", strconv.Itoa(channels), "-i", "pipe:0",
		"-c:a", "libopus", "-b:a", "64k", "-f", "webm", "-cluster_time_limit", "1000", "-live", "1", "pipe:1")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(pcm), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// editSegment edits a segment as a user does.
func (w *fixture) editSegment(ctx context.Context, seg tidings.TranscriptSegment, text string) error {
	_, err := w.EditTranscript(ctx, w.clip, tidings.TranscriptEdit{Kind: tidings.EditText, UserID: "somebody", From: []tidings.TranscriptSegment{seg},
		To: []tidings.TranscriptSegment{seg.WithText(text)}})
	return err
}
