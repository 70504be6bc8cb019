package search

import (
	"sort"
	"strings"

	"tidings.example/tidings/search/query"
	"tidings.example/tidings/tidings"
)

// analyzedTranscript is a transcript as one text, so that phrases and snippets may
// cross the borders of segments. It is immutable.
type analyzedTranscript struct {
	tidings.TranscriptText
	starts  []int // of each segment in the text
	tokens  []token
	spelled []spelling // other spellings of tokens
	pauses  []int      // ascending indexes of tokens that follow a pause
}

// analyzeTranscript splits a transcript into tokens and finds its pauses.
func analyzeTranscript(text tidings.TranscriptText) *analyzedTranscript {
	s := &analyzedTranscript{TranscriptText: text, starts: make([]int, len(text.Segments)), tokens: analyzeText(text.Text)}
	s.spelled = findSpellings(text.Text, s.tokens)
	start := 0
	for i, seg := range text.Segments {
		s.starts[i] = start
		start += len(seg.Text) + 1
	}
	s.pauses = s.findPauses()
	return s
}

// memorySize is about how many bytes the transcript takes in memory.
func (s *analyzedTranscript) memorySize() int {
	const segment, token = 200, 40
	return s.Bytes + segment*len(s.Segments) + token*(len(s.tokens)+len(s.spelled))
}

// locateByte returns the segment and speaker of a byte of the text, and the time of the
// word that contains it.
func (s *analyzedTranscript) locateByte(pos int) location {
	i := sort.SearchInts(s.starts, pos+1) - 1
	if i < 0 {
		return location{}
	}
	seg := s.Segments[i]
	seg.Words = s.Words(i)
	return location{seg.ID, wordStart(seg, pos-s.starts[i]), seg.Speaker}
}

// pauseMS is the shortest silence across which no candidate and no snippet
// reaches: what is said before and after it is not shown as one sentence.
const pauseMS = 5000

// findPauses returns the tokens that follow a pause.
func (s *analyzedTranscript) findPauses() (out []int) {
	var end int64
	for i, seg := range s.Segments {
		if i > 0 && seg.StartMS-end > pauseMS {
			out = append(out, sort.Search(len(s.tokens), func(k int) bool { return s.tokens[k].start >= s.starts[i] }))
		}
		end = max(end, seg.EndMS)
	}
	return out
}

// wordStart is the time in milliseconds at which the word at a byte of a segment
// begins. Where no timed word covers the byte (the text was edited, or the engine
// gave no times), it is interpolated between the nearest timed words.
func wordStart(seg tidings.TranscriptSegment, pos int) int64 {
	fromPos, fromMS := 0, seg.StartMS
	toPos, toMS := len(seg.Text), max(seg.StartMS, seg.EndMS)
	cursor := 0
	for _, w := range seg.Words {
		start, ok := findWord(seg.Text, cursor, w.Text)
		if !ok {
			continue
		}

		end := start + len(strings.TrimSpace(w.Text))

		if pos < start {
			toPos, toMS = start, w.StartMS
			break
		}
		if pos < end {
			return w.StartMS
		}

		cursor, fromPos, fromMS = end, end, w.EndMS
	}

	if toPos <= fromPos || toMS <= fromMS {
		return fromMS
	}

	return fromMS + (toMS-fromMS)*int64(pos-fromPos)/int64(toPos-fromPos)
}

// maxTextGap is the longest stretch of a text, in bytes, without timed words.
const maxTextGap = 200

// findWord finds word in a text at or after the byte cursor.
func findWord(text string, cursor int, word string) (start int, ok bool) {
	word = strings.TrimSpace(word)
	if word == "" {
		return 0, false
	}

	rest := text[cursor:]
	blank := len(rest) - len(strings.TrimLeft(rest, query.Whitespace))
	if strings.HasPrefix(rest[blank:], word) {
		return cursor + blank, true
	}

	i := strings.Index(rest[:min(len(rest), maxTextGap+len(word))], word)
	return cursor + i, i >= 0
}
