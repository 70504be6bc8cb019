package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tidings.example/tidings/search/fold"
)

// token is a word of a text, or one character of a script without spaces between
// words.
type token struct {
	term       string // folded, for comparison
	start, end int    // byte offsets in the text
	dense      bool   // one character; matched by phrases, never with typos
}

const (
	maxWord    = 64  // characters; a longer run of letters becomes several words
	maxCluster = 256 // bytes of one character with its marks
)

// analyzeText splits a text into tokens. The same analysis serves indexing, queries,
// moments and snippets, so that they agree.
//
// Latin, Cyrillic, Arabic and the like give words: NFKD (UAX #15), accents
// dropped, case folded. Han, Kana, Hangul, Thai, Lao, Khmer and Myanmar give one
// token a character, and a run of them in a query is a phrase: exact substring
// search without a dictionary. Emoji are tokens too.
func analyzeText(text string) []token {
	a := analyzer{text: text, word: -1, out: make([]token, 0, len(text)/6+1)}
	for i := 0; i < len(text); {
		if isPlainASCII(text, i) {
			i = a.addASCII(i)
			continue
		}

		r, _ := utf8.DecodeRuneInString(text[i:])
		n := clusterLength(text[i:])
		switch {
		case fold.IsIgnorable(r):
			n = utf8.RuneLen(r)
		case fold.IsApostrophe(r): // also those that Unicode calls letters
			a.endWord(i)
		case unicode.IsMark(r):
			a.addMark(i, i+n)
		case isEmoji(r):
			n = emojiLen(text[i:])
			a.addCharacter(i, i+n)
		case !unicode.IsLetter(r) && !unicode.IsNumber(r):
			a.endWord(i)
		case fold.IsDense(r):
			a.addCharacter(i, i+n)
		default:
			a.addLetter(i)
		}

		i += n
	}

	a.endWord(len(text))
	return a.out
}

// isPlainASCII reports whether the byte at i is an ASCII character that nothing
// combines with: most are, and need no Unicode tables.
func isPlainASCII(text string, i int) bool {
	return text[i] < utf8.RuneSelf && (i+1 == len(text) || text[i+1] < utf8.RuneSelf)
}

// addASCII handles the plain ASCII character at a byte and returns the next byte
// to read. A word of such characters, as nearly all are, is added at once.
func (a *analyzer) addASCII(at int) (next int) {
	if lowerASCII[a.text[at]] == 0 {
		a.endWord(at)
		return at + 1
	}

	end, capitals := at, byte(0)
	for end < len(a.text) && end-at <= maxWord && lowerASCII[a.text[end]] != 0 {
		capitals |= lowerASCII[a.text[end]] ^ a.text[end]
		end++
	}

	if a.word >= 0 || end-at > maxWord || end < len(a.text) && a.text[end] >= utf8.RuneSelf {
		a.addLetter(at)
		return at + 1
	}

	word := a.text[at:end]
	if capitals != 0 {
		word = strings.ToLower(word)
	}

	a.out = append(a.out, token{term: word, start: at, end: end})
	return end
}

// lowerASCII maps ASCII letters and digits to lower case, everything else to 0.
var lowerASCII = func() (t [256]byte) {
	for c := range byte(utf8.RuneSelf) {
		switch {
		case c >= 'A' && c <= 'Z':
			t[c] = c - 'A' + 'a'
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			t[c] = c
		}
	}
	return t
}()

// clusterLength is the length in bytes of the first character with its combining
// marks.
func clusterLength(s string) int {
	if s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return 1
	}
	return max(1, norm.NFKC.NextBoundaryInString(s, true))
}

type analyzer struct {
	text    string
	out     []token
	word    int // start of the current word, -1 = none
	letters int // of the current word
}

func (a *analyzer) addLetter(at int) {
	if a.word >= 0 && a.letters == maxWord {
		a.endWord(at)
	}
	if a.word < 0 {
		a.word, a.letters = at, 0
	}
	a.letters++
}

// addMark adds a combining mark to the word or character right before it.
func (a *analyzer) addMark(start, end int) {
	if a.word >= 0 {
		a.addLetter(start)
		return
	}
	if n := len(a.out); n > 0 && a.out[n-1].dense && a.out[n-1].end == start && end-a.out[n-1].start <= maxCluster {
		last := &a.out[n-1]
		last.end = end
		last.term = fold.Character(a.text[last.start:end])
	}
}

func (a *analyzer) addCharacter(start, end int) {
	a.endWord(start)
	if term := fold.Character(a.text[start:end]); term != "" {
		a.out = append(a.out, token{term: term, start: start, end: end, dense: true})
	}
}

func (a *analyzer) endWord(end int) {
	if a.word < 0 {
		return
	}
	if term := fold.Word(a.text[a.word:end]); term != "" {
		a.out = append(a.out, token{term: term, start: a.word, end: end})
	}
	a.word = -1
}

// joinTokens is the text of tokens as it is indexed, separated by spaces.
func joinTokens(tokens []token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.term)
	}
	return b.String()
}
