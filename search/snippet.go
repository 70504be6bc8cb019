package search

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text shown around a match, in characters. Words are never cut.
const (
	snippetBefore = 60
	snippetAfter  = 120
	snippetGap    = 40 // bytes between two words; longer gaps are elided
)

// renderSnippet is the text around the matches as HTML: escaped, the matches in
// <mark>, with an ellipsis where it was cut. It is cut only between words, or
// between characters of scripts without spaces.
func (p candidate) renderSnippet() string {
	first, last := p.tokenWindow()
	var b strings.Builder
	if first > 0 {
		b.WriteString("… ")
	}

	matches := p.termMatches
	for i := first; i <= last; {
		for len(matches) > 0 && matches[0].last < i {
			matches = matches[1:]
		}

		end := i
		marked := len(matches) > 0 && matches[0].first <= i
		if marked {
			end = min(last, matches[0].last)
			b.WriteString("<mark>")
		}

		for ; i <= end; i++ {
			b.WriteString(escapeText(p.text[p.tokens[i].start:p.tokens[i].end]))
			if i < end {
				b.WriteString(escapeText(p.gapAfter(i)))
			}
		}

		if marked {
			b.WriteString("</mark>")
		}

		if i <= last {
			b.WriteString(escapeText(p.gapAfter(i - 1)))
		}
	}

	tail := p.gapAfter(last)
	if last < len(p.tokens)-1 { // only punctuation right after the last word
		tail = tail[:len(tail)-len(strings.TrimLeftFunc(tail, func(r rune) bool { return !unicode.IsSpace(r) }))] + " …"
	}

	b.WriteString(strings.TrimRight(escapeText(tail), " "))
	return b.String()
}

// tokenWindow is the range of tokens that are shown: from some before the first
// match to some after the last one that fits, never across a pause.
func (p candidate) tokenWindow() (first, last int) {
	first, last = p.termMatches[0].first, p.termMatches[0].last
	for budget := snippetBefore; first > 0 && p.pauseGroup(first-1) == p.pauseGroup(first); first-- {
		if budget -= p.tokenWidth(first - 1); budget < 0 {
			break
		}
	}

	for budget := snippetAfter; last < len(p.tokens)-1 && p.pauseGroup(last+1) == p.pauseGroup(last); last++ {
		if budget -= p.tokenWidth(last + 1); budget < 0 {
			break
		}
	}

	return first, last
}

// tokenWidth is the number of characters of a token and the gap after it.
func (p candidate) tokenWidth(i int) int {
	return utf8.RuneCountInString(p.text[p.tokens[i].start:p.tokens[i].end]) + utf8.RuneCountInString(p.gapAfter(i))
}

// gapAfter is the text between a token and the next one, or the end.
func (p candidate) gapAfter(i int) string {
	end := len(p.text)
	if i < len(p.tokens)-1 {
		end = p.tokens[i+1].start
	}
	if end-p.tokens[i].end > snippetGap {
		return " … "
	}
	return p.text[p.tokens[i].end:end]
}

// escapeText escapes text for HTML, drops control characters and those that change
// the direction of text (UAX #9), and makes white space one space.
func escapeText(s string) string {
	var b strings.Builder
	space := false
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			continue
		}

		if space {
			b.WriteByte(' ')
		}

		space = false
		b.WriteRune(r)
	}

	if space {
		b.WriteByte(' ')
	}

	return html.EscapeString(b.String())
}
