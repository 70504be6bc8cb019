package captions

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"tidings.example/tidings/tidings"
	"tidings.example/tidings/transcribe/phrases"
)

// atom is a piece of text that is never broken: a word, or a part of a word that
// is longer than a line or written in a script without spaces.
type atom struct {
	startMS, endMS int64
	text           string
	glued          bool // no space before it
	language       string
	endsRow        bool // the last one of a segment

	width     int  // columns
	splitWord bool // the break after it is within a word that is longer than a line
	phrases.Break
}

// slowWord is how long a word may be for each column, and in any case, in ms:
// engines stretch words over silence and music.
const (
	slowColumn = 120
	slowWord   = 2_000
)

// segmentAtoms are the words of a segment. Without word times its text is spread
// evenly over its time.
func segmentAtoms(seg tidings.TranscriptSegment, language string) []atom {
	if seg.Language != "" {
		language = seg.Language
	}

	var out []atom
	at := int64(0)
	for _, w := range segmentWords(seg) {
		start := min(never, max(at, w.StartMS))
		for _, a := range spreadText(PlainText(w.Text), start, min(never, max(start, w.EndMS))) {
			a.language = language
			if !w.Estimated {
				a.endMS = min(a.endMS, a.startMS+max(slowWord, slowColumn*int64(a.width)))
			}
			out, at = append(out, a), a.startMS
		}
	}

	if len(out) > 0 {
		out[len(out)-1].endsRow = true
	}

	return out
}

// segmentWords are the words of a segment with their times. Where no time was
// measured and there are few words for it, they are spread over less of it, so
// that they stay together.
func segmentWords(seg tidings.TranscriptSegment) []tidings.Word {
	words := seg.Words
	if len(words) == 0 {
		words = []tidings.Word{{StartMS: seg.StartMS, EndMS: max(seg.StartMS, seg.EndMS), Text: seg.Text, Estimated: true}}
	}

	n := 0
	for _, w := range words {
		if !w.Estimated {
			return words
		}
		n += max(len(strings.Fields(w.Text)), utf8.RuneCountInString(w.Text)/wordLength)
	}

	start, end := words[0].StartMS, words[len(words)-1].EndMS
	most := max(cueLength, int64(n)*cueLinger)
	if end-start <= most || end < start {
		return words
	}

	out := make([]tidings.Word, len(words))
	scale := func(ms int64) int64 { return start + int64(float64(ms-start)*float64(most)/float64(end-start)) }
	for i, w := range words {
		w.StartMS, w.EndMS = scale(w.StartMS), scale(w.EndMS)
		out[i] = w
	}

	return out
}

// spreadText splits text at its spaces, and where a break is possible without
// one, and gives each piece its share of the time.
func spreadText(text string, startMS, endMS int64) []atom {
	var out []atom
	total, at := max(1, utf8.RuneCountInString(text)), 0
	place := func(runes int) int64 { return startMS + int64(float64(endMS-startMS)*float64(runes)/float64(total)) }
	for _, word := range strings.Fields(text) {
		parts, tooLong := splitWord(word)
		for i, part := range parts {
			from := place(at)
			at += utf8.RuneCountInString(part)
			out = append(out, atom{startMS: from, endMS: place(at), text: part, glued: i > 0, width: columnsOf(part), splitWord: tooLong && i < len(parts)-1})
		}
		at++ // the space
	}

	if len(out) > 0 {
		out[len(out)-1].endMS = max(endMS, out[len(out)-1].startMS)
	}

	return out
}

// splitWord divides a word at the breaks of Unicode's annex 14 if its script has
// no spaces or it is too long for a line, and pieces that are still too long into
// equal ones. tooLong is whether it had to be broken where words are not.
func splitWord(word string) (parts []string, tooLong bool) {
	tooLong = columnsOf(word) > lineLength
	spaceless := phrases.WritesNoSpaces(word)
	if !tooLong && !spaceless {
		return []string{word}, false
	}

	state, piece := -1, ""
	for rest := word; rest != ""; {
		piece, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
		parts = append(parts, splitLong(piece)...)
	}

	return parts, tooLong && !spaceless
}

// splitLong divides what has no break into pieces of half a line at most, so that
// they fit beside other words.
func splitLong(piece string) (out []string) {
	width := columnsOf(piece)
	if width <= lineLength/2 {
		return []string{piece}
	}

	each := (width + lineLength/2 - 1) / (lineLength / 2)
	least := (width + each - 1) / each
	var b strings.Builder
	n := 0
	for state := -1; piece != ""; {
		var cluster string
		var columns int
		cluster, piece, columns, state = uniseg.FirstGraphemeClusterInString(piece, state)
		b.WriteString(cluster)
		if n += columns; n >= least-1 {
			out, n = append(out, b.String()), 0
			b.Reset()
		}
	}

	if b.Len() > 0 {
		out = append(out, b.String())
	}

	return out
}

// markAtoms finds sentences and phrases in consecutive atoms.
func markAtoms(atoms []atom) {
	for from := 0; from < len(atoms); {
		to := from
		var words []string
		for ; to < len(atoms) && atoms[to].language == atoms[from].language; to++ {
			words = append(words, atoms[to].text)
		}

		for i, b := range phrases.MarkBreaks(words, atoms[from].language) {
			if !atoms[from+i].splitWord {
				atoms[from+i].Break = b
			}
		}

		from = to
	}

	markRowEnds(atoms)
}

// rowPause is the silence, in ms, that makes the end of a segment the end of a
// sentence in text without punctuation.
const rowPause = 500

// markRowEnds finds sentences by pauses where no punctuation shows them.
func markRowEnds(atoms []atom) {
	last := len(atoms) - 1
	if slices.ContainsFunc(atoms[:max(0, last)], func(a atom) bool { return a.Sentence || a.Clause }) {
		return
	}
	for i := range max(0, last) {
		a := &atoms[i]
		a.Sentence = a.endsRow && !a.Joined && !a.Dangling && atoms[i+1].startMS-a.endMS >= rowPause
	}
}

// countWords counts words by their letters, so that one long word, or text
// without spaces, gets its time too.
func countWords(atoms []atom) int64 {
	words, columns := 0, 0
	for i, a := range atoms {
		columns += a.width
		if i == 0 || !a.glued {
			words, columns = words+1, columns+1
		}
	}
	return int64(max(words, (columns-1)/wordLength))
}

// columnsOf is the width of a text.
func columnsOf(text string) int {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return uniseg.StringWidth(text)
		}
	}
	return len(text)
}

// spaceBefore is 1 when there is a space before the atom, within a line.
func (a atom) spaceBefore() int {
	if a.glued {
		return 0
	}
	return 1
}

func joinAtoms(atoms []atom) string {
	var b strings.Builder
	for i, a := range atoms {
		if i > 0 && !a.glued {
			b.WriteByte(' ')
		}
		b.WriteString(a.text)
	}
	return b.String()
}
