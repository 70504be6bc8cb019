package transcribe_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe"
	"tidings.example/tidings/transcribe/enginetest"
)

// growingSound is a recording, as samples, that several readers follow.
type growingSound struct {
	mu      sync.Mutex
	changed sync.Cond
	pcm     []byte
	ended   bool
}

func newGrowingSound() *growingSound {
	g := &growingSound{}
	g.changed.L = &g.mu
	return g
}

func (g *growingSound) appendSamples(pcm []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pcm = append(g.pcm, pcm...)
	g.changed.Broadcast()
}

func (g *growingSound) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ended = true
	g.changed.Broadcast()
}

// soundReader reads a growingSound from its beginning.
type soundReader struct {
	*growingSound
	at     int
	closed bool
}

// Read implements io.Reader: it waits for samples.
func (r *soundReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()

	for r.at == len(r.pcm) && !r.ended && !r.closed {
		r.changed.Wait()
	}

	switch {
	case r.closed:
		return 0, io.ErrClosedPipe
	case r.at == len(r.pcm):
		return 0, io.EOF
	}

	n := copy(p, r.pcm[r.at:])
	r.at += n
	return n, nil
}

// Close implements io.Closer.
func (r *soundReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.changed.Broadcast()
	return nil
}

// liveFixture is a clip that is being recorded: what is said is always lj050,
// with two seconds of silence after it.
type liveFixture struct {
	*fixture
	sound      *growingSound
	part       []byte
	step       *transcribe.Transcriber
	recognised atomic.Int64                // windows that the better engine has transcribed
	recognise  func(n int64) error         // called before the n-th of them, from 1; may be nil
	stored     chan struct{}               // a window is stored
	delayed    chan struct{}               // the refinement is put off
	drafted    chan struct{}               // the draft has a segment
	ended      chan error                  // the step has ended
	draft      []tidings.TranscriptSegment // of the draft engine
}

// Follow implements transcribe.Source.
func (w *liveFixture) Follow(ctx context.Context, _ tidings.ID) (io.ReadCloser, error) {
	r := &soundReader{growingSound: w.sound}
	context.AfterFunc(ctx, func() { r.Close() })
	return r, nil
}

// PutTranscriptPiece and the others implement transcribe.Rows.
func (w *liveFixture) PutTranscriptPiece(ctx context.Context, clip tidings.ID, key string, result []byte) error {
	err := w.fixture.PutTranscriptPiece(ctx, clip, key, result)
	w.stored <- struct{}{}
	return err
}

func (w *liveFixture) SetRefinement(ctx context.Context, run tidings.StepRun, when tidings.Refinement) error {
	err := w.fixture.SetRefinement(ctx, run, when)
	w.delayed <- struct{}{}
	return err
}

func (w *liveFixture) AddTranscriptSegments(ctx context.Context, run tidings.StepRun, id tidings.ID, segs []tidings.TranscriptSegment) error {
	err := w.fixture.AddTranscriptSegments(ctx, run, id, segs)
	w.drafted <- struct{}{}
	return err
}

func newLiveFixture(t *testing.T) *liveFixture {
	t.Helper()
	const many = 100
	w := &liveFixture{fixture: newFixture(t), sound: newGrowingSound(), stored: make(chan struct{}, many), delayed: make(chan struct{}, many),
		drafted: make(chan struct{}, many), ended: make(chan error, many)}
	w.part = append(readSamples(t, "lj050-0131.wav"), enginetest.Silence(2*time.Second)...)
	recogniser := lj050Recogniser(t)
	better := transcribe.NewWindowEngine(t, "better", requireDetector(t), func(pcm []byte) ([]tidings.Word, error) {
		n := w.recognised.Add(1)
		if w.recognise != nil {
			if err := w.recognise(n); err != nil {
				return nil, err
			}
		}
		return recogniser.recognise(pcm), nil
	})
	rough := &draftEngine{&betterEngine{Scripted: enginetest.Scripted{Segments: []tidings.TranscriptSegment{oneWordSegment(0, "rough")}}}}
	w.draft = rough.Segments
	w.step = transcribe.New(transcribe.Config{Rows: w, Pieces: w, Source: w, Engine: rough, Others: []transcribe.Engine{better}, Routes: []transcribe.Route{{Engines: []string{"better"}}},
		PCM: func(_ context.Context, src io.Reader) (io.ReadCloser, error) { return io.NopCloser(src), nil }})
	return w
}

// sayParts appends n parts of the recording. Three of them make a window.
func (w *liveFixture) sayParts(n int) {
	for range n {
		w.sound.appendSamples(w.part)
	}
}

// startStep runs the step until it ends, or ctx does.
func (w *liveFixture) startStep(ctx context.Context) {
	run := w.leaseStep()
	go func() { w.ended <- w.step.Transcribe(ctx, run) }()
}

// awaitEvent waits for an event of the step, and fails when the step ends without it.
func (w *liveFixture) awaitEvent(c <-chan struct{}, what string) {
	w.t.Helper()
	select {
	case <-c:
	case err := <-w.ended:
		w.t.Fatalf("the step has ended without this: %s (%v)", what, err)
	case <-time.After(time.Minute):
		w.t.Fatalf("this does not happen: %s", what)
	}
}

// awaitEnd waits for the end of the step.
func (w *liveFixture) awaitEnd() error {
	w.t.Helper()
	select {
	case err := <-w.ended:
		return err
	case <-time.After(2 * time.Minute):
		w.t.Fatal("the step does not end")
		return nil
	}
}

// expectRefined checks that the transcript is the better one, of n parts.
func (w *liveFixture) expectRefined(n int) {
	w.t.Helper()
	if err := w.awaitEnd(); err != nil {
		w.t.Fatal(err)
	}

	w.expectShown(strings.TrimSpace(strings.Repeat(lj050+" ", n)), "better", false)
	got, _ := w.currentTranscript()
	for i, s := range got.Segments {
		if from := int64(i) * enginetest.Millis(w.part); len(got.Segments) == n && (s.StartMS < from || s.EndMS > from+enginetest.Millis(w.part)) {
			w.t.Errorf("part %d is at %d to %d ms", i, s.StartMS, s.EndMS)
		}
	}
}
