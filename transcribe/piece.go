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

// millis is the length of the piece in ms.
func (p piece) millis() int64 { return int64(len(p.pcm)) / 2 * 1000 / Rate }

// from is when the piece begins in its clip, in ms.
func (p piece) from() int64 { return p.start * 1000 / Rate }

// span is one window of the detector.
type span struct {
	start int64
	pcm   []byte
	cut   bool
}

func (s *span) end() int64 { return s.start + int64(len(s.pcm))/2 }

// gatherer makes pieces of the detector's windows. Windows with short pauses
// between them go together, up to max samples. A piece that grows longer ends
// with the last window before; only where somebody spoke for longer than a
// window without a pause does a piece end in the middle of speech.
type gatherer struct {
	max   int64 // samples; at least one window
	emit  func(piece) error
	spans []*span
	tail  []byte // the end of the last piece, if it was cut
	at    int64  // the sample after it
}

// open begins a window; it is the detector's open.
func (g *gatherer) open(start int64) (window, error) {
	if n := len(g.spans); n > 0 && start-g.spans[n-1].end() > joinPause {
		if err := g.flush(); err != nil {
			return nil, err
		}
	}
	g.spans = append(g.spans, &span{start: start})
	return g, nil
}

// write implements window.
func (g *gatherer) write(samples []int16) error {
	s := g.spans[len(g.spans)-1]
	for _, v := range samples {
		s.pcm = binary.LittleEndian.AppendUint16(s.pcm, uint16(v))
	}

	if s.end()-g.spans[0].start <= g.max || len(g.spans) < 2 {
		return nil
	}

	g.spans = g.spans[:len(g.spans)-1]
	err := g.flush()
	g.spans = []*span{s}

	return err
}

// close implements window.
func (g *gatherer) close(cut bool) { g.spans[len(g.spans)-1].cut = cut }

// quiet says that there is no speech at a position; it is the detector's quiet.
func (g *gatherer) quiet(pos int64) error {
	if n := len(g.spans); n > 0 && pos-g.spans[n-1].end() > joinPause {
		return g.flush()
	}
	return nil
}

// flush emits what there is as a piece.
func (g *gatherer) flush() error {
	if len(g.spans) == 0 {
		return nil
	}

	first, last := g.spans[0], g.spans[len(g.spans)-1]
	p := piece{start: first.start, cut: last.cut}
	if g.tail != nil && g.at == first.start {
		p.overlap = int64(len(g.tail)) / 2
		p.start -= p.overlap
	} else {
		g.tail = nil
	}

	p.pcm = make([]byte, 2*(last.end()-p.start))
	copy(p.pcm, g.tail)
	for _, s := range g.spans {
		copy(p.pcm[2*(s.start-p.start):], s.pcm)
	}

	g.spans, g.tail, g.at = nil, nil, last.end()
	if p.cut {
		g.tail = p.pcm[max(0, len(p.pcm)-2*overlap):]
	}

	return g.emit(p)
}
