package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// typosIn is how many typos a word may have: one from five letters, two from
// nine, none in numbers and in scripts without spaces.
func (t *term) typosIn() int {
	if len(t.words) != 1 || t.dense || t.not || strings.ContainsFunc(t.words[0], unicode.IsNumber) {
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

// misspelling is a word that may be a mistyped one.
type misspelling struct {
	letters []rune
	limit   int  // typos it may have
	prefix  bool // it may go on, and needs only fit a beginning
}

// misspelling is the term as a mistyped word; ok is false where none is
// forgiven.
func (t *term) misspelling() (m misspelling, ok bool) {
	if limit := t.typosIn(); limit > 0 {
		return misspelling{[]rune(t.words[0]), limit, t.prefix}, true
	}
	return m, false
}

// of is how many typos make it out of word, if few enough: the first letter is
// always right.
func (m misspelling) of(word string) (n int, ok bool) {
	first, _ := utf8.DecodeRuneInString(word)
	size := utf8.RuneCountInString(word)
	if first != m.letters[0] || size < len(m.letters)-m.limit || !m.prefix && size > len(m.letters)+m.limit {
		return 0, false
	}

	var room [maxWord]rune
	b := room[:0]
	for _, r := range word {
		if len(b) == len(m.letters)+m.limit { // only of what goes on
			break
		}
		b = append(b, r)
	}

	n = distance(m.letters, b, m.prefix)
	return n, n <= m.limit
}

// distance is the optimal string alignment distance: insertions, deletions,
// substitutions and swaps of neighbours. With prefix it is the least distance
// to any beginning of b.
func distance(a, b []rune, prefix bool) int {
	var room [3][maxWord + 1]int // words are seldom longer
	before, last, row := room[0][:], room[1][:], room[2][:]
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

// mayBeMeant reports whether a word of a document can stand for a mistyped
// one: it is what the vocabulary keeps.
func mayBeMeant(t token) bool {
	return !t.dense && len(t.term) >= 4 && len(t.term) <= 60 && !strings.ContainsFunc(t.term, unicode.IsNumber)
}
