package captions

import (
	"unicode"
	"unicode/utf8"
)

// splitLines finds the best way to set atoms in one line, or in two: a break
// after punctuation or before a conjunction, if the lines are then not much more
// uneven than necessary. ok is false when they do not fit.
func (c *cutter) splitLines(from, to int) (cost, line int, ok bool) {
	all := c.width(from, to)
	if all <= lineLength || to == from+1 {
		return 0, from, true
	}

	for at := from + 1; at < to; at++ {
		first, second := c.width(from, at), c.width(at, to)
		if first > lineLength {
			break
		}
		if second > lineLength {
			continue
		}
		if now := max(first, second) - all/2 + c.lineBreakCost(from, at, to); !ok || now < cost {
			cost, line, ok = now, at, true
		}
	}

	return cost, line, ok
}

// Columns that a line may be longer for a better break.
const (
	bonusClause = 12
	bonusWord   = 6
)

// lineBreakCost is the cost of a break between two lines.
func (c *cutter) lineBreakCost(from, at, to int) int {
	cost := c.badBreak(at) + bonusClause
	if c.isOrphan(from, at) || c.isOrphan(at, to) {
		cost += costViolation
	}

	switch a := c.atoms[at-1]; {
	case a.Sentence, a.Clause:
		cost -= bonusClause
	case a.Conjunction, c.atoms[at].glued && startsPhrase(a, c.atoms[at]):
		cost -= bonusWord
	}

	return cost
}

// orphanWidth is the width from which a word may have a line of its own.
const orphanWidth = 8

// isOrphan reports whether atoms are one short word.
func (c *cutter) isOrphan(from, to int) bool {
	for i := from + 1; i < to; i++ {
		if !c.atoms[i].glued {
			return false
		}
	}
	return c.width(from, to) < orphanWidth
}

// startsPhrase reports whether a phrase is likely to begin in Japanese: after the
// syllables of an ending.
func startsPhrase(a, next atom) bool {
	before, _ := utf8.DecodeLastRuneInString(a.text)
	after, _ := utf8.DecodeRuneInString(next.text)
	return unicode.Is(unicode.Hiragana, before) && unicode.In(after, unicode.Han, unicode.Katakana)
}
