package fakemeili

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is a word of a text with its position.
type word struct {
	text     string
	position int
}

// splitWords splits a text into lower-case words. Punctuation that ends a
// sentence or clause adds a gap of eight positions.
func splitWords(text string) (out []word) {
	var b strings.Builder
	position := 0
	flush := func() {
		if b.Len() > 0 {
			out = append(out, word{strings.ToLower(b.String()), position})
			position++
			b.Reset()
		}
	}
	for _, r := range text {
		if isWord(r) {
			b.WriteRune(r)
			continue
		}

		flush()

		if strings.ContainsRune(".,;:!?()[]{}。、", r) {
			position += 8
		}
	}

	flush()
	return out
}

func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r) || unicode.Is(unicode.Cf, r)
}

// term is a word or a phrase of a query.
type term struct {
	words  []string
	phrase bool
	prefix bool
}

// maxWords is the number of words and phrases of a query that count.
const maxWords = 10

// parseQuery reads Meilisearch's query language: words, "phrases", -exclusions.
// The last word is a prefix unless something follows it.
func parseQuery(q string) (want, not []term) {
	for rest := q; rest != ""; {
		negative := strings.HasPrefix(rest, "-")
		if negative {
			rest = rest[1:]
		}

		if strings.HasPrefix(rest, `"`) {
			var inside string
			inside, rest, _ = strings.Cut(rest[1:], `"`)
			want, not = addTerm(want, not, negative, term{words: wordTexts(splitWords(inside)), phrase: true})
			continue
		}

		end := strings.IndexFunc(rest, func(r rune) bool { return r == '"' || unicode.IsSpace(r) })
		last := end < 0
		if last {
			end = len(rest)
		}

		words := wordTexts(splitWords(rest[:end]))
		for i, w := range words {
			want, not = addTerm(want, not, negative, term{words: []string{w}, prefix: last && i == len(words)-1 && !negative})
		}

		rest = strings.TrimLeftFunc(rest[end:], unicode.IsSpace)
	}
	return want[:min(len(want), maxWords)], not
}

func wordTexts(words []word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.text
	}
	return out
}

func addTerm(want, not []term, negative bool, t term) ([]term, []term) {
	switch {
	case len(t.words) == 0:
	case negative:
		t.phrase = true // no typos
		not = append(not, t)
	default:
		want = append(want, t)
	}
	return want, not
}

// match is an occurrence of a term in a document.
type match struct {
	typos     int
	attribute int // rank of the attribute
	position  int // of its first word
	exact     bool
}

// findMatches returns the occurrences of a term in the words of an attribute.
func (st *settings) findMatches(t term, words []word, attribute int) (out []match) {
	if t.phrase {
		for i := range words {
			if isPhraseAt(words[i:], t.words) {
				out = append(out, match{attribute: attribute, position: words[i].position, exact: true})
			}
		}
		return out
	}

	q := t.words[0]
	budget := st.typoBudget(q)
	for i, w := range words {
		if n, ok := typosOf(q, w.text, t.prefix, budget); ok {
			out = append(out, match{typos: n, attribute: attribute, position: w.position, exact: w.text == q})
		}
		if budget > 0 && i > 0 && words[i-1].position+1 == w.position && words[i-1].text+w.text == q { // roll back for rollback
			out = append(out, match{typos: 1, attribute: attribute, position: words[i-1].position})
		}
	}

	return out
}

// isPhraseAt reports whether words begin with a phrase, without a gap.
func isPhraseAt(words []word, phrase []string) bool {
	if len(words) < len(phrase) {
		return false
	}
	for i, p := range phrase {
		if words[i].text != p || words[i].position != words[0].position+i {
			return false
		}
	}
	return true
}

// typoBudget is the number of typos allowed in a word.
func (st *settings) typoBudget(q string) int {
	tt := st.TypoTolerance
	if tt == nil || !tt.Enabled || slices.Contains(tt.DisableOnWords, q) {
		return 0
	}
	if tt.DisableOnNumbers && strings.IndexFunc(q, func(r rune) bool { return !unicode.IsNumber(r) }) < 0 {
		return 0
	}

	switch n := utf8.RuneCountInString(q); {
	case n >= tt.MinWordSizeForTypos.TwoTypos:
		return 2
	case n >= tt.MinWordSizeForTypos.OneTypo:
		return 1
	}

	return 0
}

// typosOf counts the typos between a word of a query and one of a text: a wrong
// first letter counts two. A prefix is compared with every beginning.
func typosOf(q, w string, prefix bool, budget int) (int, bool) {
	if q == w || prefix && strings.HasPrefix(w, q) {
		return 0, true
	}
	if budget == 0 {
		return 0, false
	}

	a, b := []rune(q), []rune(w)
	best := countTypos(a, b)
	for n := len(a) - budget; prefix && n <= len(a)+budget; n++ {
		if n > 0 && n < len(b) {
			best = min(best, countTypos(a, b[:n]))
		}
	}

	return best, best <= budget
}

func countTypos(a, b []rune) int {
	n := editDistance(a, b)
	if a[0] != b[0] {
		n++
	}
	return n
}

// editDistance is the optimal string alignment distance, computed with the whole
// table.
func editDistance(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}

	for j := range d[0] {
		d[0][j] = j
	}

	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}

			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}

	return d[len(a)][len(b)]
}
