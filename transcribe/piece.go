package transcribe

import (
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// An engine that takes complete files gets a clip in pieces: the speech found by
// the detector, without the silence around it.
const (
	joinPause   = Rate / 2                         // samples: a longer gap between two windows (1.4 s of silence in all) ends a piece that is not packed; a shorter one stays in it, as digital silence
	packedPause = Rate / 2                         // samples of silence that stay between two windows of a packed piece
	livePause   = 2*Rate - maxSilence*frameSamples // samples: a longer gap (2 s of silence in all) ends a packed piece of a live transcript
	overlap     = 2 * Rate                         // samples of the previous piece that a piece beginning in mid-speech repeats
	minPiece    = 30 * time.Second                 // a window of the detector and an overlap must fit
	maxPiece    = 10 * time.Minute                 // 19 MB: below OpenAI's limit of 25 MB
)

// keptSilence is how much of a window's silence at its end stays in a packed
// piece, in samples: with the beginning of the next window it makes packedPause.
const keptSilence = packedPause - padding*frameSamples

// piece is a range of sound that an engine gets at once.
type piece struct {
	start    int64       // samples from the beginning of the clip
	pcm      []byte      // samples
	spans    []soundSpan // the ranges of the clip that it has, in order; none = all from start on
	overlap  int64       // samples at its start that are also in the previous piece
	cut      bool        // it ends in mid-speech
	language string      // BCP 47, in which the engine shall read it; "" = the engine detects it
}

// lengthMS is the length of the piece in ms.
func (p piece) lengthMS() int64 { return int64(len(p.pcm)) / 2 * 1000 / Rate }

// startMS is when the piece begins in its clip, in ms.
func (p piece) startMS() int64 { return p.start * 1000 / Rate }

// vadWindow is one window of the detector.
type vadWindow struct {
	start   int64
	pcm     []byte
	silence int64 // samples at its end in which nobody speaks, once it is closed
	cut     bool
}

func (s *vadWindow) endSample() int64 { return s.start + int64(len(s.pcm))/2 }

// continuesIn reports whether next has the speech at whose middle s was cut.
func (s *vadWindow) continuesIn(next *vadWindow) bool { return s.cut && next.start == s.endSample() }

// pieceBuilder makes pieces of the detector's windows. Windows with short pauses
// between them are combined, up to max samples. A piece that would grow longer
// ends with the previous window; only speech without a pause for longer than a
// window makes a piece end in mid-speech.
type pieceBuilder struct {
	max         int64 // samples; at least one window
	pause       int64 // samples between two windows; a longer gap ends a piece
	packed      bool  // silence is cut out of pieces
	emit        func(piece) error
	windows     []*vadWindow
	overlapTail []byte // the end of the previous piece, if it was cut
	tailEnd     int64  // position of the sample after overlapTail
}

// newPieceBuilder makes a builder of pieces. Packed pieces go over pauses of any
// length, except in a live transcript, whose readers wait for the words.
func newPieceBuilder(length time.Duration, packed, live bool, emit func(piece) error) *pieceBuilder {
	b := &pieceBuilder{max: int64(max(length, minPiece).Seconds())*Rate - overlap, pause: joinPause, packed: packed, emit: emit}
	switch {
	case packed && live:
		b.pause = livePause
	case packed:
		b.pause = math.MaxInt64
	}
	return b
}

// openWindow starts a window; it is vad.openWindow.
func (b *pieceBuilder) openWindow(start int64) (windowSink, error) {
	if err := b.endAtPause(start); err != nil {
		return nil, err
	}
	b.windows = append(b.windows, &vadWindow{start: start})
	return b, nil
}

// writeSamples implements windowSink.
func (b *pieceBuilder) writeSamples(samples []int16) error {
	s := b.windows[len(b.windows)-1]
	pcm := slices.Grow(s.pcm, 2*len(samples))
	for _, v := range samples {
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(v))
	}
	s.pcm = pcm

	if len(b.windows) < 2 || b.collectedSamples() <= b.max {
		return nil
	}

	b.windows = b.windows[:len(b.windows)-1]
	err := b.flushPiece()
	b.windows = []*vadWindow{s}

	return err
}

// collectedSamples is the length of the piece that the windows make, without an
// overlap.
func (b *pieceBuilder) collectedSamples() int64 {
	return soundLength(b.arrangeWindows())
}

// closeWindow implements windowSink.
func (b *pieceBuilder) closeWindow(cut bool, silence int64) {
	w := b.windows[len(b.windows)-1]
	w.cut, w.silence = cut, min(silence, int64(len(w.pcm))/2)
}

// endAtPause emits the piece when the silence up to pos is long enough; it is
// vad.onSilence.
func (b *pieceBuilder) endAtPause(pos int64) error {
	if n := len(b.windows); n > 0 && pos-b.windows[n-1].endSample() > b.pause {
		return b.flushPiece()
	}
	return nil
}

// flushPiece emits the collected windows as a piece.
func (b *pieceBuilder) flushPiece() error {
	if len(b.windows) == 0 {
		return nil
	}

	last := b.windows[len(b.windows)-1]
	spans := b.arrangeWindows()
	p := piece{start: spans[0].start, cut: last.cut}
	if b.overlapTail != nil && b.tailEnd == p.start {
		p.overlap = int64(len(b.overlapTail)) / 2
		p.start -= p.overlap
		spans = prependSound(spans, p.overlap)
	} else {
		b.overlapTail = nil
	}

	p.spans, p.pcm = spans, make([]byte, 2*soundLength(spans))
	copy(p.pcm, b.overlapTail)
	for _, w := range b.windows {
		s := spans[spanOfSample(spans, w.start)]
		copy(p.pcm[2*(s.at+w.start-s.start):2*(s.at+s.length)], w.pcm)
	}

	b.windows, b.overlapTail, b.tailEnd = nil, nil, last.endSample()
	if p.cut {
		n := min(overlap, spans[len(spans)-1].length)
		b.overlapTail = p.pcm[int64(len(p.pcm))-2*n:]
	}

	return b.emit(p)
}

// arrangeWindows decides where the sound of the windows is in their piece.
func (b *pieceBuilder) arrangeWindows() []soundSpan {
	first, last := b.windows[0], b.windows[len(b.windows)-1]
	if !b.packed {
		return []soundSpan{{start: first.start, length: last.endSample() - first.start}}
	}

	var spans []soundSpan
	for i, w := range b.windows {
		n := len(spans)
		if i > 0 && b.windows[i-1].continuesIn(w) {
			spans[n-1].length += int64(len(w.pcm)) / 2
		} else {
			spans = append(spans, soundSpan{at: soundLength(spans), start: w.start, length: int64(len(w.pcm)) / 2})
			n++
		}

		continued := w == last && w.cut || w != last && w.continuesIn(b.windows[i+1])
		if !continued {
			spans[n-1].trimSilence(w.silence)
		}
	}

	return spans
}
