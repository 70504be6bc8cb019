package transcribe

import (
	"context"
	"io"
	"runtime"
	"sync"

	"tidings.example/tidings/tidings"
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

// recognisers are those that wait for their next window.
type recognisers struct {
	engine *vosk
	mu     sync.Mutex
	idle   []*recogniser
}

func (r *recognisers) take(baseMS int64) (rec *recogniser, err error) {
	r.mu.Lock()
	if n := len(r.idle); n > 0 {
		rec, r.idle = r.idle[n-1], r.idle[:n-1]
	}

	r.mu.Unlock()
	if rec == nil {
		if rec, err = r.engine.recogniser(); err != nil {
			return nil, err
		}
	}

	rec.begin(baseMS)
	return rec, nil
}

// put takes rec back; whole says that its window was read to the end.
func (r *recognisers) put(rec *recogniser, whole bool) {
	if !whole || rec.worn() {
		rec.free()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle = append(r.idle, rec)
}

// free ends them. All windows are done.
func (r *recognisers) free() {
	for _, rec := range r.idle {
		rec.free()
	}
}

// speechWindow is one open window.
type speechWindow struct {
	samples chan []int16
	out     chan utterance // closed when the window is done
	cut     bool           // it ended in the middle of speech; set before samples is closed
	err     error          // set before out is closed
	ctx     context.Context
}

// maxSegments bounds what one window can say: 28 s hold no more.
const maxSegments = 64

func (w *windowed) transcribe(ctx context.Context, pcm io.Reader, sink func(tidings.TranscriptSegment) error) error {
	ctx, cancel := context.WithCancel(ctx)
	rest := &recognisers{engine: w.engine}
	defer rest.free()

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

		win := &speechWindow{samples: make(chan []int16, maxWindow), out: make(chan utterance, maxSegments), ctx: ctx}
		all.Go(func() {
			defer func() { <-slots }()

			win.decode(rest, start*1000/Rate)
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
	cut := false
	for win := range order {
		for u := range win.out {
			u.continues, cut = cut, u.goesOn
			if err := sink(draft(u)); err != nil {
				return err
			}
		}

		if win.err != nil {
			return win.err
		}
	}

	return nil
}

// write implements window.
func (w *speechWindow) write(samples []int16) error {
	select {
	case w.samples <- samples:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// close implements window.
func (w *speechWindow) close(cut bool) {
	w.cut = cut
	close(w.samples)
}

// decode feeds a recogniser until the window ends.
func (w *speechWindow) decode(rest *recognisers, baseMS int64) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(w.out)

	rec, err := rest.take(baseMS)
	if err != nil {
		w.err = err
		return
	}
	defer func() { rest.put(rec, w.err == nil) }()

	for more := true; more; {
		var samples []int16
		select {
		case samples, more = <-w.samples:
		case <-w.ctx.Done():
			w.err = w.ctx.Err()
			return
		}

		if w.err = w.step(rec, samples, more); w.err != nil {
			return
		}
	}
}

// step gives the recogniser samples, or their end, and passes on what it heard.
func (w *speechWindow) step(rec *recogniser, samples []int16, more bool) error {
	if more {
		segs, err := rec.add(samples)
		return w.say(segs, false, err)
	}
	segs, err := rec.end()
	return w.say(segs, w.cut, err)
}

func (w *speechWindow) say(segs []tidings.TranscriptSegment, goesOn bool, err error) error {
	for i, seg := range segs {
		select {
		case w.out <- utterance{TranscriptSegment: seg, goesOn: goesOn && i == len(segs)-1}:
		case <-w.ctx.Done():
			return w.ctx.Err()
		}
	}
	return err
}
