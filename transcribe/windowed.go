package transcribe

import (
	"context"
	"io"
	"runtime"
	"sync"

	"tidings"
)

// windowed runs a recogniser on each window of speech, fed while its sound
// arrives, so that the end of speech costs only the tail. A window that has
// ended is finished by its own goroutine while the next one is already fed;
// at most `workers` are open. Segments leave in time order.
type windowed struct {
	engine  *vosk
	weights *sileroWeights
	workers int
}

// speechWindow is one open window.
type speechWindow struct {
	samples chan []int16
	out     chan tidings.TranscriptSegment // closed when the window is done
	err     error                          // set before out is closed
	ctx     context.Context
}

// maxSegments bounds what one window can say: 28 s hold no more.
const maxSegments = 64

func (w *windowed) transcribe(ctx context.Context, pcm io.Reader, sink func(tidings.TranscriptSegment) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	slots := make(chan struct{}, w.workers)
	order := make(chan *speechWindow, w.workers)
	v := &vad{net: &silero{sileroWeights: w.weights}, open: func(start int64) (window, error) {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		win := &speechWindow{samples: make(chan []int16, maxWindow), out: make(chan tidings.TranscriptSegment, maxSegments), ctx: ctx}
		all.Go(func() {
			defer func() { <-slots }()
			win.decode(w.engine, start*1000/Rate)
		})
		select {
		case order <- win:
		case <-ctx.Done():
		}
		return win, nil
	}}
	heard := make(chan error, 1)
	all.Go(func() {
		heard <- deliver(order, sink)
		cancel() // a sink that fails ends everything
	})
	err := v.run(ctx, pcm)
	close(order)
	if err != nil {
		cancel()
	}
	if serr := <-heard; serr != nil {
		return serr
	}
	return err
}

// deliver hands segments on, window by window.
func deliver(order <-chan *speechWindow, sink func(tidings.TranscriptSegment) error) error {
	for win := range order {
		for seg := range win.out {
			if err := sink(seg); err != nil {
				return err
			}
		}
		if win.err != nil {
			return win.err
		}
	}
	return nil
}

func (w *speechWindow) write(samples []int16) error {
	select {
	case w.samples <- samples:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

func (w *speechWindow) close() error {
	close(w.samples)
	return nil
}

// decode feeds the recogniser until the window ends.
func (w *speechWindow) decode(engine *vosk, baseMS int64) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(w.out)
	rec, err := engine.recogniser(baseMS)
	if err != nil {
		w.err = err
		return
	}
	defer rec.free()
	for {
		select {
		case samples, more := <-w.samples:
			var seg *tidings.TranscriptSegment
			if more {
				seg, w.err = rec.add(samples)
			} else {
				seg, w.err = rec.end()
			}
			if seg != nil {
				w.out <- *seg
			}
			if w.err != nil || !more {
				return
			}
		case <-w.ctx.Done():
			w.err = w.ctx.Err()
			return
		}
	}
}
