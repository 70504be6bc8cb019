package search

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
)

// Search implements Engine. Misspellings are expanded only if fewer than five
// clips match exactly; what they match comes after those.
func (e *Embedded) Search(ctx context.Context, q tidings.Query) ([]tidings.Hit, bool, error) {
	if err := checkQuery(q); err != nil {
		return nil, false, err
	}

	e.mu.RLock()
	gen := e.generation
	found, err := queryReader{ctx: ctx, db: e.r, q: q}.findClips()
	e.mu.RUnlock()
	if err != nil {
		return nil, false, e.replaceDamaged(ctx, gen, err)
	}

	hits, more := pageHits(found, q)
	return hits, more, nil
}

// queryReader answers one query.
type queryReader struct {
	ctx context.Context
	db  *sql.DB
	q   tidings.Query
}

// findClips returns the matching clips from the first one to one after the page,
// so that all pages are cut from the same order.
func (r queryReader) findClips() ([]tidings.ID, error) {
	want := parseTerms(r.q.Text)
	if len(want) == 0 && strings.TrimSpace(r.q.Text) != "" {
		return nil, nil // no letter and no digit
	}

	exact, err := r.findTerms(want)
	if err != nil || len(exact) >= enoughExactHits {
		return exact, err
	}

	more, err := r.expandTypos(want)
	if err != nil || !more {
		return exact, err
	}

	loose, err := r.findTerms(want)
	if r.q.Newest {
		return loose, err // includes the exact matches
	}

	for _, id := range loose {
		if !slices.Contains(exact, id) {
			exact = append(exact, id)
		}
	}

	return exact, err
}

// findTerms returns the clips that match some terms, in order, at least as many
// as the page needs.
func (r queryReader) findTerms(want []term) ([]tidings.ID, error) {
	where, args := r.filterCondition()
	ws, err := r.workspacePrefix()
	if err != nil {
		return nil, err
	}

	if none := excludedTerms(want); len(none) > 0 && ws != "" {
		where += " AND c.id NOT IN (SELECT rowid >> 6 FROM fts WHERE fts MATCH ?)"
		args = append(args, ftsAny(ws, none, r.q.In))
	}

	wanted := requiredTerms(want)
	switch {
	case len(wanted) == 0:
		return queryAll(r.ctx, r.db, func(rows *sql.Rows) (id tidings.ID, err error) { return id, rows.Scan(&id) },
			"SELECT clip FROM clip c WHERE "+where+" ORDER BY created_ms DESC, clip DESC LIMIT ?", append(args, r.clipLimit())...)
	case ws == "": // nothing of this workspace is indexed
		return nil, nil
	case r.q.Newest:
		return r.listByTier([]string{ftsAll(ws, wanted, r.q.In)}, rankedChunks, where, args)
	case !slices.ContainsFunc(wanted, func(t term) bool { return len(t.words) == 1 }):
		return r.listByTier(r.tierQueries(ws, wanted), listedChunks, where, args) // phrases are ordered by tiers only
	}

	chunks, err := r.matchingChunks(ftsAll(ws, wanted, r.q.In))
	if err != nil {
		return nil, err
	}
	if len(chunks) > rankedChunks {
		return r.listByTier(r.tierQueries(ws, wanted), listedChunks, where, args)
	}

	return r.rankChunks(ws, wanted, chunks, where, args)
}

// workspacePrefix is the prefix of all indexed words of the workspace; "" if none
// are indexed.
func (r queryReader) workspacePrefix() (string, error) {
	n, err := queryAll(r.ctx, r.db, func(rows *sql.Rows) (n int64, err error) { return n, rows.Scan(&n) },
		"SELECT id FROM workspace WHERE ws = ?", string(r.q.WorkspaceID))
	if err != nil || len(n) == 0 {
		return "", err
	}
	return wordPrefix(n[0]), nil
}

// clipLimit is the number of clips the page needs, and one more to know whether
// there is a next page.
func (r queryReader) clipLimit() int {
	offset, limit := pageBounds(r.q)
	return max(enoughExactHits, offset+limit+1)
}

const maxTypos = 24 // suggestions for one word

// expandTypos sets the suggestions for terms that may be misspelled and reports
// whether there are any.
func (r queryReader) expandTypos(want []term) (any bool, err error) {
	for i := range want {
		t := &want[i]
		if len(t.fallback) > 0 && !t.not {
			t.typos, any = t.fallback, true
			continue
		}

		m, ok := t.typoPattern()
		if !ok {
			continue
		}
		if t.typos, err = r.suggestWords(m); err != nil {
			return false, err
		}

		any = any || len(t.typos) > 0
	}
	return any, nil
}

// suggestWords returns the words of the workspace that a misspelled word may be, fewest
// typos first, then the most frequent.
func (r queryReader) suggestWords(m typoPattern) ([]string, error) {
	type candidate struct {
		word     string
		n, typos int
	}

	longest := len(m.letters) + m.limit
	if m.prefix {
		longest = maxWord // no word is longer
	}

	all, err := queryAll(r.ctx, r.db, func(rows *sql.Rows) (c candidate, err error) { return c, rows.Scan(&c.word, &c.n) },
		"SELECT word, n FROM vocabulary WHERE ws = ? AND word >= ? AND word < ? AND length(word) BETWEEN ? AND ?",
		string(r.q.WorkspaceID), string(m.letters[0]), string(m.letters[0]+1), len(m.letters)-m.limit, longest)
	if err != nil {
		return nil, err
	}

	all = slices.DeleteFunc(all, func(c candidate) bool { return c.word == string(m.letters) })
	var near []candidate
	for _, c := range all {
		var ok bool
		if c.typos, ok = m.typosIn(c.word); ok {
			near = append(near, c)
		}
	}

	slices.SortFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.typos, b.typos), cmp.Compare(b.n, a.n), strings.Compare(a.word, b.word))
	})
	out := make([]string, min(maxTypos, len(near)))
	for i := range out {
		out[i] = near[i].word
	}

	return out, nil
}
