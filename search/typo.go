package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// typoLimit is the number of typos allowed in a term: one from five letters, two
// from nine, none in numbers and in scripts without spaces.
func (t *term) typoLimit() int {
	if len(t.words) != 1 || len(t.fallback) > 0 || t.dense || t.not || strings.ContainsFunc(t.words[0], unicode.IsNumber) {
		return 0
	}
	switch n := utf8.RuneCountInString(t.words[0]); {
	case n >= 9:
		return 2
	case n >= 5:
		return 1
	}
	return 0
}

// typoPattern is a word of a query that may be misspelled.
type typoPattern struct {
	letters []rune
	limit   int  // typos allowed
	prefix  bool // the word is incomplete: it is compared with beginnings
}

// typoPattern is the pattern of a term; ok is false if it allows no typos.
func (t *term) typoPattern() (m typoPattern, ok bool) {
	if limit := t.typoLimit(); limit > 0 {
		return typoPattern{[]rune(t.words[0]), limit, t.prefix}, true
	}
	return m, false
}

// typosIn is the number of typos that turn word into the pattern; ok is false if
// there are too many, or if the first letters differ.
func (m typoPattern) typosIn(word string) (n int, ok bool) {
	first, _ := utf8.DecodeRuneInString(word)
	size := utf8.RuneCountInString(word)
	if first != m.letters[0] || size < len(m.letters)-m.limit || !m.prefix && size > len(m.letters)+m.limit {
		return 0, false
	}

	var buffer [maxWord]rune
	b := buffer[:0]
	for _, r := range word {
		if len(b) == len(m.letters)+m.limit { // only of an incomplete word
			break
		}
		b = append(b, r)
	}

	n = editDistance(m.letters, b, m.prefix)
	return n, n <= m.limit
}

// editDistance is the optimal string alignment distance: insertions, deletions,
// substitutions and transpositions of neighbours. With prefix it is the least
// distance to any beginning of b.
func editDistance(a, b []rune, prefix bool) int {
	var buffer [3][maxWord + 1]int // words are seldom longer
	before, last, row := buffer[0][:], buffer[1][:], buffer[2][:]
	if len(b) > maxWord {
		before, last, row = make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	}

	for j := range len(b) + 1 {
		row[j] = j
	}

	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}

			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}

	best := row[len(b)]
	if prefix {
		for _, d := range row[:len(b)+1] {
			best = min(best, d)
		}
	}

	return best
}

// inVocabulary reports whether a word of a document is in the vocabulary: whether
// a misspelled word of a query may be corrected to it.
func inVocabulary(t token) bool {
	return !t.dense && len(t.term) >= 4 && len(t.term) <= 60 && !strings.ContainsFunc(t.term, unicode.IsNumber)
}
