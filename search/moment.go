package search

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"

	"tidings.example/tidings/tidings"
)

// maxMoments is the number of moments returned for one clip.
const maxMoments = 3

// findMoments returns at most three moments of a document, best first: those that
// match most terms, then those that add terms the earlier ones do not have, the
// transcript before comments before the title, matches close together before
// scattered ones, early before late.
//
// A moment in the transcript starts at its first matching word, one in a comment
// at the time the comment is about; title and description are at 0 with source
// "title". Two moments never show the same words. A term that occurs nowhere in
// the document may be matched by a misspelling. transcript is nil where the query
// does not search it.
func findMoments(d tidings.Document, in []string, want []term, transcript *analyzedTranscript) (out []tidings.Moment) {
	texts := documentTexts(d, in, transcript)
	want = expandTypos(want, texts)
	var all []candidate
	for i := range texts {
		all = append(all, texts[i].candidatesOf(want)...)
	}

	var shown uint64
	for len(out) < maxMoments && len(all) > 0 {
		best := all[0]
		for _, p := range all[1:] {
			if p.ranksBefore(best, shown) {
				best = p
			}
		}

		shown |= best.terms
		out = append(out, best.toMoment())
		all = slices.DeleteFunc(all, best.showsSameWords)
	}

	return out
}

// sourceText is one text of a document that is searched for candidates.
type sourceText struct {
	name       string
	text       string
	tokens     []token
	spelled    []spelling          // other spellings of tokens
	rank       int                 // order between texts
	pauses     []int               // ascending indexes of tokens that follow a pause
	transcript *analyzedTranscript // nil = not the transcript
	location   location            // of all text that is not the transcript
}

// location is where a byte of a text is from.
type location struct {
	id      tidings.ID
	ms      int64
	speaker string // or author; "" = unknown
}

// searchesField reports whether a query searches a field.
func searchesField(in []string, name string) bool { return len(in) == 0 || slices.Contains(in, name) }

// documentTexts are the texts of a document that a query searches.
func documentTexts(d tidings.Document, in []string, transcript *analyzedTranscript) []*sourceText {
	var out []*sourceText
	add := func(s sourceText) {
		if s.transcript == nil {
			s.tokens = analyzeText(s.text)
			s.spelled = findSpellings(s.text, s.tokens)
		}

		if s.rank = len(out); len(s.tokens) > 0 {
			out = append(out, &s)
		}
	}
	if transcript != nil && searchesField(in, "transcript") {
		add(sourceText{name: "transcript", text: transcript.Text, tokens: transcript.tokens, spelled: transcript.spelled, pauses: transcript.pauses, transcript: transcript})
	}

	if searchesField(in, "comments") {
		for _, c := range d.Comments {
			if c.DeletedAt == nil {
				add(sourceText{name: "comment", text: c.Body, location: location{c.ID, commentMS(d.Comments, c), c.Author.Name}})
			}
		}
	}

	if searchesField(in, "titles") {
		for _, text := range []string{d.Title, d.Description} {
			add(sourceText{name: "title", text: text, location: location{id: d.ClipID}})
		}
	}

	return out
}

// expandTypos gives each term that occurs nowhere in the texts the words of the
// texts that it may be a misspelling of.
func expandTypos(want []term, texts []*sourceText) []term {
	want = slices.Clone(want)
	for i := range want {
		t := &want[i]
		m, ok := t.typoPattern()
		if len(t.fallback) == 0 && !ok || slices.ContainsFunc(texts, func(s *sourceText) bool { return s.containsTerm(t) }) {
			continue
		}

		if len(t.fallback) > 0 {
			t.typos = t.fallback
			continue
		}

		seen := map[string]bool{}
		for _, s := range texts {
			for _, tok := range s.tokens {
				if tok.term[0] != t.words[0][0] || seen[tok.term] || !inVocabulary(tok) { // typos never change the first letter
					continue
				}
				seen[tok.term] = true
				if _, ok := m.typosIn(tok.term); ok {
					t.typos = append(t.typos, tok.term)
				}
			}
		}
	}

	return want
}

func (s *sourceText) containsTerm(t *term) bool {
	for i := range s.tokens {
		if t.matchLength(s.tokens, i) > 0 {
			return true
		}
	}
	return slices.ContainsFunc(s.spelled, func(o spelling) bool { return t.matchesForm(o.form) })
}

