package transcribe

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/phrases"
)

// Limits of a row, which is a transcript segment as people read it.
const (
	maxRowMS    = 20_000
	maxRowRunes = 280
	// A row of several sentences that is longer than this is divided between
	// them.
	longRowMS    = 12_000
	longRowRunes = 160
	// rowPause is a silence, in ms, that ends a row in any case.
	rowPause = 1_000
)

// recutSegments makes rows of what an engine with punctuation returned: segments
// that end in mid-sentence are joined with the next, and long ones are divided
// where sentences end. Words keep their times; a segment that is right stays as
// it is, and so does text without a single end of a sentence. The language is
// that of segments that name none.
func recutSegments(segs []tidings.TranscriptSegment, language string) (out []tidings.TranscriptSegment) {
	for from := 0; from < len(segs); {
		to := from + 1
		for to < len(segs) && continuesRow(segs[to-1], segs[to]) {
			to++
		}

		out = append(out, recutSpeech(segs[from:to], cmp.Or(segs[from].Language, language))...)
		from = to
	}
	return out
}

// continuesRow reports whether two segments may share a row. In scripts without
// spaces the text of a joined one would get a space that nobody wrote.
func continuesRow(a, b tidings.TranscriptSegment) bool {
	if a.Speaker != b.Speaker || a.Language != b.Language || b.StartMS < a.StartMS || b.StartMS-a.EndMS >= rowPause {
		return false
	}
	return hasItsWords(a) && hasItsWords(b) && !phrases.WritesNoSpaces(b.Words[0].Text)
}

// hasItsWords reports whether the text of a segment is that of its words.
func hasItsWords(seg tidings.TranscriptSegment) bool {
	fields := strings.Fields(seg.Text)
	return len(fields) > 0 && slices.EqualFunc(fields, seg.Words, func(f string, w tidings.Word) bool { return f == w.Text })
}

// recutSpeech makes rows of segments that may share them.
func recutSpeech(segs []tidings.TranscriptSegment, language string) (out []tidings.TranscriptSegment) {
	if !hasItsWords(segs[0]) {
		return segs
	}

	s := newRowSpeech(segs, language)
	if !slices.ContainsFunc(s.breaks, func(b phrases.Break) bool { return b.Sentence }) {
		return segs
	}

	from := 0
	for to := 1; to <= len(s.words); to++ {
		if to == len(s.words) || s.segmentEnds[to] && s.breaks[to-1].Sentence {
			out = append(out, s.divideRow(from, to)...)
			from = to
		}
	}

	return out
}

// rowSpeech is the words of consecutive segments.
type rowSpeech struct {
	segs        []tidings.TranscriptSegment
	words       []tidings.Word
	breaks      []phrases.Break
	runes       []int // of the words before, with their spaces
	segmentEnds map[int]bool
	segmentOf   []int
}

func newRowSpeech(segs []tidings.TranscriptSegment, language string) *rowSpeech {
	s := &rowSpeech{segs: segs, runes: []int{0}, segmentEnds: map[int]bool{}}
	var texts []string
	for i, seg := range segs {
		for _, w := range seg.Words {
			s.words, s.segmentOf, texts = append(s.words, w), append(s.segmentOf, i), append(texts, w.Text)
			s.runes = append(s.runes, s.runes[len(s.runes)-1]+1+utf8.RuneCountInString(w.Text))
		}
		s.segmentEnds[len(s.words)] = true
	}

	s.breaks = phrases.MarkBreaks(texts, language)
	return s
}

// fitsRow reports whether words fit into a row of such a length.
func (s *rowSpeech) fitsRow(from, to int, ms int64, runes int) bool {
	return s.words[to-1].EndMS-s.words[from].StartMS <= ms && s.runes[to]-s.runes[from] <= runes+1
}

// divideRow divides words, which end with a sentence, into rows: of whole
// sentences where that is possible.
func (s *rowSpeech) divideRow(from, to int) (out []tidings.TranscriptSegment) {
	if s.fitsRow(from, to, longRowMS, longRowRunes) {
		return []tidings.TranscriptSegment{s.buildRow(from, to)}
	}

	begin := from
	for at := from + 1; at <= to; at++ {
		if at < to && !s.breaks[at-1].Sentence {
			continue
		}
		if begin > from && !s.fitsRow(from, at, longRowMS, longRowRunes) {
			out = append(out, s.buildRow(from, begin))
			from = begin
		}
		if begin = at; !s.fitsRow(from, at, longRowMS, longRowRunes) {
			out = append(out, s.divideSentence(from, at)...)
			from = at
		}
	}

	if from < to {
		out = append(out, s.buildRow(from, to))
	}

	return out
}

// divideSentence divides a sentence that is too long for a row, near its middle.
func (s *rowSpeech) divideSentence(from, to int) []tidings.TranscriptSegment {
	if to-from < 2 || s.fitsRow(from, to, maxRowMS, maxRowRunes) {
		return []tidings.TranscriptSegment{s.buildRow(from, to)}
	}

	best, least := from+1, -1
	for at := from + 1; at < to; at++ {
		left, right := s.runes[at]-s.runes[from], s.runes[to]-s.runes[at]
		cost := 100*max(left, right)/(left+right) + s.breakCost(at)
		if least < 0 || cost < least {
			best, least = at, cost
		}
	}

	return append(s.divideSentence(from, best), s.divideSentence(best, to)...)
}

// breakCost is how much nearer to the middle, in percent of a sentence, another
// break would be preferred.
func (s *rowSpeech) breakCost(at int) int {
	pause := int(max(0, min(s.words[at].StartMS-s.words[at-1].EndMS, rowPause))) / 50
	switch b := s.breaks[at-1]; {
	case b.Joined:
		return 100
	case b.Dangling:
		return 60 - pause
	case b.Clause:
		return 20 - pause
	case b.Conjunction, s.segmentEnds[at]:
		return 30 - pause
	}
	return 45 - pause
}

// buildRow is a row of some words.
func (s *rowSpeech) buildRow(from, to int) tidings.TranscriptSegment {
	seg := s.segs[s.segmentOf[from]]
	if to-from == len(seg.Words) && s.segmentOf[to-1] == s.segmentOf[from] {
		return seg
	}
	return withWords(seg, slices.Clone(s.words[from:to]))
}
