package transcribe_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidings.example/tidings/media"
	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// longerThanAnyGrace is a wait after which a limit of time on the rest of the
// sound would have struck. A busy machine makes it longer, which is no harm.
const longerThanAnyGrace = 4 * time.Second

// TestStoppedEngine: the built-in engine gets no processor while the decoder ends
// (as on a machine that is far too busy), and has all words in its first run.
func TestStoppedEngine(t *testing.T) {
	t.Parallel()
	w := newFixture(t)
	engine, pid := trackedEngine(t)
	speech := readSamples(t, "lj050-0131.wav")
	speech = append(append(speech, enginetest.Silence(3*time.Second)...), speech...)
	w.source = endedSource(encodeWebM(t, speech))
	stop := &stopNearEnd{left: len(speech), stop: func() {
		process := pid()
		if err := syscall.Kill(process, syscall.SIGSTOP); err != nil {
			t.Error(err)
		}
		time.AfterFunc(longerThanAnyGrace, func() {
			if err := syscall.Kill(process, syscall.SIGCONT); err != nil {
				t.Error(err)
			}
		})
	}}

	step := transcribe.New(transcribe.Config{Rows: w, Pieces: w, Source: w, PCM: stop.wrapPCM(w.media), Engine: engine, NoAudio: func(err error) bool { return errors.Is(err, media.ErrNoAudio) }})
	if err := step.Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	got, state := w.currentTranscript()
	if text := enginetest.Text(got.Segments); strings.Count(text, "in this regard.") != 2 || state != tidings.StepDone {
		t.Errorf("step %s: %q", state, text)
	}
}

// stopNearEnd calls stop once when so little of the sound is left that the
// decoder ends although nobody reads.
type stopNearEnd struct {
	io.ReadCloser
	left int // bytes
	stop func()
}

// wrapPCM is the real decoder, whose sound passes through s.
func (s *stopNearEnd) wrapPCM(m *media.Media) func(context.Context, io.Reader) (io.ReadCloser, error) {
	return func(ctx context.Context, src io.Reader) (io.ReadCloser, error) {
		pcm, err := m.PCM(ctx, src)
		s.ReadCloser = pcm
		return s, err
	}
}

// Read implements io.Reader.
func (s *stopNearEnd) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	before := s.left
	s.left -= n
	const pipes = 176 << 10 // more than is between decoder and engine, by less than a pipe
	if before > pipes && s.left <= pipes {
		s.stop()
	}
	return n, err
}
