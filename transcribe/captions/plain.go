package captions

import (
	"strings"
	"unicode"
)

// PlainText is s on one line, without control characters.
func PlainText(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// Excerpt is the beginning of an engine's output, for the log.
func Excerpt(text string) string {
	const most = 300
	text = PlainText(text)
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
