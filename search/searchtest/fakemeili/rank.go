package fakemeili

import (
	"slices"
	"strings"
)

// ranked is a matching document with the values that ranking rules compare.
type ranked struct {
	id     string
	doc    *stored
	score  float64  // of the rules about words, 1 = best, times the query's weight
	sort   []string // asked for
	custom []string // rules such as created_at:desc
	first  bool     // sort is the first rule
	query  int
	index  string
}

// base is one more than the highest count of a rule.
const base = 1000

// scoreDocument matches a query against a document and scores it.
func (st *settings) scoreDocument(d *stored, want []term, columns []string) (score float64, ok bool) {
	var all [][]match
	for n, t := range want {
		var found []match
		for i, name := range columns {
			found = append(found, st.findMatches(t, d.words[name], i)...)
			for _, j := range joinWords(want, n) {
				for _, m := range st.findMatches(j, d.words[name], i) {
					found = append(found, match{typos: m.typos + 1, attribute: i, position: m.position})
				}
			}
		}

		if len(found) == 0 {
			return 0, false
		}

		all = append(all, found)
	}

	counts := map[string]int{"typo": 0, "proximity": sumProximity(all)}
	for _, found := range all {
		counts["typo"] += leastBy(found, func(m match) int { return m.typos })
		counts["attributeRank"] += leastBy(found, func(m match) int { return m.attribute })
		counts["wordPosition"] += leastBy(found, func(m match) int { return min(m.position, 99) })
		if !slices.ContainsFunc(found, func(m match) bool { return m.exact }) {
			counts["exactness"]++
		}
	}

	score, worth := 1.0, 1.0
	for _, rule := range st.RankingRules {
		if n, ok := counts[rule]; ok {
			worth /= base
			score -= float64(min(n, base-1)) * worth
		}
	}

	return score, true
}

// joinWords are the words that a word of a query forms with its neighbours:
// kubernetes for kuber netes, which counts as a typo.
func joinWords(want []term, n int) (out []term) {
	for _, i := range []int{n - 1, n} {
		if i >= 0 && i+1 < len(want) && !want[i].phrase && !want[i+1].phrase {
			out = append(out, term{words: []string{want[i].words[0] + want[i+1].words[0]}, prefix: want[i+1].prefix})
		}
	}
	return out
}

func leastBy(all []match, of func(match) int) int {
	n := base
	for _, m := range all {
		n = min(n, of(m))
	}
	return n
}

// sumProximity adds the distances between neighbouring terms, at most eight
// each.
func sumProximity(all [][]match) (sum int) {
	for i := 1; i < len(all); i++ {
		best := 8
		for _, a := range all[i-1] {
			for _, b := range all[i] {
				if a.attribute == b.attribute && b.position != a.position {
					best = min(best, max(b.position-a.position, a.position-b.position+1))
				}
			}
		}

		sum += best
	}
	return sum
}

// compareRanked is the order of hits.
func compareRanked(a, b ranked) int {
	if a.first {
		if n := compareBy(a.sort, a.doc.fields, b.doc.fields); n != 0 {
			return n
		}
	}

	switch {
	case a.score > b.score:
		return -1
	case a.score < b.score:
		return 1
	}

	if n := compareBy(a.sort, a.doc.fields, b.doc.fields); n != 0 {
		return n
	}
	if n := compareBy(a.custom, a.doc.fields, b.doc.fields); n != 0 {
		return n
	}

	return strings.Compare(a.index+a.id, b.index+b.id)
}
