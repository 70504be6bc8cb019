// Package fold gives words and names a form in which spellings of the same one are
// equal: case, accents and invisible characters do not count.
package fold

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Word is the form in which words are compared.
func Word(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}

	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		r = unicode.ToLower(r)
		switch {
		case transliterate(r) != "":
			b.WriteString(transliterate(r))
		case IsIgnorable(r), unicode.Is(unicode.Mn, r) && isAccent(r):
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
			b.WriteRune(r)
		}
	}

	return b.String()
}

// transliterate spells out letters that have no decomposition in Unicode; "" =
// none of them.
func transliterate(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'þ':
		return "th"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	case 'đ', 'ð':
		return "d"
	case 'ł':
		return "l"
	case 'ı':
		return "i"
	case 'ħ':
		return "h"
	case 'ŋ':
		return "n"
	case 'ŧ':
		return "t"
	case 'ĸ':
		return "k"
	case 'ς':
		return "σ"
	}
	return ""
}

// IsIgnorable reports whether a character has no form of its own and is not part
// of how a word is written: Default_Ignorable_Code_Point of Unicode, such as the
// soft hyphen and the zero-width space, without the variation selectors.
func IsIgnorable(r rune) bool {
	switch {
	case r < 0x034F:
		return r == 0x00AD
	case r == 0x034F, r == 0x061C, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r == 0x3164, r == 0xFEFF, r == 0xFFA0:
		return true
	case r >= 0x180B && r <= 0x180F, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F:
		return true
	}
	return r >= 0xFFF0 && r <= 0xFFF8 || r >= 0x1BCA0 && r <= 0x1BCA3 || r >= 0x1D173 && r <= 0x1D17A || r >= 0xE0000 && r <= 0xE0FFF
}

// isAccent tells marks that decorate a letter from the vowel signs, nuktas and
// viramas of Indic scripts, which count as letters.
func isAccent(r rune) bool {
	if r >= 0xFE00 && r <= 0xFE0F { // variation selectors
		return true
	}
	ccc := norm.NFKD.PropertiesString(string(r)).CCC()
	return ccc != 0 && ccc != 7 && ccc != 9
}

// Character is the form in which characters of scripts without spaces and emoji
// are compared. It keeps marks: か and が are different letters.
// Skin tones do not count.
func Character(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	return strings.Map(func(r rune) rune {
		switch {
		case isSkinTone(r) && !isSkinTone(first):
			return -1
		case r >= 0xFE00 && r <= 0xFE0F || unicode.IsSpace(r) || unicode.IsControl(r):
			return -1
		case r < utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsNumber(r):
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(s))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isSkinTone recognises the emoji modifiers (UTS #51).
func isSkinTone(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }

// IsDense reports whether a character belongs to a script that is written without
// spaces between words.
func IsDense(r rune) bool {
	return r >= 0x0E00 && (r == 'ー' || r == 'ｰ' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar))
}
