// Package profanity masks profane words in what is shown of a transcript: "f***".
// It is the one place that does; what is stored is never masked.
package profanity

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tidings.example/tidings/tidings"
)

// Mask returns a text in a language (a BCP 47 tag, "" = not known) with its
// profane words masked: of each the first letter stays, and every further one is
// a star. Only whole words are masked; case and Unicode's compositions do not
// count. Text without such words is returned as it is, byte by byte.
func Mask(text, language string) string {
	words, last := dictionaryOf(language), 0
	var b strings.Builder
	forEachWord(text, func(from, to int) {
		if word := foldWord(text[from:to]); words.matchesWord(word) {
			b.WriteString(text[last:from])
			b.WriteString(maskWord(text[from:to]))
			last = to
		}
	})

	if last == 0 {
		return text
	}
	return b.String() + text[last:]
}

// MaskSegment masks a segment of a transcript: its text and words, also those that
// the glossary replaced. A language of its own counts more than the given one.
func MaskSegment(g tidings.TranscriptSegment, language string) tidings.TranscriptSegment {
	if g.Language != "" {
		language = g.Language
	}
	g.Text, g.Words = Mask(g.Text, language), maskWords(g.Words, language)
	return g
}

// MaskTranscript masks all segments of a transcript in a language.
func MaskTranscript(t tidings.Transcript, language string) tidings.Transcript {
	t.Segments = slices.Clone(t.Segments)
	for i, g := range t.Segments {
		t.Segments[i] = MaskSegment(g, language)
	}
	return t
}

func maskWords(words []tidings.Word, language string) []tidings.Word {
	out := slices.Clone(words)
	for i, w := range out {
		out[i].Text = Mask(w.Text, language)
		if w.Replaced != nil {
			out[i].Replaced = &tidings.ReplacedWords{Words: maskWords(w.Replaced.Words, language), Span: w.Replaced.Span}
		}
	}
	return out
}

// forEachWord calls do with the place of each word: letters and digits, with the
// marks and invisible characters among them.
func forEachWord(text string, do func(from, to int)) {
	from, to := -1, 0
	for i, r := range text {
		switch {
		case isWordStart(r), from >= 0 && isInWord(r):
			if from < 0 {
				from = i
			}
			to = i + utf8.RuneLen(r)
		case from >= 0:
			do(from, to)
			from = -1
		}
	}

	if from >= 0 {
		do(from, to)
	}
}

// isWordStart reports whether a word may begin with a character. Scripts without
// spaces between words are left out: no dictionary has words of theirs.
func isWordStart(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) &&
		!unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// isInWord reports whether a character that begins no word belongs to the one
// before it: an accent, a soft hyphen.
func isInWord(r rune) bool { return unicode.IsMark(r) || unicode.Is(unicode.Cf, r) }

// foldWord is a word as the dictionaries have it: composed, in lower case,
// without invisible characters.
func foldWord(word string) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(word))
	return norm.NFC.String(visible)
}

// maskWord keeps the first letter of a word, with its accents.
func maskWord(word string) string {
	var b strings.Builder
	letters := 0
	for _, r := range word {
		switch {
		case unicode.Is(unicode.Cf, r):
		case unicode.IsMark(r):
			if letters == 1 {
				b.WriteRune(r)
			}
		case letters == 0:
			b.WriteRune(r)
			letters++
		default:
			b.WriteByte('*')
			letters++
		}
	}
	return b.String()
}
