package phrases

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isJoined reports whether word i is read as one with the next.
func (m *marker) isJoined(i int) bool {
	word, next := trimOpening(m.words[i]), m.wordAt(i+1)
	if next == "" {
		return false
	}

	stem := strings.ToLower(strings.TrimSuffix(word, "."))
	switch {
	case startsWithDigit(trimOpening(next)):
		return m.isBeforeNumber(i, word, stem)
	case isInitial(word) && isInitial(trimClosing(next)): // "z. B."
		return true
	case titles[stem] && word != stem, isInitial(word):
		return startsWithCapital(next)
	case endsWithDigit(strings.TrimSuffix(word, ".")), scales[stem]:
		return isUnit(next)
	}

	return m.isName(i) || m.isParticle(i+1) && m.isParticleName(i) || m.isParticle(i) && m.isParticleName(i-1)
}

// isBeforeNumber reports whether a word belongs to the number after it.
func (m *marker) isBeforeNumber(i int, word, stem string) bool {
	switch r, _ := utf8.DecodeLastRuneInString(word); {
	case endsWithDigit(word), unicode.Is(unicode.Sc, r), r == '§', r == '#', r == '+', r == '±':
		return true
	case beforeNumber[stem], months[stem], numbered[stem]:
		return true
	}
	return startsWithCapital(word) && !m.startsSentence(i) && !m.language.capitals[word] // "Windows 95"
}

// isName reports whether word i and the next are parts of a name: both begin
// with a capital.
func (m *marker) isName(i int) bool {
	word, next := trimOpening(m.words[i]), trimOpening(m.wordAt(i+1))
	if !isProper(word) || !isProper(next) || m.language.capitals[word] || m.language.capitals[trimMarks(next)] {
		return false
	}
	lower := strings.ToLower(word)
	return !m.startsSentence(i) || !m.language.dangling[lower] && !m.language.conjunctions[lower] && !m.language.starters[lower]
}

// isParticleName reports whether word i and the next but one are parts of a name with a
// particle between, as in "Ludwig van Beethoven".
func (m *marker) isParticleName(i int) bool {
	return i >= 0 && isProper(trimOpening(m.words[i])) && isProper(m.wordAt(i+2)) && !m.language.capitals[m.words[i]] && !m.out[i].Clause && !m.out[i].Sentence
}

func (m *marker) isParticle(i int) bool { return particles[m.wordAt(i)] }

// isProper reports whether a word has a capital only at its beginning.
func isProper(word string) bool {
	return startsWithCapital(word) && (utf8.RuneCountInString(trimMarks(word)) == 1 || strings.ToUpper(word) != word)
}

func trimMarks(word string) string {
	return strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func startsWithCapital(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(r) || unicode.IsTitle(r)
}

func startsWithDigit(word string) bool {
	r, n := utf8.DecodeRuneInString(word)
	if unicode.Is(unicode.Sc, r) {
		r, _ = utf8.DecodeRuneInString(word[n:])
	}
	return unicode.IsDigit(r)
}

func endsWithDigit(word string) bool {
	r, _ := utf8.DecodeLastRuneInString(word)
	return unicode.IsDigit(r)
}

// isUnit reports whether a word after a number belongs to it.
func isUnit(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	plain := strings.ToLower(strings.TrimRight(trimClosing(word), ".,;:!?"))
	return units[plain] || months[plain] || strings.ContainsRune("%‰°", r) || unicode.Is(unicode.Sc, r) || unicode.Is(unicode.Han, r)
}

var (
	units = setOf("percent prozent hundred thousand million millions billion billions trillion millionen milliarden mio mrd millones mille dollars dollar euros euro cents pounds uhr o'clock a.m p.m am pm " +
		"km m cm mm kg g mg t l ml kb mb gb tb kib mib gib hz khz mhz ghz kw kwh w v ma px pt ms s min h bit bits bytes")
	scales    = setOf("hundred thousand million billion trillion millionen milliarden mio mrd")
	numbered  = setOf("page chapter section part step figure table version number room line seite kapitel abschnitt teil schritt abbildung tabelle nummer raum zeile chapitre partie étape página capítulo parte paso número")
	particles = setOf("van von de del della di da du dos la le bin ibn al el zu zur")
)

// setOf is the set of the words of a text.
func setOf(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(text) {
		out[w] = true
	}
	return out
}
