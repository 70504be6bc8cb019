package tidings

import (
	"strings"
	"unicode/utf8"
)

// Split cuts a segment in two before a character of its text, counted in code
// points from 0. The halves of a cut word share its time and are marked as
// estimated. KindInvalid when one side would be empty.
func (g TranscriptSegment) Split(atChar int) (a, b TranscriptSegment, err error) {
	text := []rune(g.Text)
	atChar = min(max(atChar, 0), len(text))
	left, right := strings.Fields(string(text[:atChar])), strings.Fields(string(text[atChar:]))
	if len(left) == 0 || len(right) == 0 {
		return g, g, Invalid("at_char", "There must be words on both sides.")
	}

	whole := g.Words
	if len(whole) != len(strings.Fields(g.Text)) { // times were never known, or are of another text
		whole = g.WithText(g.Text).Words
	}

	n := len(left)
	if n+len(right) > len(whole) { // a word is cut
		cut := []Word{{Text: left[n-1]}, {Text: right[0]}}
		shareTime(cut, whole[n-1].StartMS, whole[n-1].EndMS)
		whole = append(append(append([]Word{}, whole[:n-1]...), cut...), whole[n:]...)
	}

	a, b = g, g
	a.Words, b.Words = dropStaleReplacements(append([]Word{}, whole[:n]...), g.Words), dropStaleReplacements(append([]Word{}, whole[n:]...), g.Words)
	a.Text, b.Text = strings.Join(left, " "), strings.Join(right, " ")
	a.EndMS = max(a.StartMS, a.Words[n-1].EndMS)
	b.ID, b.Version, b.StartMS = "", 0, max(a.EndMS, b.Words[0].StartMS)
	b.EndMS = max(b.StartMS, b.EndMS)
	return a, b, nil
}

// CharOfWord is the offset of a word in the text of the segment, in code points.
// KindInvalid for the first word and for one that does not exist.
func (g TranscriptSegment) CharOfWord(word int) (int, error) {
	fields := strings.Fields(g.Text)
	if word < 1 || word >= len(fields) {
		return 0, Invalid("at_word", "From 1 to the number of the last word, %d.", len(fields)-1)
	}
	return utf8.RuneCountInString(strings.Join(fields[:word], " ")) + 1, nil
}

// Join joins two consecutive segments into one with the id of the first.
func Join(a, b TranscriptSegment) TranscriptSegment {
	out := a

	if len(a.Words) == 0 {
		a = a.WithText(a.Text)
	}

	if len(b.Words) == 0 {
		b = b.WithText(b.Text)
	}

	out.Words = append(append([]Word{}, a.Words...), b.Words...)
	out.Text = strings.TrimSpace(a.Text + " " + b.Text)
	out.EndMS = max(a.EndMS, b.EndMS)
	if out.Speaker == "" {
		out.Speaker = b.Speaker
	}

	return joinOrigins(out, a, b)
}
