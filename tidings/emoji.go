package tidings

import (
	"strings"
	"unicode/utf8"
)

// maxEmoji is the longest emoji, in bytes. The longest that Unicode recommends
// (a couple with two skin tones, kissing) has 35.
const maxEmoji = 64

const (
	textStyle     = '\uFE0E'
	emojiStyle    = '\uFE0F'
	joiner        = '\u200D' // zero width joiner
	keycap        = '\u20E3'
	blackFlag     = '\U0001F3F4'
	tagEnd        = '\U000E007F'
	regionA       = '\U0001F1E6'
	regionZ       = '\U0001F1FF'
	lightSkin     = '\U0001F3FB'
	darkSkin      = '\U0001F3FF'
	maxJoined     = 6 // pictures in one joined sequence
	shortestTag   = 3
	longestTag    = 6
	keycapSymbols = "0123456789#*"
)

// ParseEmoji accepts exactly one emoji as people see one (a single picture, with
// skin tone, joined by ZWJ, a keycap, a flag; Unicode Technical Standard 51,
// ED-17 and annex A) and returns its normal form, so that ❤ and ❤️ are the same.
// Anything else is KindInvalid.
func ParseEmoji(text string) (string, error) {
	if len(text) <= maxEmoji && utf8.ValidString(text) {
		if emoji, ok := parseOneEmoji([]rune(text)); ok {
			return emoji, nil
		}
	}
	return "", Invalid("emoji", "Exactly one emoji.")
}

func parseOneEmoji(s []rune) (string, bool) {
	switch {
	case len(s) == 0:
		return "", false
	case isRegion(s[0]):
		return string(s), len(s) == 2 && isRegion(s[1])
	case strings.ContainsRune(keycapSymbols, s[0]):
		return parseKeycap(s)
	case s[0] == blackFlag && len(s) > 1 && s[1] > 0xE0000:
		return string(s), isTagged(s[1:])
	}
	return joinedEmoji(s)
}

func isRegion(r rune) bool { return r >= regionA && r <= regionZ }
func isSkin(r rune) bool   { return r >= lightSkin && r <= darkSkin }

func parseKeycap(s []rune) (string, bool) {
	last := s[len(s)-1]
	ok := last == keycap && (len(s) == 2 || len(s) == 3 && s[1] == emojiStyle)
	return string([]rune{s[0], emojiStyle, keycap}), ok
}

// isTagged reports whether s are the tags of a flag such as Scotland's.
func isTagged(s []rune) bool {
	n := len(s) - 1
	if n < shortestTag || n > longestTag || s[n] != tagEnd {
		return false
	}

	for _, r := range s[:n] {
		letter := r - 0xE0000
		if letter < '0' || letter > '9' && letter < 'a' || letter > 'z' {
			return false
		}
	}

	return true
}

// joinedEmoji parses pictures with a joiner between each two.
func joinedEmoji(s []rune) (string, bool) {
	var out []rune
	for n := 1; ; n++ {
		picture, rest, ok := parsePicture(s)
		if !ok || n > maxJoined {
			return "", false
		}

		out = append(out, picture...)
		if len(rest) == 0 {
			return string(out), true
		}
		if rest[0] != joiner {
			return "", false
		}

		out, s = append(out, joiner), rest[1:]
	}
}

// parsePicture parses a picture with its style or skin tone, and adds the emoji
// style where the picture needs one.
func parsePicture(s []rune) (picture, rest []rune, ok bool) {
	if len(s) == 0 {
		return nil, nil, false
	}

	if isSkin(s[0]) {
		return nil, nil, false // a tone without a picture: no emoji to react with
	}

	needsStyle := containsRune(textPictures, s[0])
	if !needsStyle && !containsRune(pictures, s[0]) {
		return nil, nil, false
	}

	picture, rest = []rune{s[0]}, s[1:]
	switch {
	case len(rest) > 0 && rest[0] == textStyle:
		return nil, nil, false
	case len(rest) > 0 && isSkin(rest[0]):
		picture, rest = append(picture, rest[0]), rest[1:]
		if len(rest) > 0 && rest[0] == emojiStyle {
			rest = rest[1:] // some keyboards add the style after the tone too
		}
		return picture, rest, true
	case len(rest) > 0 && rest[0] == emojiStyle:
		rest = rest[1:]
	}

	if needsStyle {
		picture = append(picture, emojiStyle)
	}

	return picture, rest, true
}

func containsRune(table [][2]rune, r rune) bool {
	for _, span := range table {
		if r >= span[0] && r <= span[1] {
			return true
		}
	}
	return false
}
