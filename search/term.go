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
}

// parseTerms reads the words, "phrases" and -exclusions of a query. What is
// written without a space (don't, v1.60, 会議, a@b.org) is a phrase. The last
// word may be incomplete unless a space follows it. Everything else is data; only
// the first ten terms count.
func parseTerms(text string) []term {
	var out []term
	budget := maxTokens
	for _, p := range query.SplitPieces(text) {
		for _, chunk := range p.SplitTerms() {
			t := term{not: p.Not}
			for _, tok := range analyze(chunk) {
				if budget--; budget < 0 {
					break
				}
				t.words = append(t.words, tok.term)
				t.dense = t.dense || tok.dense
			}

			if len(t.words) == 0 {
				continue
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
