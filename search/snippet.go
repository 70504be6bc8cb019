package search

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What is shown around a match, in characters. A word is never cut.
const (
	snippetBefore = 60
	snippetAfter  = 120
	snippetGap    = 40 // bytes that are no word, between two words
)

// snippet is the text around a place, as HTML: everything escaped, the matches
// in <mark>, an ellipsis where it was cut. It is cut only between words (or
// between the characters of scripts without spaces).
func (p place) snippet() string {
	first, last := p.window()
	var b strings.Builder
	if first > 0 {
		b.WriteString("… ")
	}

	marks := p.marks
	for i := first; i <= last; {
		for len(marks) > 0 && marks[0].last < i {
			marks = marks[1:]
		}

		end := i
		marked := len(marks) > 0 && marks[0].first <= i
		if marked {
			end = min(last, marks[0].last)
			b.WriteString("<mark>")
		}

		for ; i <= end; i++ {
			b.WriteString(clean(p.text[p.tokens[i].start:p.tokens[i].end]))
			if i < end {
				b.WriteString(clean(p.gap(i)))
			}
		}

		if marked {
			b.WriteString("</mark>")
		}

		if i <= last {
			b.WriteString(clean(p.gap(i - 1)))
		}
	}

	tail := p.gap(last)
	if last < len(p.tokens)-1 { // only what clings to the last word
		tail = tail[:len(tail)-len(strings.TrimLeftFunc(tail, func(r rune) bool { return !unicode.IsSpace(r) }))] + " …"
	}

	b.WriteString(strings.TrimRight(clean(tail), " "))
	return b.String()
}

// window are the tokens that are shown: from some before the first match to
// some behind the last one that fits, none beyond a pause.
func (p place) window() (first, last int) {
	first, last = p.marks[0].first, p.marks[0].last
	for room := snippetBefore; first > 0 && p.stretch(first-1) == p.stretch(first); first-- {
		if room -= p.width(first - 1); room < 0 {
			break
		}
	}

	for room := snippetAfter; last < len(p.tokens)-1 && p.stretch(last+1) == p.stretch(last); last++ {
		if room -= p.width(last + 1); room < 0 {
			break
		}
	}

	return first, last
}

func (p place) width(i int) int {
	return utf8.RuneCountInString(p.text[p.tokens[i].start:p.tokens[i].end]) + utf8.RuneCountInString(p.gap(i))
}

// gap is what stands between a token and the next one, or the end.
func (p place) gap(i int) string {
	end := len(p.text)
	if i < len(p.tokens)-1 {
		end = p.tokens[i+1].start
	}
	if end-p.tokens[i].end > snippetGap {
		return " … "
	}
	return p.text[p.tokens[i].end:end]
}

// clean escapes a piece of text for HTML, without controls and without marks
// that turn the direction of what follows; white space becomes one space.
func clean(s string) string {
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
