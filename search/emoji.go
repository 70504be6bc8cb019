package search

import "unicode/utf8"

// isEmoji is true for the blocks in which emoji and pictographs live.
func isEmoji(r rune) bool {
	return r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2600 && r <= 0x27BF
}

func isFlag(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

const (
	zeroWidthJoiner = 0x200D
	maxEmoji        = 64 // bytes
)

// emojiLen is the length of the emoji sequence s begins with (UTS #51): skin
// tones, joined people, flags and keycaps are one character.
func emojiLen(s string) int {
	first, n := utf8.DecodeRuneInString(s)
	if isFlag(first) {
		if second, w := utf8.DecodeRuneInString(s[n:]); isFlag(second) {
			n += w
		}
		return n
	}

	for n < len(s) && n < maxEmoji {
		r, w := utf8.DecodeRuneInString(s[n:])
		switch {
		case r == 0xFE0F, r == 0x20E3, r >= 0x1F3FB && r <= 0x1F3FF, r >= 0xE0020 && r <= 0xE007F:
			n += w
		case r == zeroWidthJoiner:
			next, w2 := utf8.DecodeRuneInString(s[n+w:])
			if !isEmoji(next) {
				return n
			}
			n += w + w2
		default:
			return n
		}
	}

	return n
}
