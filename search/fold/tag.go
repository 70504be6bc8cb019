package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Tag is the form in which tags are compared: case, accents, spaces and
// punctuation do not count, so that Ops-Team, ops_team and "ops team" are one
// tag. Kept are separators between digits (v1.2 is not v12), and the symbols that
// make C++, C# and .NET names of their own.
func Tag(tag string) string {
	text := []rune(norm.NFKC.String(tag))
	var b strings.Builder
	for i, r := range text {
		switch {
		case IsIgnorable(r) || isSkinTone(r) && i > 0:
		case isTagSymbol(text, i):
			b.WriteRune(r)
		case IsDense(r) || unicode.IsSymbol(r) && r > unicode.MaxASCII && !IsApostrophe(r):
			b.WriteString(Character(string(r)))
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			b.WriteString(Word(string(r)))
		case unicode.IsMark(r):
			if !isAccent(r) {
				b.WriteRune(r)
			}
		case i > 0 && i+1 < len(text) && unicode.IsNumber(text[i-1]) && unicode.IsNumber(text[i+1]):
			b.WriteByte(' ')
		}
	}

	if b.Len() == 0 {
		return strings.TrimSpace(string(text)) // of punctuation alone
	}
	return b.String()
}

// isTagSymbol reports whether the character at i is the symbol of C++, C# or
// .NET.
func isTagSymbol(text []rune, i int) bool {
	switch text[i] {
	case '+', '#':
		before := strings.TrimRight(string(text[:i]), "+#")
		return before != "" && isWordEnd(before) && (i+1 == len(text) || !unicode.IsLetter(text[i+1]) && !unicode.IsNumber(text[i+1]))
	case '.':
		return (i == 0 || unicode.IsSpace(text[i-1])) && i+1 < len(text) && unicode.IsLetter(text[i+1])
	}
	return false
}

func isWordEnd(text string) bool {
	all := []rune(text)
	last := all[len(all)-1]
	return unicode.IsLetter(last) || unicode.IsNumber(last) || unicode.IsMark(last)
}

// EqualTags reports whether two tags are one.
func EqualTags(a, b string) bool { return Tag(a) == Tag(b) }
