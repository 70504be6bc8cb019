package transcribe

import (
	"context"
	"io"
	"runtime"
	"sync"

	"tidings.example/tidings/tidings"
)

// windowedEngine runs a recogniser on each window of speech, fed while its sound
// arrives, so that the end of speech leaves only a short rest to decode. A
// window that has ended is finished by its own goroutine while the next one is
// already fed; at most `workers` are open. Segments are emitted in time order.
type windowedEngine struct {
	engine  *voskLibrary
	weights *sileroWeights
	workers int

	onWindow func(change int) // 1: a window is opened, -1: it is decoded
}

// idleRecognisers are recognisers between two windows.
type idleRecognisers struct {
	engine *voskLibrary
	mu     sync.Mutex
	idle   []*recogniser
}

func (r *idleRecognisers) takeIdleRecogniser(baseMS int64) (rec *recogniser, err error) {
	r.mu.Lock()
	if n := len(r.idle); n > 0 {
		rec, r.idle = r.idle[n-1], r.idle[:n-1]
	}

	r.mu.Unlock()
	if rec == nil {
		if rec, err = r.engine.newRecogniser(); err != nil {
			return nil, err
		}
	}

	rec.beginWindow(baseMS)
	return rec, nil
}

// putIdleRecogniser takes rec back; finished says that its window was decoded to its end.
func (r *idleRecognisers) putIdleRecogniser(rec *recogniser, finished bool) {
	if !finished || rec.needsReset() {
		rec.freeRecogniser()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle = append(r.idle, rec)
}

// releaseAll releases all recognisers. All windows must have ended.
func (r *idleRecognisers) releaseAll() {
	for _, rec := range r.idle {
		rec.freeRecogniser()
	}
}

// speechWindow is one open window.
type speechWindow struct {
	samples chan []int16
	out     chan draftUtterance // closed when the window is done
	cut     bool                // it ended in mid-speech; set before samples is closed
	err     error               // set before out is closed
	ctx     context.Context
}

// maxSegments bounds the segments of one window: 28 s hold fewer.
const maxSegments = 64

func (w *windowedEngine) transcribeWindows(ctx context.Context, pcm io.Reader, sink func(tidings.TranscriptSegment) error) error {
	ctx, cancel := context.WithCancel(ctx)
	idle := &idleRecognisers{engine: w.engine}
	defer idle.releaseAll()

	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()

	slots := make(chan struct{}, w.workers)
	order := make(chan *speechWindow, w.workers)
	v := &vad{net: &silero{sileroWeights: w.weights}, openWindow: func(start int64) (windowSink, error) {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}

		win := &speechWindow{samples: make(chan []int16, maxWindow), out: make(chan draftUtterance, maxSegments), ctx: ctx}
		all.Go(func() {
			defer func() { <-slots }()

			w.onWindow(1)
			defer w.onWindow(-1)

			win.decodeWindow(idle, start*1000/Rate)
		})
		select {
		case order <- win:
		case <-ctx.Done():
		}

		return win, nil
	}}

	sinkErr := make(chan error, 1)
	all.Go(func() {
		sinkErr <- deliverWindows(order, sink)
		cancel() // an error of the sink ends the transcription
	})

	err := v.detectSpeech(ctx, pcm)
	close(order)

	if err != nil {
		cancel()
	}

	if err := <-sinkErr; err != nil {
		return err
	}

	return err
}

// deliverWindows emits segments, window by window.
func deliverWindows(order <-chan *speechWindow, sink func(tidings.TranscriptSegment) error) error {
	cut := false
	for win := range order {
		for u := range win.out {
			u.continues, cut = cut, u.cutMidSpeech
			if err := sink(formatDraft(u)); err != nil {
				return err
			}
		}

		if win.err != nil {
			return win.err
		}
	}

	return nil
}

// writeSamples implements windowSink.
func (w *speechWindow) writeSamples(samples []int16) error {
	select {
	case w.samples <- samples:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// closeWindow implements windowSink.
func (w *speechWindow) closeWindow(cut bool, _ int64) {
	w.cut = cut
	close(w.samples)
}

// decodeWindow feeds a recogniser until the window ends.
func (w *speechWindow) decodeWindow(idle *idleRecognisers, baseMS int64) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(w.out)

	rec, err := idle.takeIdleRecogniser(baseMS)
	if err != nil {
		w.err = err
		return
	}
	defer func() { idle.putIdleRecogniser(rec, w.err == nil) }()

	for more := true; more; {
		var samples []int16
		select {
		case samples, more = <-w.samples:
		case <-w.ctx.Done():
			w.err = w.ctx.Err()
			return
		}

		if w.err = w.decodeSamples(rec, samples, more); w.err != nil {
			return
		}
	}
}

// decodeSamples gives the recogniser samples, or their end, and emits the
// utterances.
func (w *speechWindow) decodeSamples(rec *recogniser, samples []int16, more bool) error {
	if more {
		segs, err := rec.addSamples(samples)
		return w.emitUtterances(segs, false, err)
	}
	segs, err := rec.endWindow()
	return w.emitUtterances(segs, w.cut, err)
}

func (w *speechWindow) emitUtterances(segs []tidings.TranscriptSegment, cutMidSpeech bool, err error) error {
	for i, seg := range segs {
		select {
		case w.out <- draftUtterance{TranscriptSegment: seg, cutMidSpeech: cutMidSpeech && i == len(segs)-1}:
		case <-w.ctx.Done():
			return w.ctx.Err()
		}
	}
	return err
}
