package search

import (
	"slices"
	"strings"
	"unicode/utf8"
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
	for _, p := range pieces(text) {
		for _, chunk := range p.chunks() {
			t := term{not: p.not}
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
			t.prefix = p.open && !t.not && utf8.RuneCountInString(last) >= 2 && strings.HasSuffix(p.text, chunk)
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

// piece is a stretch of a query between spaces: a word, a "phrase", a filter.
type piece struct {
	not    bool   // a minus stood before it
	text   string // without minus and quotes
	raw    string // as written
	at     int    // where it begins in the text, in bytes
	quoted bool
	open   bool // nothing follows, not even a space or a closing quote
}

// chunks are the parts of a piece that are looked for on their own.
func (p piece) chunks() []string {
	if p.quoted {
		return []string{p.text}
	}
	return strings.FieldsFunc(p.text, func(r rune) bool { return strings.ContainsRune(`,;()[]{}<>|!?"*`, r) })
}

// pieces cuts a query up. A quote that is never closed ends with the text; a
// quote right behind a colon belongs to the word before it: from:"Ana Maria".
func pieces(text string) []piece {
	text = plainQuotes(text)
	var out []piece
	whole := len(text)
	for text != "" {
		text = strings.TrimLeft(text, whitespace)
		if text == "" {
			break
		}

		var p piece
		at := whole - len(text)
		if p, text = nextPiece(text); p.text != "" {
			p.at = at
			out = append(out, p)
		}
	}

	return out
}

const whitespace = " \t\r\n\v\f\u0085\u00a0\u2028\u2029\u3000"

func nextPiece(text string) (piece, string) {
	p := piece{}
	rest := text
	if len(rest) > 1 && rest[0] == '-' && !strings.ContainsRune(whitespace, rune(rest[1])) {
		p.not, rest = true, rest[1:]
	}

	if rest[0] == '"' {
		p.quoted = true
		var closed bool
		p.text, rest, closed = strings.Cut(rest[1:], `"`)
		p.open = !closed
		p.raw = text[:len(text)-len(rest)]
		return p, rest
	}

	end := strings.IndexAny(rest, whitespace)
	if quote := strings.Index(rest, `:"`); quote >= 0 && (end < 0 || quote < end) {
		end = -1
		if n := strings.IndexByte(rest[quote+2:], '"'); n >= 0 {
			end = quote + 2 + n + 1
		}
	}

	if end < 0 {
		end, p.open = len(rest), true
	}

	p.text, rest = rest[:end], rest[end:]
	p.raw = text[:len(text)-len(rest)]
	return p, rest
}

// plainQuotes bounds the text and takes the quotes of phones and of other
// languages for plain ones.
func plainQuotes(text string) string {
	if len(text) > maxQuery {
		text = text[:maxQuery]
	}
	return strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`).Replace(strings.ToValidUTF8(text, ""))
}
