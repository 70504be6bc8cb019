package transcribe_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// TestWhileRecording: with the real engine and decoder, words are rows and
// events while the recording continues, and a finished draft at its end.
func TestWhileRecording(t *testing.T) {
	t.Parallel()
	w, engine := newFixture(t), builtInEngine(t)
	film := encodeWebM(t, append(readSamples(t, "jfk.wav"), enginetest.Silence(4*time.Second)...))
	r, feed := io.Pipe()
	w.source = func() io.ReadCloser { return r }
	events, _ := w.Subscribe(t.Context(), 0)
	run := w.leaseStep()
	ended := make(chan error, 1)
	go func() { ended <- w.newStep(engine).Transcribe(t.Context(), run) }()
	go func() {
		for part := range slicesOf(film[:len(film)-100], 1000) {
			feed.Write(part)
		}
	}()

	awaitEvent(t, events, ended, tidings.EventTranscriptSegment)
	got, state := w.currentTranscript()
	if len(got.Segments) == 0 || got.State != tidings.StepRunning || state != tidings.StepRunning {
		t.Errorf("while recording: %d segments, transcript %s, step %s", len(got.Segments), got.State, state)
	}

	feed.Write(film[len(film)-100:])
	feed.Close()

	if err := <-ended; err != nil {
		t.Fatal(err)
	}

	got, state = w.currentTranscript()
	if got.State != tidings.StepDone || state != tidings.StepDone || !got.Draft || got.Language != "en" || got.Engine != "vosk" || got.Model == "" {
		t.Errorf("at the end: %+v, step %s", got, state)
	}

	text := enginetest.Text(got.Segments)
	if e := enginetest.Compare(enginetest.Words(jfk), enginetest.Words(text)); e.Rate() > 0.25 || !strings.HasPrefix(text, "And") || !strings.HasSuffix(text, ".") {
		t.Errorf("heard %q", text)
	}

	enginetest.CheckTimes(t, got.Segments, 11_000, engine.Caps())
}

const jfk = "And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country."

// slicesOf cuts b into slices of at most n bytes.
func slicesOf(b []byte, n int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(b) > 0 && yield(b[:min(n, len(b))]) {
			b = b[min(n, len(b)):]
		}
	}
}

// awaitEvent waits for an event of the kind.
func awaitEvent(t *testing.T, events <-chan tidings.Event, ended <-chan error, kind tidings.EventType) {
	t.Helper()
	for {
		select {
		case e := <-events:
			if e.Type == kind {
				return
			}
		case err := <-ended:
			t.Fatalf("the step ended before any %s: %v", kind, err)
		}
	}
}

// TestNothingSaid: sound without speech makes a finished transcript without
// segments.
func TestNothingSaid(t *testing.T) {
	t.Parallel()
	silent, err := os.ReadFile("../media/testdata/silent-picture.webm")
	if err != nil {
		t.Fatal(err)
	}

	engine := builtInEngine(t)
	for name, film := range map[string][]byte{
		"silence": encodeWebM(t, enginetest.Silence(3*time.Second)), "noise": encodeWebM(t, enginetest.Pink(3*time.Second, 0.05)), "no sound track": silent,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newFixture(t)
			w.source = endedSource(film)
			if err := w.newStep(engine).Transcribe(t.Context(), w.leaseStep()); err != nil {
				t.Fatal(err)
			}

			if got, state := w.currentTranscript(); got.ID == "" || got.State != tidings.StepDone || state != tidings.StepDone || len(got.Segments) > 0 || got.Language != "" {
				t.Errorf("%+v, step %s", got, state)
			}
		})
	}
}

// TestNoRetryHelps: such errors have a kind that is not retried and a sentence
// for users, and leave no transcript.
func TestNoRetryHelps(t *testing.T) {
	t.Parallel()
	film := encodeWebM(t, enginetest.Silence(time.Second))
	for name, c := range map[string]struct {
		original []byte
		engine   transcribe.Engine
		says     string
	}{
		"no engine":   {film, nil, "no speech engine"},
		"text":        {bytes.Repeat([]byte("This is no recording. "), 5000), &enginetest.Scripted{}, ""},
		"zeros":       {make([]byte, 100_000), &enginetest.Scripted{}, ""},
		"broken head": {append([]byte{0x1a, 0x45, 0xdf, 0xa3, 0x9f}, bytes.Repeat([]byte{0x55, 0xaa}, 50_000)...), &enginetest.Scripted{}, ""},
		"empty":       {nil, &enginetest.Scripted{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newFixture(t)
			w.source = endedSource(c.original)
			err := w.newStep(c.engine).Transcribe(t.Context(), w.leaseStep())
			if k := tidings.KindOf(err); k != tidings.KindUnsupported && k != tidings.KindInvalid || !strings.Contains(tidings.Sentence(err), c.says) {
				t.Errorf("%v", err)
			}

			if got, _ := w.currentTranscript(); got.ID != "" {
				t.Errorf("a transcript: %+v", got)
			}
		})
	}
}

