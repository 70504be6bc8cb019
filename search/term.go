package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"tidings.example/tidings/search/query"
)

// term is a word or phrase of a query.
type term struct {
	words  []string // folded; several words are a phrase
	prefix bool     // the last word may be incomplete
	not    bool     // an exclusion
	dense  bool     // has characters of a script without spaces; no typos
	typos  []string // words it may be a misspelling of

	joined   []string // other spellings of all its words as one
	fallback []string // what is searched when too little has the symbols of the word: c for C++
}

// parseTerms reads the words, "phrases" and -exclusions of a query. What is
// written without a space (don't, v1.60, 会議, a@b.org) is a phrase. The last
// word may be incomplete unless a space follows it. Everything else is data; only
// the first ten terms count.
func parseTerms(text string) []term {
	var out []term
	budget := maxTokens
	for _, p := range query.SplitPieces(percentGap.ReplaceAllString(text, "$1$2")) {
		for _, chunk := range p.SplitTerms() {
			t := term{not: p.Not}
			tokens := analyzeText(chunk)
			for _, tok := range tokens {
				if budget--; budget < 0 {
					break
				}
				t.words = append(t.words, tok.term)
				t.dense = t.dense || tok.dense
			}

			if len(t.words) == 0 {
				continue
			}

			if len(t.words) == len(tokens) {
				t.addSpellings(findSpellings(chunk, tokens))
			}

			last := t.words[len(t.words)-1]
			t.prefix = p.Open && !t.not && utf8.RuneCountInString(last) >= 2 && strings.HasSuffix(p.Text, chunk)
			if len(out) < maxTerms && !slices.ContainsFunc(out, t.equalTerm) {
				out = append(out, t)
			}
		}
	}

	return out
}

// addSpellings adds the other spellings of the term. A symbol counts: its word is
// searched without it only when little else is found. Words written with an
// apostrophe are found with any, but not without; 512MB is not found by mb.
func (t *term) addSpellings(all []spelling) {
	for _, s := range all {
		switch {
		case s.first > 0 || s.last < len(t.words)-1 || s.elided || s.part:
		case !s.symbol:
			t.joined = append(t.joined, s.form)
		case len(t.words) == 1:
			t.words, t.fallback, t.joined = []string{s.form}, t.words, nil
			return
		default:
			t.words, t.fallback, t.joined = []string{s.form}, t.joined, nil
			return
		}
	}
}

func (t term) equalTerm(u term) bool {
	return t.not == u.not && t.prefix == u.prefix && slices.Equal(t.words, u.words)
}

// requiredTerms are the terms a clip must match.
func requiredTerms(all []term) []term {
	return slices.DeleteFunc(slices.Clone(all), func(t term) bool { return t.not })
}

// excludedTerms are the terms a clip must not match.
func excludedTerms(all []term) []term {
	return slices.DeleteFunc(slices.Clone(all), func(t term) bool { return !t.not })
}

// matchesForm reports whether one word, or one spelling of several, is the term.
func (t *term) matchesForm(form string) bool {
	is := func(w string) bool { return form == w || t.prefix && strings.HasPrefix(form, w) }
	return len(t.words) == 1 && is(t.words[0]) || slices.ContainsFunc(t.joined, is) || slices.Contains(t.typos, form)
}

// matchesAt reports whether the tokens from i on match the term.
func (t *term) matchesAt(tokens []token, i int) bool {
	if i+len(t.words) > len(tokens) || tokens[i].term[0] != t.words[0][0] { // no word is empty; most tokens fail here
		return false
	}

	last := len(t.words) - 1
	for j, w := range t.words {
		got := tokens[i+j].term
		if got != w && !(j == last && t.prefix && strings.HasPrefix(got, w)) {
			return false
		}
	}

	return true
}
