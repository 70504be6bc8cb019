package search

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"tidings.example/tidings/search/fold"
)

// addNumber adds a run that is one number, read with either separator of
// thousands.
func addNumber(text string, tokens []token, first, last int, add addSpelling) {
	number := joinNumber(text, tokens[first:last+1], false)
	add(first, last, number, false, false)
	if other := joinNumber(text, tokens[first:last+1], true); strings.Count(other, "dot") < last-first && other != number {
		add(first, last, other, false, false)
	}
}

// addNumbers adds the numbers within a run of other tokens: 2.0.1 of v2.0.1-rc.
func addNumbers(text string, tokens []token, first, last int, add addSpelling) {
	for i := first; i < last; i++ {
		end := i
		for end < last && joinNumber(text, tokens[i:end+2], false) != "" {
			end++
		}
		if end > i {
			addNumber(text, tokens, i, end, add)
			i = end
		}
	}
}

// joinNumber is a number or version of several groups without the separators of
// thousands and with "dot" for the others: 1200dot50 for 1,200.50, 1dot2dot3 for
// v1.2.3. Measures are written with an x: 1920x1080. swapped reads dots as
// separators of thousands. It is "" for other tokens.
func joinNumber(text string, tokens []token, swapped bool) string {
	form := versionNumber(tokens[0].term)
	if !isDigits(form) {
		return ""
	}

	thousands := 0
	if len(form) <= 3 && form == tokens[0].term {
		thousands = countThousands(text, tokens, swapped)
	}

	for i, t := range tokens[1:] {
		r := gapBetween(text, tokens, i)
		switch {
		case !isDigits(t.term) || fold.IsHyphen(r) || isNumberSpace(r) && i >= thousands:
			return ""
		case i < thousands:
			form += t.term
		case r == '×':
			form += "x" + t.term
		default:
			form += "dot" + t.term
		}
	}

	return form
}

// countThousands is how many groups behind the first belong to it: of three
// digits each, or of two and at last three as in India.
func countThousands(text string, tokens []token, swapped bool) int {
	groups := 0
	for i, t := range tokens[1:] {
		r := gapBetween(text, tokens, i)
		if (r == '.') != swapped && !isNumberSpace(r) || r == '×' || !isDigits(t.term) {
			break
		}
		groups = i + 1
	}

	lakhs := func(n int) bool {
		return n > 1 && len(tokens[n].term) == 3 && !slices.ContainsFunc(tokens[1:n], func(t token) bool { return len(t.term) != 2 })
	}
	if lakhs(groups) {
		return groups
	}
	for n := range groups {
		if len(tokens[n+1].term) != 3 {
			return n
		}
	}
	return groups
}

// isNumberSpace reports whether a character is a space that a number is not
// broken at: it separates thousands.
func isNumberSpace(r rune) bool { return strings.ContainsRune("\u00a0\u202f\u2009", r) }

// units are written behind a number with a space or without.
var units = strings.Fields(`mm cm m km mg g kg ml l ms s min h hz khz mhz ghz kb mb gb tb kib mib gib tib kbit mbit gbit kbps mbps gbps
	fps px dpi pt em rem w kw kwh v mv ma mah c f k x p`)

// isUnitGap reports whether a space is between a number and its unit.
func isUnitGap(r rune, before, after token) bool {
	return (r == ' ' || isNumberSpace(r)) && isDigits(before.term) && slices.Contains(units, after.term)
}

// withUnit is a number with its unit in one word.
func withUnit(text string, tokens []token) string {
	last := len(tokens) - 1
	number := joinNumber(text, tokens[:last], false)
	if number == "" {
		return ""
	}
	return number + tokens[last].term
}

// splitUnit is a number and its unit that are written in one word; nil for other
// words.
func splitUnit(word string) []string {
	unit := strings.TrimLeft(word, "0123456789")
	if unit == word || !slices.Contains(units, unit) {
		return nil
	}
	return []string{strings.TrimSuffix(word, unit), unit}
}

// versionNumber is a word without the v of a version such as v1.
func versionNumber(word string) string {
	if n, ok := strings.CutPrefix(word, "v"); ok && isDigits(n) {
		return n
	}
	return word
}

func isDigits(word string) bool { return word != "" && strings.Trim(word, "0123456789") == "" }

func isLetters(word string) bool {
	return word != "" && strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) < 0
}

var (
	percentSign = regexp.MustCompile(`^[ \x{a0}\x{202f}]?[%٪％]`)
	percentGap  = regexp.MustCompile(`([0-9])[ \x{a0}\x{202f}]([%٪％])`)
)
