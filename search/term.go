package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"tidings.example/tidings/search/query"
)

// term is a word or a phrase a query asks for.
type term struct {
	words  []string // folded; several = in just this order
	prefix bool     // the last word may go on
	not    bool     // clips with it are left out
	dense  bool     // holds characters without typos
	typos  []string // words that may stand for it
}

// parseTerms reads the words, "phrases" and -exclusions of a query. What is
// written without a space (don't, v1.60, 会議, a@b.org) is a phrase. The last
// word may go on unless a space follows it: one is still typing. Everything
// else is data; the first ten terms count.
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
			if len(out) < maxTerms && !slices.ContainsFunc(out, t.same) {
				out = append(out, t)
			}
		}
	}

	return out
}

func (t term) same(u term) bool {
	return t.not == u.not && t.prefix == u.prefix && slices.Equal(t.words, u.words)
}

// positive are the terms a clip must have.
func positive(all []term) []term {
	return slices.DeleteFunc(slices.Clone(all), func(t term) bool { return t.not })
}

// negative are the terms a clip must not have.
func negative(all []term) []term {
	return slices.DeleteFunc(slices.Clone(all), func(t term) bool { return !t.not })
}

// matches reports whether tokens starting at i are the term.
func (t *term) matches(tokens []token, i int) bool {
	if i+len(t.words) > len(tokens) || tokens[i].term[0] != t.words[0][0] { // no word is empty; most differ here
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
