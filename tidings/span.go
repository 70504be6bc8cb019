package tidings

import "strings"

// Length of a span in milliseconds.
func (p Span) Length() int64 { return max(0, p.EndMS-p.StartMS) }

// Contains reports whether [from, to] lies within the span.
func (p Span) Contains(from, to int64) bool { return from >= p.StartMS && to <= p.EndMS && from <= to }

// CutSegments are the transcript segments within the span, with times from its
// start. Words that cross its edges are left out, and so are utterances that do
// so without word times.
func (p Span) CutSegments(segments []TranscriptSegment) []TranscriptSegment {
	var out []TranscriptSegment
	for _, g := range segments {
		if g, ok := p.CutSegment(g); ok {
			out = append(out, g)
		}
	}
	return out
}

// CutSegment is CutSegments for one utterance; false when nothing of it is left.
func (p Span) CutSegment(g TranscriptSegment) (TranscriptSegment, bool) {
	whole := p.Contains(g.StartMS, g.EndMS)
	var words []Word
	var texts []string
	for _, w := range g.Words {
		if !whole && !p.Contains(w.StartMS, w.EndMS) {
			continue
		}
		w.StartMS, w.EndMS = w.StartMS-p.StartMS, w.EndMS-p.StartMS
		w.Replaced = nil // it may reach out of the part
		words, texts = append(words, w), append(texts, w.Text)
	}

	switch {
	case whole:
		g.StartMS, g.EndMS = g.StartMS-p.StartMS, g.EndMS-p.StartMS
	case len(words) == 0:
		return g, false
	default:
		g.StartMS, g.EndMS, g.Text = words[0].StartMS, words[len(words)-1].EndMS, strings.Join(texts, " ")
	}

	g.Words = words
	return g, true
}

// CutTranscript is the transcript of the span, on a clock that begins with it.
func (p Span) CutTranscript(t Transcript) Transcript {
	t.Segments = p.CutSegments(t.Segments)
	t.Silences, t.Fillers = p.CutSpans(t.Silences), p.CutSpans(t.Fillers)
	return t
}

// CutSpans are the parts of ranges within the span, with times from its start.
func (p Span) CutSpans(all []Span) []Span {
	out := []Span{}
	for _, s := range all {
		from, to := max(s.StartMS, p.StartMS), min(s.EndMS, p.EndMS)
		if from < to {
			out = append(out, Span{from - p.StartMS, to - p.StartMS})
		}
	}
	return out
}
