package transcribe_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// directServer is the server of a worker in the same process.
type directServer struct {
	*transcribe.Remote
	holder string
}

// Claim implements transcribe.WorkServer.
func (d directServer) Claim(ctx context.Context, e tidings.SpeechEngine, wait time.Duration) (tidings.Work, bool, error) {
	w, ok := d.Remote.Claim(ctx, d.holder, e, wait)
	return w, ok, nil
}

// Audio implements transcribe.WorkServer.
func (d directServer) Audio(ctx context.Context, id string) (io.ReadCloser, error) {
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(ctx)
	go func() { w.CloseWithError(d.Remote.Audio(ctx, d.holder, id, w)) }()
	return &hangUpReader{r, cancel}, nil
}

// hangUpReader ends the stream at the server when its reader is closed.
type hangUpReader struct {
	*io.PipeReader
	cancel func()
}

// Close implements io.Closer.
func (h *hangUpReader) Close() error { h.cancel(); return h.PipeReader.Close() }

// Segments implements transcribe.WorkServer.
func (d directServer) Segments(ctx context.Context, id string, segs []tidings.TranscriptSegment) error {
	return d.Remote.Segments(ctx, d.holder, id, segs)
}

// Renew implements transcribe.WorkServer.
func (d directServer) Renew(_ context.Context, id string) error { return d.Remote.Renew(d.holder, id) }

// Done implements transcribe.WorkServer.
func (d directServer) Done(_ context.Context, id string, languages map[string]int) error {
	return d.Remote.Done(d.holder, id, languages)
}

// Fail implements transcribe.WorkServer.
func (d directServer) Fail(_ context.Context, id string, _ string, broken bool) error {
	return d.Remote.Fail(d.holder, id, broken)
}

