package transcribe

import (
	"context"
	"io"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// batch runs an engine that takes whole files on the pieces of a clip, some at
// once, and joins what it says. Memory is that of workers + 2 pieces, whatever
// the length of the clip.
type batch struct {
	detector *detector
	length   time.Duration // of a piece, at most
	workers  int
	// hear says what is said in a piece, in ms from its beginning.
	hear func(ctx context.Context, p piece) (heard, error)
}

// transcribe has the meaning of Engine.Transcribe. When ctx ends it returns
// though a read of pcm waits; pcm is closed then, if it can be.
func (b *batch) transcribe(ctx context.Context, pcm io.Reader, opt Options, sink func(tidings.TranscriptSegment) error) error {
	r := &batchRun{batch: b, opt: opt, out: orderly{sink: sink}}
	ctx, cancel := context.WithCancel(ctx)
	defer r.busy.Wait()
	defer cancel()

	pieces, cut := make(chan piece), make(chan error, 1)
	go func() { // nobody waits for it: its read may wait for ever
		defer close(pieces)

		cut <- b.cut(ctx, pcm, pieces)
	}()

	err := r.loop(ctx, pieces)
	if err == nil {
		err = <-cut
	}

	if err == nil {
		return r.out.say(r.held)
	}

	if c, ok := pcm.(io.Closer); ok {
		c.Close()
	}

	return err
}

// cut makes pieces of pcm to its end.
func (b *batch) cut(ctx context.Context, pcm io.Reader, pieces chan<- piece) error {
	g := &gatherer{max: int64(max(b.length, minPiece).Seconds())*Rate - overlap, emit: func(p piece) error {
		select {
		case pieces <- p:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}

	weights, err := b.detector.weights()
	if err != nil {
		return err
	}

	v := &vad{net: &silero{sileroWeights: weights}, open: g.open, quiet: g.quiet}
	if err := v.run(ctx, pcm); err != nil {
		return err
	}

	return g.flush()
}

// batchRun is one clip going through a batch.
type batchRun struct {
	*batch
	opt   Options
	busy  sync.WaitGroup
	queue []*task // in time order
	out   orderly
	held  []tidings.TranscriptSegment // said by a piece that was cut, until the next one is heard
}

// task is a piece under way.
type task struct {
	piece
	ended chan struct{}
	said  []tidings.TranscriptSegment // times in the clip
	lang  string
	err   error
}

// loop has pieces heard, and passes on what they say, until there are no more.
func (r *batchRun) loop(ctx context.Context, pieces <-chan piece) error {
	for pieces != nil || len(r.queue) > 0 {
		in := pieces
		if len(r.queue) >= r.workers {
			in = nil
		}

		var first chan struct{}
		if len(r.queue) > 0 {
			first = r.queue[0].ended
		}

		select {
		case p, more := <-in:
			if !more {
				pieces = nil
				continue
			}
			r.start(ctx, p)
		case <-first:
			t := r.queue[0]
			r.queue = r.queue[1:]
			if err := r.deliver(t); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (r *batchRun) start(ctx context.Context, p piece) {
	t := &task{piece: p, ended: make(chan struct{})}
	r.queue = append(r.queue, t)
	r.busy.Go(func() {
		defer close(t.ended)

		var h heard
		if h, t.err = r.hear(ctx, p); t.err == nil {
			t.said, t.lang = h.place(t.from(), t.millis()), languageCode(h.language)
			for i := range t.said {
				t.said[i].Language = t.lang
			}
		}
	})
}

// deliver passes on what a piece says. If it was cut, that waits until the
// next one has been heard, so that they can be joined.
func (r *batchRun) deliver(t *task) error {
	if t.err != nil {
		return t.err
	}

	said := t.said
	if t.overlap > 0 {
		r.held, said = stitch(r.held, said, t.from(), t.from()+t.overlap*1000/Rate)
	}

	if r.opt.Detected != nil && t.lang != "" && len(said) > 0 {
		r.opt.Detected(t.lang, len(wordsOf(said)))
	}

	if err := r.out.say(r.held); err != nil {
		return err
	}
	if r.held = said; t.cut {
		return nil
	}

	r.held = nil
	return r.out.say(said)
}

// orderly passes segments on in time order.
type orderly struct {
	sink func(tidings.TranscriptSegment) error
	at   int64
}

func (o *orderly) say(segs []tidings.TranscriptSegment) error {
	for _, s := range segs {
		s.StartMS = max(s.StartMS, o.at)
		s.EndMS = max(s.EndMS, s.StartMS+1)
		at := s.StartMS
		for i := range s.Words {
			w := &s.Words[i]
			w.StartMS = min(max(w.StartMS, at), s.EndMS)
			w.EndMS = min(max(w.EndMS, w.StartMS), s.EndMS)
			at = w.EndMS
		}

		o.at = s.EndMS
		if err := o.sink(s); err != nil {
			return err
		}
	}
	return nil
}
