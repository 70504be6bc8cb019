package transcribe

import (
	"encoding/binary"
	"time"
)

// An engine that takes whole files is given a clip in pieces: speech as the
// detector found it, without the silence around it.
const (
	joinPause = Rate / 2         // more samples between two windows (1.4 s of silence in all) end a piece; fewer stay in it, as digital silence
	overlap   = 2 * Rate         // a piece that begins in the middle of speech begins with so much of the one before
	minPiece  = 30 * time.Second // a window of the detector and an overlap must fit
	maxPiece  = 10 * time.Minute // 19 MB: below the limit of 25 MB that OpenAI sets
)

// piece is a stretch of sound that an engine is given at once.
type piece struct {
	start   int64  // samples from the beginning of the clip
	pcm     []byte // samples
	overlap int64  // how many samples at its start were also in the piece before
	cut     bool   // it ends in the middle of speech
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
// between them go together, up to max samples. A piece that grows longer ends
// with the last window before; only where somebody spoke for longer than a
// window without a pause does a piece end in the middle of speech.
type pieceBuilder struct {
	max         int64 // samples; at least one window
	emit        func(piece) error
	windows     []*vadWindow
	overlapTail []byte // the end of the last piece, if it was cut
	tailEnd     int64  // the sample after it
}

// openWindow begins a window; it is the detector's open.
func (g *pieceBuilder) openWindow(start int64) (windowSink, error) {
	if n := len(g.windows); n > 0 && start-g.windows[n-1].endSample() > joinPause {
		if err := g.flushPiece(); err != nil {
			return nil, err
		}
	}
	g.windows = append(g.windows, &vadWindow{start: start})
	return g, nil
}

// writeSamples implements window.
func (g *pieceBuilder) writeSamples(samples []int16) error {
	s := g.windows[len(g.windows)-1]
	for _, v := range samples {
		s.pcm = binary.LittleEndian.AppendUint16(s.pcm, uint16(v))
	}

	if s.endSample()-g.windows[0].start <= g.max || len(g.windows) < 2 {
		return nil
	}

	g.windows = g.windows[:len(g.windows)-1]
	err := g.flushPiece()
	g.windows = []*vadWindow{s}

	return err
}

// closeWindow implements window.
func (g *pieceBuilder) closeWindow(cut bool) { g.windows[len(g.windows)-1].cut = cut }

// endAtPause says that there is no speech at a position; it is the detector's quiet.
func (g *pieceBuilder) endAtPause(pos int64) error {
	if n := len(g.windows); n > 0 && pos-g.windows[n-1].endSample() > joinPause {
		return g.flushPiece()
	}
	return nil
}

// flushPiece emits what there is as a piece.
func (g *pieceBuilder) flushPiece() error {
	if len(g.windows) == 0 {
		return nil
	}

	first, last := g.windows[0], g.windows[len(g.windows)-1]
	p := piece{start: first.start, cut: last.cut}
	if g.overlapTail != nil && g.tailEnd == first.start {
		p.overlap = int64(len(g.overlapTail)) / 2
		p.start -= p.overlap
	} else {
		g.overlapTail = nil
	}

	p.pcm = make([]byte, 2*(last.endSample()-p.start))
	copy(p.pcm, g.overlapTail)
	for _, s := range g.windows {
		copy(p.pcm[2*(s.start-p.start):], s.pcm)
	}

	g.windows, g.overlapTail, g.tailEnd = nil, nil, last.endSample()
	if p.cut {
		g.overlapTail = p.pcm[max(0, len(p.pcm)-2*overlap):]
	}

	return g.emit(p)
}
