package transcribe

import (
	"encoding/binary"
	"time"
)

// An engine that takes complete files gets a clip in pieces: the speech found by
// the detector, without the silence around it.
const (
	joinPause = Rate / 2         // samples: a longer gap between two windows (1.4 s of silence in all) ends a piece; a shorter one stays in it, as digital silence
	overlap   = 2 * Rate         // samples of the previous piece that a piece beginning in mid-speech repeats
	minPiece  = 30 * time.Second // a window of the detector and an overlap must fit
	maxPiece  = 10 * time.Minute // 19 MB: below OpenAI's limit of 25 MB
)

// piece is a range of sound that an engine gets at once.
type piece struct {
	start   int64  // samples from the beginning of the clip
	pcm     []byte // samples
	overlap int64  // samples at its start that are also in the previous piece
	cut     bool   // it ends in mid-speech
}

// lengthMS is the length of the piece in ms.
func (p piece) lengthMS() int64 { return int64(len(p.pcm)) / 2 * 1000 / Rate }

// startMS is when the piece begins in its clip, in ms.
func (p piece) startMS() int64 { return p.start * 1000 / Rate }

// vadWindow is one window of the detector.
type vadWindow struct {
	start int64
	pcm   []byte
	cut   bool
}

func (s *vadWindow) endSample() int64 { return s.start + int64(len(s.pcm))/2 }

// pieceBuilder makes pieces of the detector's windows. Windows with short pauses
// between them are combined, up to max samples. A piece that would grow longer
// ends with the previous window; only speech without a pause for longer than a
// window makes a piece end in mid-speech.
type pieceBuilder struct {
	max         int64 // samples; at least one window
	emit        func(piece) error
	windows     []*vadWindow
	overlapTail []byte // the end of the previous piece, if it was cut
	tailEnd     int64  // position of the sample after overlapTail
}

// openWindow starts a window; it is vad.openWindow.
func (b *pieceBuilder) openWindow(start int64) (windowSink, error) {
	if n := len(b.windows); n > 0 && start-b.windows[n-1].endSample() > joinPause {
		if err := b.flushPiece(); err != nil {
			return nil, err
		}
	}
	b.windows = append(b.windows, &vadWindow{start: start})
	return b, nil
}

// writeSamples implements windowSink.
func (b *pieceBuilder) writeSamples(samples []int16) error {
	s := b.windows[len(b.windows)-1]
	for _, v := range samples {
		s.pcm = binary.LittleEndian.AppendUint16(s.pcm, uint16(v))
	}

	if s.endSample()-b.windows[0].start <= b.max || len(b.windows) < 2 {
		return nil
	}

	b.windows = b.windows[:len(b.windows)-1]
	err := b.flushPiece()
	b.windows = []*vadWindow{s}

	return err
}

// closeWindow implements windowSink.
func (b *pieceBuilder) closeWindow(cut bool) { b.windows[len(b.windows)-1].cut = cut }

// endAtPause emits the piece when the silence at pos is long enough; it is
// vad.onSilence.
func (b *pieceBuilder) endAtPause(pos int64) error {
	if n := len(b.windows); n > 0 && pos-b.windows[n-1].endSample() > joinPause {
		return b.flushPiece()
	}
	return nil
}

// flushPiece emits the collected windows as a piece.
func (b *pieceBuilder) flushPiece() error {
	if len(b.windows) == 0 {
		return nil
	}

	first, last := b.windows[0], b.windows[len(b.windows)-1]
	p := piece{start: first.start, cut: last.cut}
	if b.overlapTail != nil && b.tailEnd == first.start {
		p.overlap = int64(len(b.overlapTail)) / 2
		p.start -= p.overlap
	} else {
		b.overlapTail = nil
	}

	p.pcm = make([]byte, 2*(last.endSample()-p.start))
	copy(p.pcm, b.overlapTail)
	for _, s := range b.windows {
		copy(p.pcm[2*(s.start-p.start):], s.pcm)
	}

	b.windows, b.overlapTail, b.tailEnd = nil, nil, last.endSample()
	if p.cut {
		b.overlapTail = p.pcm[max(0, len(p.pcm)-2*overlap):]
	}

	return b.emit(p)
}
