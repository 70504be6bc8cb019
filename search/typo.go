package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// typosIn is how many typos a word may have: one from five letters, two from
// nine, none in numbers and in scripts without spaces.
func (t term) typosIn() int {
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

// typo is how many typos make the term out of word, if few enough: the first
// letter is always right. A term that may go on needs only fit a beginning.
func (t term) typo(word string) (n int, ok bool) {
	limit := t.typosIn()
	if limit == 0 || word == "" {
		return 0, false
	}
	a, b := []rune(t.words[0]), []rune(word)
	if a[0] != b[0] || len(b) < len(a)-limit || !t.prefix && len(b) > len(a)+limit {
		return 0, false
	}
	if t.prefix && len(b) > len(a)+limit {
		b = b[:len(a)+limit]
	}
	n = distance(a, b, t.prefix)
	return n, n <= limit
}

// distance is the optimal string alignment distance: insertions, deletions,
// substitutions and swaps of neighbours. With prefix it is the least distance
// to any beginning of b.
func distance(a, b []rune, prefix bool) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
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
		for _, d := range row {
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