// oneWordSegment is an utterance of one word.
func oneWordSegment(startMS int64, text string) tidings.TranscriptSegment {
	return tidings.TranscriptSegment{StartMS: startMS, EndMS: startMS + 500, Text: text, Words: []tidings.Word{{StartMS: startMS, EndMS: startMS + 500, Text: text}}}
}

// TestSecondAttempt: the transcript of a failed run is replaced completely.
func TestSecondAttempt(t *testing.T) {
	t.Parallel()
	w := newFixture(t)
	w.source = endedSource(encodeWebM(t, enginetest.Silence(3*time.Second)))
	crash := &enginetest.Scripted{Segments: []tidings.TranscriptSegment{oneWordSegment(0, "one"), oneWordSegment(1000, "tow")}, Fail: errors.New("signal: segmentation fault")}
	run := w.leaseStep()
	if err := w.newStep(crash).Transcribe(t.Context(), run); !errors.Is(err, crash.Fail) || tidings.KindOf(err) != tidings.KindInternal {
		t.Fatalf("%v", err)
	}

	if got, _ := w.currentTranscript(); enginetest.Text(got.Segments) != "one tow" {
		t.Errorf("after the crash: %q", enginetest.Text(got.Segments))
	}

	if err := w.ReleaseStep(t.Context(), run, ""); err != nil {
		t.Fatal(err)
	}

	again := &enginetest.Scripted{Segments: []tidings.TranscriptSegment{oneWordSegment(0, "one"), oneWordSegment(1000, "two"), oneWordSegment(2000, "three")}, Capabilities: transcribe.Caps{Punctuation: true}}
	if err := w.newStep(again).Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	if got, _ := w.currentTranscript(); enginetest.Text(got.Segments) != "one two three" || got.Attempt != 2 || got.Draft || got.State != tidings.StepDone {
		t.Errorf("%+v", got)
	}
}

// TestLostLease: a run whose lease another worker has taken writes no more.
func TestLostLease(t *testing.T) {
	t.Parallel()
	w := newFixture(t)
	w.source = endedSource(encodeWebM(t, enginetest.Silence(3*time.Second)))
	says := []tidings.TranscriptSegment{oneWordSegment(0, "one"), oneWordSegment(1000, "two"), oneWordSegment(2000, "three")}
	slow := &interruptedEngine{Scripted: enginetest.Scripted{Segments: says}}
	var second tidings.StepRun
	slow.after = func() {
		w.clock.advance(2 * tidings.LeaseTTL)
		second = w.leaseStep()
	}
	if err := w.newStep(slow).Transcribe(t.Context(), w.leaseStep()); tidings.KindOf(err) != tidings.KindConflict {
		t.Errorf("the loser ends with %v", err)
	}

	if got, state := w.currentTranscript(); len(got.Segments) != 1 || state != tidings.StepRunning {
		t.Errorf("the loser wrote %q; step %s", enginetest.Text(got.Segments), state)
	}

	if err := w.newStep(&slow.Scripted).Transcribe(t.Context(), second); err != nil {
		t.Fatal(err)
	}

	if got, state := w.currentTranscript(); enginetest.Text(got.Segments) != "one two three" || got.Attempt != second.Attempt || state != tidings.StepDone {
		t.Errorf("%+v, step %s", got, state)
	}
}

// interruptedEngine calls a function during its first utterance.
type interruptedEngine struct {
	enginetest.Scripted
	after func()
}

// Transcribe implements transcribe.Engine.
func (s *interruptedEngine) Transcribe(ctx context.Context, pcm io.Reader, o transcribe.Options, sink func(tidings.TranscriptSegment) error) error {
	first := true
	return s.Scripted.Transcribe(ctx, pcm, o, func(seg tidings.TranscriptSegment) error {
		err := sink(seg)
		if first {
			first = false
			s.after()
		}
		return err
	})
}

