package phrases

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// endsSentence reports whether a sentence ends after word i. The signs are those
// of Unicode (property Sentence_Terminal: "?", "。", "؟", "।"), and the rules those
// of its annex 29, which knows neither abbreviations nor ordinals.
func (m *marker) endsSentence(i int) bool {
	word, next := trimClosing(m.words[i]), trimOpening(m.wordAt(i+1))
	end, _ := utf8.DecodeLastRuneInString(word)
	first, _ := utf8.DecodeRuneInString(next)
	quoted := word != m.words[i]

	switch {
	case end != '…' && !unicode.Is(unicode.STerm, end):
		return false
	case m.wordAt(i+1) == "":
		return true
	case quoted && first == 'と': // "…", said she, in Japanese
		return false
	case end == '…' || strings.HasSuffix(word, ".."):
		return !unicode.IsLower(first)
	case end == '?':
		return !quoted || !unicode.IsLower(first)
	case unicode.IsLower(first):
		return false
	}
	return end != '.' || !m.isAbbreviation(trimOpening(word), next)
}

// isAbbreviation reports whether the full stop of a word belongs to the word,
// and not to the end of a sentence, given the word after it.
func (m *marker) isAbbreviation(word, next string) bool {
	stem := strings.ToLower(strings.TrimSuffix(word, "."))
	first, _ := utf8.DecodeRuneInString(next)
	switch {
	case titles[stem] || abbreviations[stem]:
		return true
	case beforeNumber[stem]:
		return unicode.IsDigit(first)
	case isOrdinal(stem):
		return months[bareWord(strings.TrimRight(next, ".,;:!?"))] || m.language.ordinals && !unicode.IsDigit(first)
	}
	return isInitial(word) && word != "I."
}

// isOrdinal reports whether a number may be that of a day or a century.
func isOrdinal(stem string) bool { return len(stem) <= 2 && isNumber(stem) }

func isNumber(text string) bool {
	return text != "" && strings.TrimFunc(text, unicode.IsDigit) == ""
}

// isInitial reports whether a word is a letter and a full stop.
func isInitial(word string) bool {
	r, n := utf8.DecodeRuneInString(word)
	return unicode.IsLetter(r) && word[n:] == "."
}

// titles come before a name.
var titles = setOf("mr mrs ms mx dr prof st rev gen sen rep gov capt lt sgt col hon pres hr fr frl mme mlle sr sra srta dra dipl ing sig dott")

// abbreviations never end a sentence.
var abbreviations = setOf("vs approx ca cf bzw evtl ggf vgl inkl exkl sog bsp zzgl e.g i.e z.b d.h u.a u.s s.o p.ex p.ej viz messrs mio mrd")

// beforeNumber are abbreviations only before a number.
var beforeNumber = setOf("no nr nos fig vol pp p ch sec art eq ver abs kap abb tel núm n")

// months are those of the known languages; German writes a full stop before.
var months = setOf("january february march april may june july august september october november december januar februar märz mai juni juli oktober dezember " +
	"jahrhundert janvier février mars avril juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")
