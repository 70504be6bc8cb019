package enginetest

import (
	"strings"
	"unicode"

	"tidings.example/tidings/tidings"
)

// Marks are the punctuation marks that are compared.
const Marks = ".,?"

// Punctuation counts marks after words, by mark.
type Punctuation map[rune]MarkCount

// MarkCount counts one mark: in the reference, in the hypothesis, and after the
// same word in both.
type MarkCount struct{ Wanted, Written, Right int }

// Precision is the share of the written marks that are right.
func (m MarkCount) Precision() float64 { return float64(m.Right) / float64(max(1, m.Written)) }

// Recall is the share of the wanted marks that are there.
func (m MarkCount) Recall() float64 { return float64(m.Right) / float64(max(1, m.Wanted)) }

// AddText compares two texts. Words correspond by their longest common
// subsequence; marks after other words are wrong.
func (p Punctuation) AddText(reference, hypothesis string) {
	wanted, wantedMarks := markedWords(reference)
	written, writtenMarks := markedWords(hypothesis)
	count := func(marks []rune, add func(*MarkCount)) {
		for _, mark := range marks {
			if mark != 0 {
				m := p[mark]
				add(&m)
				p[mark] = m
			}
		}
	}

	var right []rune
	for _, pair := range tidings.CommonWords(wanted, written) {
		if mark := wantedMarks[pair[0]]; mark == writtenMarks[pair[1]] {
			right = append(right, mark)
		}
	}

	count(wantedMarks, func(m *MarkCount) { m.Wanted++ })
	count(writtenMarks, func(m *MarkCount) { m.Written++ })
	count(right, func(m *MarkCount) { m.Right++ })
}

// markedWords are the words of a text, in lower case, and the mark after each; 0
// = none.
func markedWords(text string) (words []string, marks []rune) {
	for _, f := range strings.Fields(text) {
		word := strings.TrimFunc(strings.ToLower(f), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if word == "" {
			continue
		}

		mark := rune(0)
		rest := f[strings.LastIndexFunc(f, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):]
		if i := strings.IndexAny(rest, Marks); i >= 0 {
			mark = rune(rest[i])
		}
		words, marks = append(words, word), append(marks, mark)
	}
	return words, marks
}
