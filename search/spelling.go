package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings.example/tidings/search/fold"
)

// spelling is another form of the tokens from first to last, in which people
// write the same word: email for e-mail, 1500 for 1,500, cplusplus for C++. It is
// indexed behind the text, and searched beside the tokens.
type spelling struct {
	first, last int
	form        string
	symbol      bool // has a symbol that the tokens lack: C++, not C
	elided      bool // is joined at apostrophes alone
	part        bool // is a part of the token: 512 and mb of 512MB
}

// maxRun is the largest number of tokens that are written as one word.
const maxRun = 8

// findSpellings returns the other spellings of the words of a text, in order.
func findSpellings(text string, tokens []token) (out []spelling) {
	for i := 0; i < len(tokens); i++ {
		if tokens[i].dense {
			continue
		}

		end := i
		for end+1 < len(tokens) && end+1-i < maxRun && !tokens[end+1].dense && isJoiner(gapBetween(text, tokens, end), tokens[end], tokens[end+1]) {
			end++
		}

		out = appendRun(out, text, tokens, i, end)
		i = end
	}
	return out
}

// gapBetween is the character between a token and the next one; 0 = there is
// none, or more than one.
func gapBetween(text string, tokens []token, i int) rune {
	gap := text[tokens[i].end:tokens[i+1].start]
	if len(gap) == 0 || len(gap) > utf8.UTFMax {
		return 0
	}
	if r, n := utf8.DecodeRuneInString(gap); n == len(gap) {
		return r
	}
	return 0
}

// isJoiner reports whether a character between two tokens joins them to a word or
// a number.
func isJoiner(r rune, before, after token) bool {
	switch {
	case r == 0:
		return false
	case r == ',' || isNumberSpace(r) && len(after.term) == 3:
		return isDigits(versionNumber(before.term)) && isDigits(after.term)
	case r == '.':
		return isDigits(versionNumber(before.term)) && isDigits(after.term) || isLetters(before.term) && isLetters(after.term)
	case r == '×':
		return isDigits(before.term) && isDigits(after.term)
	}
	return isUnitGap(r, before, after) || fold.IsApostrophe(r) || fold.IsHyphen(r)
}

// appendRun adds the spellings of the tokens from first to last, which joiners
// connect.
func appendRun(out []spelling, text string, tokens []token, first, last int) []spelling {
	add := func(from, to int, form string, symbol, elided bool) {
		if form != "" && len(form) <= maxWord && (from < to || form != tokens[from].term) {
			out = append(out, spelling{first: from, last: to, form: form, symbol: symbol, elided: elided})
		}
	}
	if first == last {
		add(first, first, withoutArticle(tokens[first].term), false, false)
		for _, part := range splitUnit(tokens[first].term) {
			out = append(out, spelling{first: first, last: first, form: part, part: true})
		}
	}
	if first < last && isUnitGap(gapBetween(text, tokens, last-1), tokens[last-1], tokens[last]) {
		out = appendRun(out, text, tokens, first, last-1)
		add(first, last, withUnit(text, tokens[first:last+1]), false, false)
		return out
	}

	number := joinNumber(text, tokens[first:last+1], false)
	if number == "" {
		addJoined(text, tokens, first, last, add)
		addNumbers(text, tokens, first, last, add)
	} else if first < last {
		addNumber(text, tokens, first, last, add)
	}

	switch {
	case number != "" && percentSign.MatchString(text[tokens[last].end:]):
		add(first, last, number+"percent", true, false)
	case number == "":
		add(last, last, withSymbol(text, tokens[last]), true, false)
	}

	return out
}

type addSpelling func(from, to int, form string, symbol, elided bool)

// addJoined adds a run of words written as one, and each two neighbours of it.
func addJoined(text string, tokens []token, first, last int, add addSpelling) {
	for i := first; i < last; i++ {
		if pair := tokens[i].term + tokens[i+1].term; last-first > 1 {
			add(i, i+1, pair, false, fold.IsApostrophe(gapBetween(text, tokens, i)))
		}
	}
	if first == last {
		return
	}

	form, elided := tokens[first].term, true
	for i := first; i < last; i++ {
		form += tokens[i+1].term
		elided = elided && fold.IsApostrophe(gapBetween(text, tokens, i))
	}
	add(first, last, form, false, elided)
}

// withSymbol is a word with the symbols at its side that belong to its name,
// written out: cplusplus, csharp, dotnet; "" if there are none.
func withSymbol(text string, t token) string {
	behind := text[t.end:]
	before, _ := utf8.DecodeLastRuneInString(strings.TrimSuffix(text[:t.start], "."))
	atStart := t.start == 1 || unicode.IsSpace(before)
	switch first, _ := utf8.DecodeRuneInString(t.term); {
	case !unicode.IsLetter(first):
		return ""
	case hasSymbol(behind, "++"):
		return t.term + "plusplus"
	case hasSymbol(behind, "+"):
		return t.term + "plus"
	case hasSymbol(behind, "#"):
		return t.term + "sharp"
	case atStart && strings.HasSuffix(text[:t.start], "."):
		return "dot" + t.term
	}
	return ""
}

// hasSymbol reports whether a text begins with a symbol that no letter, digit or
// further symbol follows.
func hasSymbol(text, symbol string) bool {
	rest, ok := strings.CutPrefix(text, symbol)
	next, _ := utf8.DecodeRuneInString(rest)
	return ok && !unicode.IsLetter(next) && !unicode.IsNumber(next) && next != '+' && next != '#'
}

// withoutArticle is an Arabic word without its article and the conjunction or
// preposition before it; "" if it has none.
func withoutArticle(word string) string {
	for _, article := range []string{"ال", "وال", "بال", "كال", "فال", "لل"} {
		if rest, ok := strings.CutPrefix(word, article); ok && utf8.RuneCountInString(rest) >= 3 {
			return rest
		}
	}
	return ""
}

// textEnd separates a text from the spellings behind it, so that no phrase goes
// across. It is a private-use character, which no analyzed text contains.
const textEnd = "\ue0fe"

// indexedText is an analyzed text and its other spellings as they are indexed.
func indexedText(text string, tokens []token) string {
	var b strings.Builder
	b.WriteString(joinTokens(tokens))
	for _, s := range findSpellings(text, tokens) {
		b.WriteString(" " + textEnd + " " + s.form)
	}
	return b.String()
}