// candidate is a possible moment: matches of a text that fit into one snippet.
type candidate struct {
	*sourceText
	termMatches []termMatch // at most reach bytes after the first
	terms       uint64      // bit i: the i-th term matches here
	spread      int         // tokens from the first match to the one that completes the terms
}

// termMatch is a match of tokens [first, last].
type termMatch struct {
	first, last int
	terms       uint64
}

// reach is the largest distance in bytes between the starts of two matches of one
// candidate.
const reach = 160

// sameCandidate reports whether the matches at two tokens fit into one candidate.
func (s *sourceText) sameCandidate(a, b int) bool {
	return s.tokens[b].start-s.tokens[a].start <= reach && s.pauseGroup(a) == s.pauseGroup(b)
}

// pauseGroup is the number of pauses before a token.
func (s *sourceText) pauseGroup(i int) int { return sort.SearchInts(s.pauses, i+1) }

// candidatesOf returns one candidate for each match, which it begins with.
func (s *sourceText) candidatesOf(want []term) []candidate {
	matches := s.findMatches(want)
	out := make([]candidate, len(matches))
	for i, m := range matches {
		p := candidate{sourceText: s}
		end := i
		for ; end < len(matches) && s.sameCandidate(m.first, matches[end].first); end++ {
			if more := p.terms | matches[end].terms; more != p.terms {
				p.terms, p.spread = more, matches[end].first-m.first
			}
		}

		p.termMatches = matches[i:end]
		out[i] = p
	}

	return out
}

// findMatches returns all matches in a text, in order.
func (s *sourceText) findMatches(want []term) (out []termMatch) {
	for i := range s.tokens {
		m := termMatch{first: i, last: i - 1}
		for k := range want {
			t := &want[k]
			if len(t.typos) == 0 && len(t.joined) == 0 && s.tokens[i].term[0] != t.words[0][0] { // most tokens
				continue
			}

			if n := t.matchLength(s.tokens, i); n > 0 {
				m.terms |= 1 << k
				m.last = max(m.last, i+n-1)
			}
		}

		if m.terms != 0 {
			out = append(out, m)
		}
	}

	return s.addSpelledMatches(out, want)
}

// addSpelledMatches adds the matches of other spellings to those of tokens.
func (s *sourceText) addSpelledMatches(matches []termMatch, want []term) []termMatch {
	for _, o := range s.spelled {
		m := termMatch{first: o.first, last: o.last}
		for k := range want {
			if want[k].matchesForm(o.form) {
				m.terms |= 1 << k
			}
		}

		if m.terms == 0 {
			continue
		}

		i, found := slices.BinarySearchFunc(matches, m.first, func(m termMatch, first int) int { return cmp.Compare(m.first, first) })
		if found {
			matches[i].terms |= m.terms
			matches[i].last = max(matches[i].last, m.last)
		} else {
			matches = slices.Insert(matches, i, m)
		}
	}
	return matches
}

// showsSameWords reports whether two candidates would show the same words.
func (p candidate) showsSameWords(o candidate) bool {
	a, b := p.termMatches[0].first, o.termMatches[0].first
	return p.sourceText == o.sourceText && p.sameCandidate(min(a, b), max(a, b))
}

// matchLength is the number of tokens from i on that match the term or one of its
// misspellings; 0 = none.
func (t *term) matchLength(tokens []token, i int) int {
	if t.matchesAt(tokens, i) {
		return len(t.words)
	}
	if len(t.joined)+len(t.typos) > 0 && t.matchesForm(tokens[i].term) {
		return 1
	}
	return 0
}

// ranksBefore is the order of candidates, given the terms that are shown already.
func (p candidate) ranksBefore(o candidate, shown uint64) bool {
	return cmp.Or(
		cmp.Compare(bits.OnesCount64(o.terms&^shown), bits.OnesCount64(p.terms&^shown)),
		cmp.Compare(bits.OnesCount64(o.terms), bits.OnesCount64(p.terms)),
		cmp.Compare(p.rank, o.rank),
		cmp.Compare(p.spread, o.spread),
		cmp.Compare(p.termMatches[0].first, o.termMatches[0].first),
	) < 0
}

func (p candidate) toMoment() tidings.Moment {
	at := p.location
	if p.transcript != nil {
		at = p.transcript.locateByte(p.tokens[p.termMatches[0].first].start)
	}
	return tidings.Moment{Source: p.name, ID: at.id, StartMS: at.ms, By: at.speaker, Snippet: p.renderSnippet()}
}
