package fold

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NameMatch says how much of a name a query is, best first.
type NameMatch int

// Matches of a name.
const (
	NameEqual  NameMatch = iota // the whole name
	NamePrefix                  // its beginning
	NameWords                   // some of its words, the last one may be incomplete
	NoName                      // not this name
)

// MatchName compares a query with a name. Case, accents and punctuation do not
// count, and O'Neil is found as oneil, o’neil and neil. An empty query is the
// beginning of every name.
func MatchName(name, query string) NameMatch {
	if strings.TrimSpace(query) == "" {
		return NamePrefix
	}

	best := NoName
	for _, split := range wordSplits {
		best = min(best, matchWords(nameWords(name, split), nameWords(query, split)))
	}

	if best == NoName && len(nameWords(query, splitNowhere)) == 0 && strings.Contains(norm.NFC.String(name), norm.NFC.String(strings.TrimSpace(query))) {
		return NameWords // of symbols alone
	}
	return best
}

// EqualNames reports whether two names are the same but for case, accents and
// punctuation.
func EqualNames(a, b string) bool { return MatchName(a, b) == NameEqual && strings.TrimSpace(b) != "" }

func matchWords(name, query []string) NameMatch {
	switch {
	case len(query) == 0:
		return NoName
	case slices.Equal(name, query):
		return NameEqual
	case strings.HasPrefix(strings.Join(name, " "), strings.Join(query, " ")):
		return NamePrefix
	}

	for _, word := range name {
		last := len(query) == 1
		if word == query[0] || last && isNamePart(word, query[0]) {
			if query = query[1:]; len(query) == 0 {
				return NameWords
			}
		}
	}

	return NoName
}

// isNamePart reports whether a word of a name begins with part. A name without
// spaces between its words may have it anywhere.
func isNamePart(word, part string) bool {
	first, _ := utf8.DecodeRuneInString(part)
	return strings.HasPrefix(word, part) || IsDense(first) && strings.Contains(word, part)
}

// wordSplits are where words of a name may end besides at spaces: D'Angelo is one
// word or two, and so is Jean-Luc.
var wordSplits = []func(r rune) bool{splitNowhere, IsApostrophe, IsHyphen, func(rune) bool { return true }}

func splitNowhere(rune) bool { return false }

// nameWords are the folded words of a name. split says at which apostrophes and
// hyphens words end, too.
func nameWords(name string, split func(r rune) bool) (words []string) {
	var b strings.Builder
	flush := func() {
		if word := Word(b.String()); word != "" {
			words = append(words, word)
		}
		b.Reset()
	}
	for _, r := range name {
		switch {
		case IsApostrophe(r) || IsHyphen(r):
			if split(r) {
				flush()
			}
		case IsIgnorable(r):
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
			b.WriteRune(r)
		default:
			flush()
		}
	}

	flush()
	return words
}

// IsApostrophe reports whether a character is typed as an apostrophe.
func IsApostrophe(r rune) bool {
	return strings.ContainsRune("'’‘‛ʼʹʻ′´`＇", r)
}

// IsHyphen reports whether a character is typed as a hyphen, or joins the parts
// of a word as the middle dot of Catalan does.
func IsHyphen(r rune) bool { return strings.ContainsRune("-‐‑﹣－·‧", r) }
