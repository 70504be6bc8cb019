// Package enginetest is the contract of speech engines as a test suite. It also
// has sounds, the word error rate and a scripted engine for other tests.
package enginetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
)

// stopWithin is the contract: how soon an engine ends when its context does.
const stopWithin = 3 * time.Second

// Subject is an engine under test and speech that it should understand.
type Subject struct {
	Engine  transcribe.Engine
	Speech  []byte  // samples
	Text    string  // the words in them
	MaxRate float64 // highest acceptable word error rate
}

// suite is one subject under test.
type suite struct {
	*testing.T
	Subject
	// transcript is the engine's transcript of Speech.
	transcript func() ([]tidings.TranscriptSegment, error)
}

// Run runs the suite.
func Run(t *testing.T, s Subject) {
	transcript := sync.OnceValues(func() ([]tidings.TranscriptSegment, error) {
		return Collect(t.Context(), s.Engine, bytes.NewReader(s.Speech))
	})
	for name, test := range map[string]func(suite){
		"no speech, no words": suite.noSpeech, "words in order": suite.checkWords, "any size of reads": suite.checkReads, "the same again": suite.checkRepeats,
		"while it is said": suite.checkLive, "cancel while decoding": suite.cancelBusy, "cancel while waiting": suite.cancelIdle,
		"broken input": suite.brokenInput, "the sink fails": suite.sinkFails, "two clips at once": suite.checkConcurrent,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(suite{t, s, transcript})
		})
	}
}

func (s suite) collectSegments(pcm io.Reader) []tidings.TranscriptSegment {
	s.Helper()
	out, err := Collect(s.Context(), s.Engine, pcm)
	if err != nil {
		s.Fatal(err)
	}
	return out
}

// speechSegments is the engine's transcript of Speech.
func (s suite) speechSegments() []tidings.TranscriptSegment {
	s.Helper()
	segs, err := s.transcript()
	if err != nil {
		s.Fatal(err)
	}
	return segs
}

// Collect transcribes pcm and returns all segments.
func Collect(ctx context.Context, e transcribe.Engine, pcm io.Reader) (out []tidings.TranscriptSegment, err error) {
	err = e.Transcribe(ctx, pcm, transcribe.Options{}, func(seg tidings.TranscriptSegment) error {
		out = append(out, seg)
		return nil
	})
	return out, err
}

// Text is the text of segments.
func Text(segs []tidings.TranscriptSegment) string {
	var all []string
	for _, seg := range segs {
		all = append(all, seg.Text)
	}
	return strings.Join(all, " ")
}

func (s suite) noSpeech() {
	const long = 10 * time.Second
	for name, pcm := range map[string][]byte{
		"nothing at all": nil, "one sample": {1, 0}, "half a sample": {1}, "silence": Silence(long), "white noise": White(long, 0.05),
		"loud white noise": White(long, 0.3), "pink noise": Pink(long, 0.05), "a quiet room": Pink(long, 0.001), "music": Music(long),
	} {
		s.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := (suite{T: t, Subject: s.Subject}).collectSegments(bytes.NewReader(pcm)); len(got) > 0 {
				t.Errorf("heard %q", Text(got))
			}
		})
	}
}

func (s suite) checkWords() {
	segs := s.speechSegments()
	if e := Compare(Words(s.Text), Words(Text(segs))); e.Rate() > s.MaxRate {
		s.Errorf("%.0f %% of the words are wrong: %q", 100*e.Rate(), Text(segs))
	}
	CheckTimes(s.T, segs, Millis(s.Speech), s.Engine.Caps())
}

// CheckTimes fails on times that go back or leave the clip, and on words that
// are not those of their segment.
func CheckTimes(t testing.TB, segs []tidings.TranscriptSegment, lengthMS int64, caps transcribe.Caps) {
	t.Helper()
	var at int64
	for _, seg := range segs {
		if seg.StartMS < at || seg.EndMS <= seg.StartMS || seg.EndMS > lengthMS {
			t.Errorf("segment from %d to %d ms after %d in a clip of %d: %q", seg.StartMS, seg.EndMS, at, lengthMS, seg.Text)
		}

		if caps.WordTimes && len(seg.Words) == 0 {
			t.Errorf("no word times in %q", seg.Text)
		}

		at = seg.StartMS
		var texts []string
		for _, w := range seg.Words {
			if w.StartMS < at || w.EndMS < w.StartMS || w.EndMS > seg.EndMS {
				t.Errorf("%q from %d to %d ms after %d in a segment to %d", w.Text, w.StartMS, w.EndMS, at, seg.EndMS)
			}

			if caps.Confidence && (w.P == nil || *w.P < 0 || *w.P > 1) {
				t.Errorf("confidence of %q: %v", w.Text, w.P)
			}

			at = w.EndMS
			texts = append(texts, w.Text)
		}

		if got := strings.Join(texts, " "); len(texts) > 0 && got != seg.Text {
			t.Errorf("the words are %q and the text %q", got, seg.Text)
		}
	}
}

