// Package phrases finds where written speech may be broken: between sentences,
// between clauses, and not inside of names and numbers.
package phrases

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Break is what is known of the place after a word.
type Break struct {
	Sentence    bool // a sentence ends
	Clause      bool // punctuation ends a clause
	Conjunction bool // the next word begins a clause: "and", "because"
	Joined      bool // inside of what is read as one: a name, a number and its unit, an abbreviation
	Dangling    bool // after an article or a preposition
}

// MarkBreaks is the break after each of consecutive words, in the language of
// its BCP 47 tag; without one, the words of all known languages count.
func MarkBreaks(words []string, language string) []Break {
	m := marker{words: words, language: knownLanguage(language), out: make([]Break, len(words))}
	for i := range words {
		m.out[i] = m.breakAfter(i)
	}

	for i := range words {
		m.out[i].Joined = !m.out[i].Sentence && !m.out[i].Clause && m.isJoined(i)
	}

	m.separateChains()
	return m.out
}

// marker marks the breaks of one text.
type marker struct {
	words    []string
	language *wordLists
	out      []Break
}

func (m *marker) wordAt(i int) string {
	if i < 0 || i >= len(m.words) {
		return ""
	}
	return m.words[i]
}

func (m *marker) breakAfter(i int) (b Break) {
	word, next := m.words[i], m.wordAt(i+1)
	b.Sentence = m.endsSentence(i)
	b.Clause = !b.Sentence && (endsClause(word) || opensClause(next))
	b.Conjunction = m.language.conjunctions[bareWord(next)]
	b.Dangling = !b.Sentence && !b.Clause && next != "" && m.language.dangling[bareWord(word)]
	return b
}

// startsSentence reports whether word i is the first one of a sentence.
func (m *marker) startsSentence(i int) bool { return i == 0 || m.out[i-1].Sentence }

// Limits of what is kept together. More capitals in a row are a heading.
const (
	maxNameWords   = 4
	maxJoinedRunes = 36
)

// separateChains separates joined words that are too many to be a name, or too
// long for a line.
func (m *marker) separateChains() {
	for from := 0; from < len(m.out); {
		to, runes := from, utf8.RuneCountInString(m.words[from])
		for to < len(m.out)-1 && m.out[to].Joined {
			to++
			runes += 1 + utf8.RuneCountInString(m.words[to])
		}

		if to-from >= maxNameWords || runes > maxJoinedRunes {
			for i := from; i < to; i++ {
				m.out[i].Joined = false
			}
		}

		from = to + 1
	}
}

// endsClause reports whether a word ends with punctuation within a sentence, or
// with a bracket.
func endsClause(word string) bool {
	last, _ := utf8.DecodeLastRuneInString(word)
	r, _ := utf8.DecodeLastRuneInString(trimClosing(word))
	return r != '.' && unicode.Is(unicode.Terminal_Punctuation, r) || isDash(r) || unicode.Is(unicode.Pe, last)
}

// opensClause reports whether a word begins with a bracket or is a dash.
func opensClause(word string) bool {
	r, n := utf8.DecodeRuneInString(word)
	return unicode.Is(unicode.Ps, r) || isDash(r) && n == len(word)
}

func isDash(r rune) bool { return r == '–' || r == '—' }

// trimClosing removes quotation marks and brackets from the end of a word.
func trimClosing(word string) string {
	return strings.TrimRightFunc(word, func(r rune) bool {
		return unicode.In(r, unicode.Pe, unicode.Pf, unicode.Pi, unicode.Quotation_Mark)
	})
}

// trimOpening removes quotation marks, brackets and the like from the beginning
// of a word.
func trimOpening(word string) string {
	return strings.TrimLeftFunc(word, func(r rune) bool {
		return unicode.In(r, unicode.Ps, unicode.Pi, unicode.Pf, unicode.Quotation_Mark) || isDash(r) || r == '-' || r == '¿' || r == '¡'
	})
}

// bareWord is a word in lower case, without the quotation marks around it.
func bareWord(word string) string { return strings.ToLower(trimOpening(trimClosing(word))) }

// WritesNoSpaces reports whether a text has characters of a script that writes no
// spaces between words.
func WritesNoSpaces(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	})
}
