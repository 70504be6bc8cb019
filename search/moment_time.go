package search

import (
	"sort"
	"strings"

	"tidings.example/tidings/search/query"
	"tidings.example/tidings/tidings"
)

// speech is a transcript as one text, so that phrases and snippets cross the
// borders of its segments. Nothing changes in it once it is made.
type speech struct {
	tidings.TranscriptText
	starts []int // of each segment in the text
	tokens []token
	pauses []int // tokens, in order, that a pause stands before
}

// speechOf is the speech of segments that have their words with them.
func speechOf(segments []tidings.TranscriptSegment) tidings.TranscriptText {
	texts := make([]string, len(segments))
	for i, seg := range segments {
		texts[i] = seg.Text
	}
	return tidings.TranscriptText{Text: strings.Join(texts, " "), Segments: segments, Words: func(i int) []tidings.Word { return segments[i].Words }}
}

// spoken tells the words of a speech apart.
func spoken(said tidings.TranscriptText) *speech {
	s := &speech{TranscriptText: said, starts: make([]int, len(said.Segments)), tokens: analyze(said.Text)}
	start := 0
	for i, seg := range said.Segments {
		s.starts[i] = start
		start += len(seg.Text) + 1
	}
	s.pauses = s.silences()
	return s
}

// bytes is about how much memory it takes.
func (s *speech) bytes() int {
	const segment, token = 200, 40
	return s.Bytes + segment*len(s.Segments) + token*len(s.tokens)
}

// at is the segment that holds a byte of the text, and when the word that
// holds it was said.
func (s *speech) at(pos int) spot {
	i := sort.SearchInts(s.starts, pos+1) - 1
	if i < 0 {
		return spot{}
	}
	seg := s.Segments[i]
	seg.Words = s.Words(i)
	return spot{seg.ID, wordStart(seg, pos-s.starts[i]), seg.Speaker}
}

// pauseMS is a silence that ends a place: what is said on both sides of it is
// not shown as one sentence.
const pauseMS = 5000

// silences are the tokens that follow a long one.
func (s *speech) silences() (out []int) {
	var end int64
	for i, seg := range s.Segments {
		if i > 0 && seg.StartMS-end > pauseMS {
			out = append(out, sort.Search(len(s.tokens), func(k int) bool { return s.tokens[k].start >= s.starts[i] }))
		}
		end = max(end, seg.EndMS)
	}
	return out
}

// wordStart looks a byte of a segment up in its words. Where these do not
// cover it (a person has edited the text, the engine gave no times), the time is
// taken between the nearest words that are known, in proportion.
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

// astray is how many bytes of a text words may be missing for.
const astray = 200

// findWord finds the next word of a segment at or after cursor.
func findWord(text string, cursor int, word string) (start int, ok bool) {
	word = strings.TrimSpace(word)
	if word == "" {
		return 0, false
	}

	rest := text[cursor:]
	here := len(rest) - len(strings.TrimLeft(rest, query.Whitespace))
	if strings.HasPrefix(rest[here:], word) {
		return cursor + here, true
	}

	i := strings.Index(rest[:min(len(rest), astray+len(word))], word)
	return cursor + i, i >= 0
}