// TestEdited: no engine replaces a user's corrections.
func TestEdited(t *testing.T) {
	t.Parallel()
	w := newFixture(t)
	w.source = endedSource(encodeWebM(t, enginetest.Silence(2*time.Second)))
	if err := w.newStep(&enginetest.Scripted{Segments: []tidings.TranscriptSegment{oneWordSegment(0, "Bob")}}).Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	got, _ := w.currentTranscript()
	if err := w.editSegment(t.Context(), got.Segments[0], "Ana"); err != nil {
		t.Fatal(err)
	}

	w.clock.advance(2 * tidings.LeaseTTL)
	if err := w.RetryStep(t.Context(), w.clip, tidings.StepTranscribe); err != nil {
		t.Fatal(err)
	}
	if err := w.newStep(&enginetest.Scripted{Segments: []tidings.TranscriptSegment{oneWordSegment(0, "Rob")}}).Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	if got, state := w.currentTranscript(); enginetest.Text(got.Segments) != "Ana" || got.EditedAt == nil || state != tidings.StepDone {
		t.Errorf("%+v, step %s", got, state)
	}
}

// TestCancelled: the end of the context ends decoder and engine, also while the
// recording is silent.
func TestCancelled(t *testing.T) {
	t.Parallel()
	w := newFixture(t)
	film := encodeWebM(t, append(readSamples(t, "lj050-0131.wav"), enginetest.Silence(3*time.Second)...))
	r, feed := io.Pipe()
	defer feed.Close()

	w.source = func() io.ReadCloser { return r }
	go feed.Write(film[:len(film)-100])
	ctx, cancel := context.WithCancel(t.Context())
	events, _ := w.Subscribe(t.Context(), 0)
	run, ended := w.leaseStep(), make(chan error, 1)
	go func() { ended <- w.newStep(builtInEngine(t)).Transcribe(ctx, run) }()
	awaitEvent(t, events, ended, tidings.EventTranscriptSegment)
	cancel()

	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}

	if got, state := w.currentTranscript(); got.State != tidings.StepRunning || state != tidings.StepRunning {
		t.Errorf("transcript %s, step %s", got.State, state)
	}
}

// TestSourceFails: an error of the original is not taken for its end.
func TestSourceFails(t *testing.T) {
	t.Parallel()
	w := newFixture(t)
	film := encodeWebM(t, enginetest.Pink(20*time.Second, 0.05))
	gone := tidings.Errorf(tidings.KindGone, "The upload was ended by its owner.")
	r, feed := io.Pipe()
	w.source = func() io.ReadCloser { return r }
	go func() {
		feed.Write(film[:len(film)-100])
		feed.CloseWithError(gone)
	}()

	if err := w.newStep(&enginetest.Scripted{}).Transcribe(t.Context(), w.leaseStep()); tidings.KindOf(err) != tidings.KindGone {
		t.Errorf("%v", err)
	}

	if _, state := w.currentTranscript(); state != tidings.StepRunning {
		t.Errorf("step %s", state)
	}
}

// TestUntidyEngine: segments out of order or out of bounds are corrected.
func TestUntidyEngine(t *testing.T) {
	t.Parallel()
	w := newFixture(t)
	w.source = endedSource(encodeWebM(t, enginetest.Silence(3*time.Second)))
	nan := math.NaN()
	engine := &enginetest.Scripted{Segments: []tidings.TranscriptSegment{
		{StartMS: -50, EndMS: 1000, Text: " a\n b ", Words: []tidings.Word{{StartMS: -50, EndMS: 2000, Text: "a", P: &nan}, {StartMS: 100, EndMS: 50, Text: "b"}, {Text: ""}}},
		{StartMS: 500, EndMS: 1500, Text: "c"},
		{StartMS: 1600, EndMS: 1700, Text: " \n"},
		{StartMS: 2000, EndMS: 1900, Text: "d\xff"},
	}}
	if err := w.newStep(engine).Transcribe(t.Context(), w.leaseStep()); err != nil {
		t.Fatal(err)
	}

	got, _ := w.currentTranscript()
	if enginetest.Text(got.Segments) != "a b c d" {
		t.Errorf("%q", enginetest.Text(got.Segments))
	}

	at := int64(0)
	for i, seg := range got.Segments {
		if seg.Seq != int64(i) || seg.StartMS < at || seg.EndMS < seg.StartMS {
			t.Errorf("segment %d: %+v", i, seg)
		}

		for _, word := range seg.Words {
			if word.StartMS < at || word.EndMS < word.StartMS || word.EndMS > seg.EndMS || word.P != nil {
				t.Errorf("word %+v", word)
			}
			at = word.EndMS
		}

		at = seg.EndMS
	}
}