func (s suite) checkReads() {
	odd := append(bytes.Clone(s.Speech), 7)
	want := Text(s.speechSegments())
	if got := Text(s.collectSegments(iotest.DataErrReader(&oddReader{odd}))); got != want {
		s.Errorf("%q, not %q", got, want)
	}
}

// oddReader returns 997 bytes at a time, so that samples and frames are split.
type oddReader struct{ b []byte }

// Read implements io.Reader.
func (r *oddReader) Read(p []byte) (int, error) {
	if len(r.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.b[:min(len(r.b), 997)])
	r.b = r.b[n:]
	return n, nil
}

func (s suite) checkRepeats() {
	first, second := s.speechSegments(), s.collectSegments(bytes.NewReader(s.Speech))
	if !reflect.DeepEqual(second, first) {
		s.Errorf("another answer to the same sound:\n%+v\n%+v", first, second)
	}
}

// checkLive: an utterance is emitted although more sound may follow.
func (s suite) checkLive() {
	r, w := io.Pipe()
	emitted := make(chan tidings.TranscriptSegment, 1000)
	ended := make(chan error, 1)
	go func() {
		ended <- s.Engine.Transcribe(s.Context(), r, transcribe.Options{Live: true}, func(seg tidings.TranscriptSegment) error {
			emitted <- seg
			return nil
		})
		r.Close()
	}()

	go w.Write(append(bytes.Clone(s.Speech), Silence(3*time.Second)...))

	select {
	case <-emitted:
	case err := <-ended:
		s.Fatalf("the engine ended before its input: %v", err)
	}

	w.Close()

	if err := <-ended; err != nil {
		s.Error(err)
	}
}

// cancelBusy ends the context while the engine has more to do than it can.
func (s suite) cancelBusy() {
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	s.checkEnds(ctx, cancel, Repeat(append(bytes.Clone(s.Speech), Silence(2*time.Second)...), 1000))
}

// cancelIdle ends the context while the engine waits for sound.
func (s suite) cancelIdle() {
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	r, w := io.Pipe()
	defer w.Close()
	go w.Write(append(bytes.Clone(s.Speech), Silence(3*time.Second)...))
	s.checkEnds(ctx, cancel, r)
}

// checkEnds cancels at the first utterance and waits for stopWithin.
func (s suite) checkEnds(ctx context.Context, cancel func(), pcm io.Reader) {
	ended, cancelled := make(chan error, 1), make(chan struct{})
	go func() {
		first := true
		ended <- s.Engine.Transcribe(ctx, pcm, transcribe.Options{Live: true}, func(tidings.TranscriptSegment) error {
			if first {
				first = false
				cancel()
				close(cancelled)
			}
			return nil
		})
	}()

	select {
	case <-cancelled:
	case err := <-ended:
		s.Fatalf("ended without a word: %v", err)
	}

	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			s.Errorf("ended with %v", err)
		}
	case <-time.After(stopWithin):
		s.Errorf("still running %v after the end of its context", stopWithin)
	}
}

func (s suite) brokenInput() {
	broken := errors.New("the wire is cut")
	_, err := Collect(s.Context(), s.Engine, io.MultiReader(bytes.NewReader(s.Speech), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		s.Errorf("%v", err)
	}
}

func (s suite) sinkFails() {
	full := errors.New("the disk is full")
	err := s.Engine.Transcribe(s.Context(), Repeat(append(bytes.Clone(s.Speech), Silence(2*time.Second)...), 1000), transcribe.Options{},
		func(tidings.TranscriptSegment) error { return full })
	if !errors.Is(err, full) {
		s.Errorf("%v", err)
	}
}

func (s suite) checkConcurrent() {
	want := Text(s.speechSegments())
	texts := make(chan string, 2)
	for range 2 {
		go func() {
			segs, err := Collect(s.Context(), s.Engine, bytes.NewReader(s.Speech))
			if err != nil {
				s.Error(err)
			}
			texts <- Text(segs)
		}()
	}

	for range 2 {
		if got := <-texts; got != want {
			s.Errorf("%q, not %q", got, want)
		}
	}
}
