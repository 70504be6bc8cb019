package tidings

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxGuestName is the longest name a guest may give, in characters.
const MaxGuestName = 60

// maxCombiningMarks is how many combining marks one letter of a name may have: enough for
// any script, too few to write over the lines above.
const maxCombiningMarks = 3

// GuestName is the name a guest gave as it may be shown: without control and
// invisible characters, changes of writing direction and stacked marks, and with
// single spaces. Fewer than one or more than MaxGuestName characters are
// KindInvalid.
func GuestName(text string) (string, error) {
	name := strings.Join(strings.Fields(strings.Map(visibleRune, strings.ToValidUTF8(text, ""))), " ")
	name = limitMarks(name)
	switch n := utf8.RuneCountInString(name); {
	case n == 0 || !strings.ContainsFunc(name, unicode.IsGraphic):
		return "", Invalid("name", "Say your name.")
	case n > MaxGuestName:
		return "", Invalid("name", "At most %d characters.", MaxGuestName)
	}
	return name, nil
}

// visibleRune drops characters that cannot be seen, such as the joiner of emoji.
func visibleRune(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Variation_Selector):
		return -1
	case r == '\u115F' || r == '\u1160' || r == '\u3164' || r == '\uFFA0' || r == '\u2800': // blank letters
		return -1
	}
	return r
}

func limitMarks(text string) string {
	marks := maxCombiningMarks // a name cannot begin with a mark
	return strings.Map(func(r rune) rune {
		if !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Me, r) {
			marks = 0
			return r
		}
		if marks++; marks > maxCombiningMarks {
			return -1
		}
		return r
	}, text)
}
