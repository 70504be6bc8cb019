package transcribe

import (
	"cmp"
	"context"
	"io"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// pieceEngine runs an engine that takes complete files on the pieces of a clip,
// several at once, and joins the results. Memory is that of workers + 2 pieces,
// whatever the length of the clip.
type pieceEngine struct {
	detector *voiceDetector
	length   time.Duration // of a piece, at most
	workers  int
	// packed cuts silence out of the pieces: they have as much speech as length
	// allows, whatever the pauses in it, for an engine whose effort for a piece
	// does not depend on its length. Without it a pause ends a piece.
	packed bool
	// recognise transcribes one piece, in the language of the piece; times are in
	// ms from its beginning.
	recognise func(ctx context.Context, p piece) (engineResult, error)
}

// transcribePieces implements Engine.Transcribe. When ctx ends it returns even
// while a read of pcm blocks; pcm is closed then, if it can be.
func (b *pieceEngine) transcribePieces(ctx context.Context, pcm io.Reader, opt Options, sink func(tidings.TranscriptSegment) error) error {
	r := &pieceRun{pieceEngine: b, opt: opt, out: orderedSink{sink: sink}}
	ctx, cancel := context.WithCancel(ctx)
	defer r.running.Wait()
	defer cancel()

	pieces, cut := make(chan piece), make(chan error, 1)
	go func() { // not waited for: its read may block for ever
		defer close(pieces)

		cut <- b.cutPieces(ctx, pcm, opt.Live, pieces)
	}()

	err := r.runPieces(ctx, pieces)
	if err == nil {
		err = <-cut
	}

	if err == nil {
		return r.out.emitSegments(r.pending)
	}

	if c, ok := pcm.(io.Closer); ok {
		c.Close()
	}

	return err
}

// cutPieces reads pcm to its end and cuts it into pieces.
func (b *pieceEngine) cutPieces(ctx context.Context, pcm io.Reader, live bool, pieces chan<- piece) error {
	g := newPieceBuilder(b.length, b.packed, live, func(p piece) error {
		select {
		case pieces <- p:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})

	weights, err := b.detector.loadWeights()
	if err != nil {
		return err
	}

	v := &vad{net: &silero{sileroWeights: weights}, openWindow: g.openWindow, onSilence: g.endAtPause}
	if err := v.detectSpeech(ctx, pcm); err != nil {
		return err
	}

	return g.flushPiece()
}

// pieceRun is the transcription of one clip by a pieceEngine.
type pieceRun struct {
	*pieceEngine
	clipLanguage
	opt     Options
	running sync.WaitGroup
	queue   []*pieceTask // in time order
	out     orderedSink
	pending []tidings.TranscriptSegment // segments of a piece that was cut, until the next piece is transcribed
}

// pieceTask is a piece being transcribed.
type pieceTask struct {
	piece
	ended    chan struct{}
	segments []tidings.TranscriptSegment // with times in the clip
	language string
	err      error
}

// runPieces transcribes the pieces and emits their segments in order, until
// there are no more.
func (r *pieceRun) runPieces(ctx context.Context, pieces <-chan piece) error {
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
			r.startPiece(ctx, p)
		case <-first:
			t := r.queue[0]
			r.queue = r.queue[1:]
			if err := r.deliverPiece(t); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (r *pieceRun) startPiece(ctx context.Context, p piece) {
	p.language = cmp.Or(r.opt.Language, r.language)
	t := &pieceTask{piece: p, ended: make(chan struct{})}
	r.queue = append(r.queue, t)
	r.running.Go(func() {
		defer close(t.ended)

		var h engineResult
		if h, t.err = r.recognisePiece(ctx, p); t.err == nil {
			t.segments, t.language = h.placeWords(t.timeMap()), languageCode(h.language)
			for i := range t.segments {
				t.segments[i].Language = t.language
			}
		}
	})
}

// deliverPiece emits the segments of a piece. If the piece was cut, that waits
// until the next one is transcribed, so that they can be joined.
func (r *pieceRun) deliverPiece(t *pieceTask) error {
	if t.err != nil {
		return t.err
	}

	r.recordLanguage(t)
	segs := t.segments
	if t.overlap > 0 {
		r.pending, segs = stitchSegments(r.pending, segs, t.startMS(), t.startMS()+t.overlap*1000/Rate)
	}

	if r.opt.OnLanguage != nil && t.language != "" && len(segs) > 0 {
		r.opt.OnLanguage(t.language, len(wordsOf(segs)))
	}

	if err := r.out.emitSegments(r.pending); err != nil {
		return err
	}
	if r.pending = segs; t.cut {
		return nil
	}

	r.pending = nil
	return r.out.emitSegments(segs)
}

// orderedSink passes segments on with times that never go back.
type orderedSink struct {
	sink  func(tidings.TranscriptSegment) error
	endMS int64
}

func (o *orderedSink) emitSegments(segs []tidings.TranscriptSegment) error {
	for _, s := range segs {
		s.StartMS = max(s.StartMS, o.endMS)
		s.EndMS = max(s.EndMS, s.StartMS+1)
		at := s.StartMS
		for i := range s.Words {
			w := &s.Words[i]
			w.StartMS = min(max(w.StartMS, at), s.EndMS)
			w.EndMS = min(max(w.EndMS, w.StartMS), s.EndMS)
			at = w.EndMS
		}

		o.endMS = s.EndMS
		if err := o.sink(s); err != nil {
			return err
		}
	}
	return nil
}
