package search

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"

	"tidings.example/tidings/tidings"
)

// maxMoments is how many places are shown of one clip.
const maxMoments = 3

// Moments are the places in a document that match a query, at most three, the
// best first: those that hold most of its words, then those that hold words the
// ones before do not; the transcript before comments before the title; where the
// words stand closest together before where they are scattered; early before
// late. A moment in the transcript starts with the first word it marks; one in a
// comment at the moment the comment is about; title and description stand at 0,
// as source "title". No two moments are within reach of each other. A word that
// occurs nowhere in the document may be matched by a mistyped one.
func Moments(d tidings.Document, q tidings.Query) []tidings.Moment {
	want := positive(parseTerms(q.Text))
	if len(want) == 0 {
		return nil
	}
	return find(d, q.In, want, spoken(speechOf(d.Transcript)))
}

// find finds the moments of a document; said is what is said in it, nil where
// nobody looks.
func find(d tidings.Document, in []string, want []term, said *speech) (out []tidings.Moment) {
	texts := sources(d, in, said)
	want = forgive(want, texts)
	var all []place
	for i := range texts {
		all = append(all, texts[i].places(want)...)
	}

	var shown uint64
	for len(out) < maxMoments && len(all) > 0 {
		best := all[0]
		for _, p := range all[1:] {
			if p.before(best, shown) {
				best = p
			}
		}

		shown |= best.terms
		out = append(out, best.moment())
		all = slices.DeleteFunc(all, best.touches)
	}

	return out
}

// source is one text of a document in which places are looked for.
type source struct {
	name   string
	text   string
	tokens []token
	rank   int     // order between sources
	pauses []int   // tokens, in order, that a pause stands before
	said   *speech // nil = it was written
	spot   spot    // of what was written
}

// spot is what stands behind a byte of a source.
type spot struct {
	id tidings.ID
	ms int64
	by string // who said or wrote it; "" = nobody knows
}

// looksInto reports whether a query looks into a kind of text.
func looksInto(in []string, name string) bool { return len(in) == 0 || slices.Contains(in, name) }

// sources are the texts of a document that a query looks into.
func sources(d tidings.Document, in []string, said *speech) []*source {
	var out []*source
	add := func(s source) {
		if s.rank = len(out); len(s.tokens) > 0 {
			out = append(out, &s)
		}
	}
	if said != nil && looksInto(in, "transcript") {
		add(source{name: "transcript", text: said.Text, tokens: said.tokens, pauses: said.pauses, said: said})
	}

	if looksInto(in, "comments") {
		for _, c := range d.Comments {
			if c.DeletedAt == nil {
				add(source{name: "comment", text: c.Body, tokens: analyze(c.Body), spot: spot{c.ID, commentMS(d.Comments, c), c.Author.Name}})
			}
		}
	}

	if looksInto(in, "titles") {
		for _, text := range []string{d.Title, d.Description} {
			add(source{name: "title", text: text, tokens: analyze(text), spot: spot{id: d.ClipID}})
		}
	}

	return out
}

// forgive gives every term that is nowhere in the texts the words that may be
// meant by it.
func forgive(want []term, texts []*source) []term {
	want = slices.Clone(want)
	for i := range want {
		t := &want[i]
		m, ok := t.misspelling()
		if !ok || slices.ContainsFunc(texts, func(s *source) bool { return s.has(t) }) {
			continue
		}

		seen := map[string]bool{}
		for _, s := range texts {
			for _, tok := range s.tokens {
				if tok.term[0] != t.words[0][0] || seen[tok.term] || !mayBeMeant(tok) { // the first letter is always right
					continue
				}
				seen[tok.term] = true
				if _, ok := m.of(tok.term); ok {
					t.typos = append(t.typos, tok.term)
				}
			}
		}
	}

	return want
}

func (s *source) has(t *term) bool {
	for i := range s.tokens {
		if t.matches(s.tokens, i) {
			return true
		}
	}
	return false
}

// place is a stretch of a source with matches that fit into one snippet.
type place struct {
	*source
	marks []mark // those within reach of the first
	terms uint64 // bit i: the i-th term is here
	apart int    // tokens, from the start of the first mark to that of the one that completes the terms
}

// mark is a match: tokens [first, last].
type mark struct {
	first, last int
	terms       uint64
}

// reach is how far apart, in bytes, two matches of one place may start.
const reach = 160

// near reports whether two matches fit into one place.
func (s *source) near(a, b int) bool {
	return s.tokens[b].start-s.tokens[a].start <= reach && s.stretch(a) == s.stretch(b)
}

// stretch numbers what is between pauses.
func (s *source) stretch(i int) int { return sort.SearchInts(s.pauses, i+1) }

// places are the places that begin with each of the matches.
func (s *source) places(want []term) []place {
	marks := s.matches(want)
	out := make([]place, len(marks))
	for i, m := range marks {
		p := place{source: s}
		end := i
		for ; end < len(marks) && s.near(m.first, marks[end].first); end++ {
			if more := p.terms | marks[end].terms; more != p.terms {
				p.terms, p.apart = more, marks[end].first-m.first
			}
		}

		p.marks = marks[i:end]
		out[i] = p
	}

	return out
}

// matches are all matches in a source, in order.
func (s *source) matches(want []term) (out []mark) {
	for i := range s.tokens {
		m := mark{first: i, last: i - 1}
		for k := range want {
			t := &want[k]
			if len(t.typos) == 0 && s.tokens[i].term[0] != t.words[0][0] { // as nearly all
				continue
			}

			if n := t.length(s.tokens, i); n > 0 {
				m.terms |= 1 << k
				m.last = max(m.last, i+n-1)
			}
		}

		if m.terms != 0 {
			out = append(out, m)
		}
	}
	return out
}

// touches reports whether two places would show the same words.
func (p place) touches(o place) bool {
	a, b := p.marks[0].first, o.marks[0].first
	return p.source == o.source && p.near(min(a, b), max(a, b))
}

// length is how many tokens from i on are the term, typed right or wrong.
func (t *term) length(tokens []token, i int) int {
	if t.matches(tokens, i) {
		return len(t.words)
	}
	if slices.Contains(t.typos, tokens[i].term) {
		return 1
	}
	return 0
}

// before is the order of moments, given the terms that are shown already.
func (p place) before(o place, shown uint64) bool {
	return cmp.Or(
		cmp.Compare(bits.OnesCount64(o.terms&^shown), bits.OnesCount64(p.terms&^shown)),
		cmp.Compare(bits.OnesCount64(o.terms), bits.OnesCount64(p.terms)),
		cmp.Compare(p.rank, o.rank),
		cmp.Compare(p.apart, o.apart),
		cmp.Compare(p.marks[0].first, o.marks[0].first),
	) < 0
}

func (p place) moment() tidings.Moment {
	at := p.spot
	if p.said != nil {
		at = p.said.at(p.tokens[p.marks[0].first].start)
	}
	return tidings.Moment{Source: p.name, ID: at.id, StartMS: at.ms, By: at.by, Snippet: p.snippet()}
}