// TestRemote: an engine on another machine keeps the contract of engines.
func TestRemote(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	speech, err := filepath.Abs(filepath.Join("testdata", "lj050-0131.wav"))
	if err != nil {
		t.Fatal(err)
	}

	r := transcribe.NewRemote(transcribe.RemoteConfig{Wait: time.Minute})
	w := &transcribe.Worker{Server: directServer{r, "w"}, Engine: newTestCommand(t, []string{self, "__ear", speech}), Slots: 20, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() { // after the parallel tests of the suite
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	enginetest.Run(t, enginetest.Subject{Engine: r, Speech: readSamples(t, "lj050-0131.wav"), Text: lj050, MaxRate: 0})
}

// claimedWork is work that the test itself has claimed, with all of its sound.
func claimedWork(t *testing.T, c transcribe.RemoteConfig, seconds int) (r *transcribe.Remote, id string, heard chan []tidings.TranscriptSegment, ended chan error) {
	t.Helper()
	r = transcribe.NewRemote(c)
	heard, ended = make(chan []tidings.TranscriptSegment, 1), make(chan error, 1)
	go func() {
		var all []tidings.TranscriptSegment
		err := r.Transcribe(t.Context(), bytes.NewReader(enginetest.Silence(time.Duration(seconds)*time.Second)), transcribe.Options{Language: "de", OnLanguage: func(l string, n int) {
			all = append(all, tidings.TranscriptSegment{Text: fmt.Sprint(l, n)})
		}}, func(s tidings.TranscriptSegment) error { all = append(all, s); return nil })
		heard <- all
		ended <- err
	}()

	w, ok := r.Claim(t.Context(), "me", tidings.SpeechEngine{Name: "e", Model: "m"}, time.Minute)
	if !ok || w.Language != "de" || w.ID == "" {
		t.Fatalf("claimed %+v, %v", w, ok)
	}

	return r, w.ID, heard, ended
}

// TestRemoteRefuses: segments that are impossible for the sound sent, or come
// from another worker, are refused and leave no trace.
func TestRemoteRefuses(t *testing.T) {
	t.Parallel()
	r, id, heard, ended := claimedWork(t, transcribe.RemoteConfig{}, 10)
	ctx := t.Context()
	good := func(start, end int64, text string) tidings.TranscriptSegment {
		return tidings.TranscriptSegment{StartMS: start, EndMS: end, Text: text, Words: []tidings.Word{{StartMS: start, EndMS: end, Text: text}}}
	}
	with := func(change func(*tidings.TranscriptSegment)) tidings.TranscriptSegment {
		s := good(1000, 2000, "word")
		change(&s)
		return s
	}
	if err := r.Segments(ctx, "me", id, []tidings.TranscriptSegment{good(0, 5000, "early")}); tidings.KindOf(err) != tidings.KindInvalid {
		t.Errorf("words of sound that was not sent: %v", err)
	}
	if err := r.Done("me", id, nil); tidings.KindOf(err) != tidings.KindConflict {
		t.Errorf("done before the sound was sent: %v", err)
	}
	var sound bytes.Buffer
	if err := r.Audio(ctx, "me", id, &sound); err != nil || sound.Len() != 10*2*transcribe.Rate {
		t.Fatalf("%v, %d bytes of sound", err, sound.Len())
	}
	if err := r.Audio(ctx, "me", id, io.Discard); tidings.KindOf(err) != tidings.KindConflict {
		t.Errorf("sound twice: %v", err)
	}

	if err := r.Segments(ctx, "me", id, []tidings.TranscriptSegment{good(500, 900, "one")}); err != nil {
		t.Fatal(err)
	}

	nan := math.NaN()
	for name, segs := range map[string][]tidings.TranscriptSegment{
		"back":             {good(100, 900, "x")},
		"back in a batch":  {good(2000, 3000, "x"), good(2500, 3500, "y")},
		"after the end":    {good(9000, 20_000, "x")},
		"inside out":       {good(3000, 2000, "x")},
		"no text":          {good(1000, 2000, "  ")},
		"not UTF-8":        {good(1000, 2000, "\xff")},
		"long":             {good(1000, 2000, strings.Repeat("x", tidings.MaxWorkText+1))},
		"word outside":     {with(func(s *tidings.TranscriptSegment) { s.Words[0].EndMS = 2001 })},
		"word without end": {with(func(s *tidings.TranscriptSegment) { s.Words[0].EndMS = 10 })},
		"empty word":       {with(func(s *tidings.TranscriptSegment) { s.Words[0].Text = "" })},
		"other words":      {with(func(s *tidings.TranscriptSegment) { s.Words[0].Text = "much more" })},
		"sure beyond 1":    {with(func(s *tidings.TranscriptSegment) { s.Words[0].P = &nan })},
		"many words": {with(func(s *tidings.TranscriptSegment) {
			s.Words = make([]tidings.Word, tidings.MaxWorkWords+1)
		})},
		"many": make([]tidings.TranscriptSegment, tidings.MaxWorkSegments),
	} {
		if err := r.Segments(ctx, "me", id, segs); tidings.KindOf(err) != tidings.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}

	for name, err := range map[string]error{
		"segments": r.Segments(ctx, "you", id, nil), "renew": r.Renew("you", id), "done": r.Done("you", id, nil),
		"fail": r.Fail("you", id, true), "audio": r.Audio(ctx, "you", id, io.Discard), "unknown": r.Renew("me", "x"),
	} {
		if tidings.KindOf(err) != tidings.KindGone {
			t.Errorf("%s by somebody else: %v", name, err)
		}
	}

	if err := errors.Join(r.Segments(ctx, "me", id, []tidings.TranscriptSegment{good(950, 1000, "two")}), r.Done("me", id, map[string]int{"german": 2, "??": 7})); err != nil {
		t.Fatal(err)
	}

	if got := enginetest.Text(<-heard); got != "one two de2" {
		t.Errorf("heard %q", got)
	}

	if err := <-ended; err != nil {
		t.Error(err)
	}

	if err := r.Done("me", id, nil); tidings.KindOf(err) != tidings.KindGone {
		t.Errorf("done twice: %v", err)
	}
}

// TestRemoteLost: however a worker is lost, the caller gets KindUnavailable.
func TestRemoteLost(t *testing.T) {
	t.Parallel()
	cut := errors.New("connection reset")
	for name, lose := range map[string]func(r *transcribe.Remote, id string){
		"silent":       func(*transcribe.Remote, string) {},
		"gives up":     func(r *transcribe.Remote, id string) { r.Fail("me", id, false) },
		"cut off":      func(r *transcribe.Remote, id string) { r.Audio(context.Background(), "me", id, brokenWriter{cut}) },
		"hangs up":     func(r *transcribe.Remote, id string) { r.Audio(endedContext(), "me", id, io.Discard) },
		"broken sound": func(r *transcribe.Remote, id string) { r.Fail("me", id, true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := transcribe.RemoteConfig{}
			if name == "silent" {
				c.Lease = 50 * time.Millisecond
			}

			r, id, _, end := claimedWork(t, c, 3600)
			go lose(r, id)
			want := tidings.KindUnavailable
			if name == "broken sound" {
				want = tidings.KindUnsupported
			}

			if err := <-end; tidings.KindOf(err) != want {
				t.Errorf("%v", err)
			}

			if err := r.Renew("me", id); tidings.KindOf(err) != tidings.KindGone {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// endedContext is a context that has ended.
func endedContext() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// brokenWriter is a writer that fails.
type brokenWriter struct{ error }

// Write implements io.Writer.
func (b brokenWriter) Write([]byte) (int, error) { return 0, b.error }

// TestRemoteWaits: work waits for a suitable worker, but not for ever.
func TestRemoteWaits(t *testing.T) {
	t.Parallel()
	r := transcribe.NewRemote(transcribe.RemoteConfig{Wait: 50 * time.Millisecond})
	if err := r.CheckWorkers(); tidings.KindOf(err) != tidings.KindUnavailable {
		t.Errorf("nobody was there, but %v", err)
	}

	english := tidings.SpeechEngine{Name: "vosk", Model: "small", Languages: []string{"en"}}
	claimed := make(chan bool, 1)
	go func() {
		_, ok := r.Claim(t.Context(), "me", english, 100*time.Millisecond)
		claimed <- ok
	}()

	err := r.Transcribe(t.Context(), bytes.NewReader(nil), transcribe.Options{Language: "de"}, func(tidings.TranscriptSegment) error { return nil })
	if tidings.KindOf(err) != tidings.KindUnavailable || <-claimed {
		t.Errorf("German for an English engine: %v", err)
	}

	if err := r.CheckWorkers(); err != nil || r.Model() != "vosk small" {
		t.Errorf("%v, model %q", err, r.Model())
	}
}
