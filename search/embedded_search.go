package search

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"unicode/utf8"

	"tidings"
)

// Search implements Engine. Typos are looked for only when fewer than five
// clips match exactly, and what they find stands behind those.
func (e *Embedded) Search(ctx context.Context, q tidings.Query) ([]tidings.Hit, bool, error) {
	if err := checkQuery(q); err != nil {
		return nil, false, err
	}
	e.mu.RLock()
	gen := e.gen
	found, err := reader{ctx: ctx, db: e.r, q: q}.all()
	e.mu.RUnlock()
	if err != nil {
		return nil, false, e.mend(ctx, gen, err)
	}
	offset, limit := paging(q)
	from, to := min(offset, len(found)), min(offset+limit, len(found))
	hits := make([]tidings.Hit, to-from)
	for i, clip := range found[from:to] {
		hits[i].ClipID = clip
	}
	return hits, to < len(found), nil
}

// reader answers one query.
type reader struct {
	ctx context.Context
	db  *sql.DB
	q   tidings.Query
}

// all finds what matches from the first clip to one behind the page, so that
// every page is cut from the same order.
func (r reader) all() ([]tidings.ID, error) {
	want := parseTerms(r.q.Text)
	if len(want) == 0 && strings.TrimSpace(r.q.Text) != "" {
		return nil, nil // no letter and no digit in it
	}
	exact, err := r.find(want)
	if err != nil || len(exact) >= typoEnough {
		return exact, err
	}
	more, err := r.withTypos(want)
	if err != nil || !more {
		return exact, err
	}
	loose, err := r.find(want)
	if r.q.Newest {
		return loose, err // the exact ones are among them
	}
	for _, id := range loose {
		if !slices.Contains(exact, id) {
			exact = append(exact, id)
		}
	}
	return exact, err
}

// recency is how many points of rank a day is worth: a year makes up for a
// fifth of a point. It counts from a fixed day, so pages keep their order.
const recency = 0.0005

// rankedParts is how many parts of clips are weighed against each other. What
// more parts match than that is said nearly everywhere: its rarity, and so its
// weight, is nothing, and counting how often each says it takes longer than
// anybody waits. Then the newest of them are listed, those with the words in
// their title first. It is more than can be paged through.
const rankedParts = 1500

// find runs MATCH first and looks each match's clip up behind it (CROSS JOIN
// fixes that order): the other way round SQLite would run MATCH once for every
// clip the caller may find.
func (r reader) find(want []term) ([]tidings.ID, error) {
	where, args := r.filters()
	if none := r.expression(want, r.q.In, true); none != "" {
		where += " AND c.id NOT IN (SELECT rowid >> 6 FROM fts WHERE fts MATCH ?)"
		args = append(args, none)
	}
	wanted := r.expression(want, r.q.In, false)
	if wanted == "" {
		return collect(r.ctx, r.db, func(rows *sql.Rows) (id tidings.ID, err error) { return id, rows.Scan(&id) },
			"SELECT clip FROM clip c WHERE "+where+" ORDER BY created_ms DESC, clip DESC LIMIT ?", append(args, r.enough())...)
	}
	// A lone word is often one that is said everywhere: it is weighed when it
	// turns out to be rare. Several together are dearer to find than to weigh.
	all := positive(want)
	weigh := !r.q.Newest && (len(all) > 1 || len(all[0].words) > 1)
	found, rare, err := r.newest(wanted, weigh, where, args)
	if err == nil && rare && !weigh && !r.q.Newest && len(found) > 0 {
		found, rare, err = r.newest(wanted, true, where, args)
	}
	switch {
	case err != nil:
		return nil, err
	case r.q.Newest:
		slices.SortFunc(found, byDate)
	case rare:
		slices.SortFunc(found, byRank)
	default:
		return r.titledFirst(want, found, where, args)
	}
	return clipsOf(found), nil
}

// titledFirst orders what is said nearly everywhere.
func (r reader) titledFirst(want []term, found []match, where string, args []any) ([]tidings.ID, error) {
	var titled []match
	if len(r.q.In) == 0 || slices.Contains(r.q.In, "titles") {
		var err error
		if titled, _, err = r.newest(r.expression(want, []string{"titles"}, false), false, where, args); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(titled, byDate)
	slices.SortFunc(found, byDate)
	return clipsOf(append(titled, found...)), nil
}

// enough is how many clips the page needs, and one to see whether more follow.
func (r reader) enough() int {
	offset, limit := paging(r.q)
	return max(typoEnough, offset+limit+1)
}

// match is a part that matches: its clip, when that was made, and its rank,
// the less the better.
type match struct {
	clip tidings.ID
	ms   int64
	rank float64
}

func byDate(a, b match) int {
	return cmp.Or(cmp.Compare(b.ms, a.ms), cmp.Compare(b.clip, a.clip))
}

func byRank(a, b match) int { return cmp.Or(cmp.Compare(a.score(), b.score()), byDate(a, b)) }

func (m match) score() float64 { return m.rank - float64(m.ms)/86_400_000*recency }

// newest are the newest parts that match, and whether these are all. Rows come
// in the order of their ids, backwards, so that FTS5 stops when it has enough;
// ids grow as clips come.
func (r reader) newest(expression string, weigh bool, where string, args []any) (found []match, all bool, err error) {
	rank := "0.0"
	if weigh {
		rank = "bm25(fts, 8.0, 3.0, 1.0, 0.8, 0.0)"
	}
	found, err = collect(r.ctx, r.db, func(rows *sql.Rows) (m match, err error) { return m, rows.Scan(&m.clip, &m.ms, &m.rank) },
		"SELECT c.clip, c.created_ms, "+rank+" FROM fts CROSS JOIN clip c ON c.id = fts.rowid >> 6 WHERE fts MATCH ? AND "+where+
			" ORDER BY fts.rowid DESC LIMIT ?", append(append([]any{expression}, args...), rankedParts+1)...)
	all = len(found) <= rankedParts
	return found[:min(len(found), rankedParts)], all, err
}

// clipsOf are the clips of a list, each where it comes first.
func clipsOf(list []match) (out []tidings.ID) {
	seen := make(map[tidings.ID]bool, len(list))
	for _, m := range list {
		if !seen[m.clip] {
			seen[m.clip] = true
			out = append(out, m.clip)
		}
	}
	return out
}

// filters is the condition on a clip c: first of all, that it may be found.
func (r reader) filters() (where string, args []any) {
	where = "NOT c.deleted AND c.ws = ? AND ("
	args = []any{string(r.q.WorkspaceID)}
	for i, token := range r.q.ACL {
		if i > 0 {
			where += " OR "
		}
		// As JSON, with its quotes, a token is found only where it is a whole one.
		where, args = where+"instr(c.acl, ?)", append(args, strings.Trim(jsonText([]string{token}), "[]"))
	}
	where += ")"
	and := func(condition string, arg any) {
		where, args = where+" AND "+condition, append(args, arg)
	}
	if r.q.AuthorID != "" {
		and("c.author = ?", string(r.q.AuthorID))
	}
	if r.q.ChannelID != "" {
		and("c.channel = ?", string(r.q.ChannelID))
	}
	if r.q.Kind != "" {
		and("c.kind = ?", string(r.q.Kind))
	}
	if r.q.Tag != "" {
		and("EXISTS (SELECT 1 FROM tag WHERE tag.clip = c.id AND tag.tag = ?)", foldTag(r.q.Tag))
	}
	if r.q.Commented {
		where += " AND c.commented"
	}
	if r.q.Only != nil {
		and("c.clip IN (SELECT value FROM json_each(?))", jsonText(*r.q.Only))
	}
	if len(r.q.Except) > 0 {
		and("c.clip NOT IN (SELECT value FROM json_each(?))", jsonText(r.q.Except))
	}
	if r.q.From != nil {
		and("c.created_ms >= ?", tidings.Millis(*r.q.From))
	}
	if r.q.To != nil {
		and("c.created_ms < ?", tidings.Millis(*r.q.To))
	}
	return where, args
}

// expression is the terms in FTS5's language; "" when there are none. Only
// quoted strings go into it, so that nobody's text is ever syntax.
func (r reader) expression(want []term, in []string, not bool) string {
	var all []string
	for _, t := range want {
		if t.not != not {
			continue
		}
		s := quoted(strings.Join(t.words, " "))
		if t.prefix {
			s += " *"
		}
		for _, w := range t.typos {
			s += " OR " + quoted(w)
		}
		all = append(all, "("+s+")")
	}
	if len(all) == 0 {
		return ""
	}
	and := " AND "
	if not {
		and = " OR "
	}
	return quoted(workspaceWord(string(r.q.WorkspaceID))) + " AND (" + columns(in) + "(" + strings.Join(all, and) + "))"
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// columns limits an expression to what In names.
func columns(in []string) string {
	var names []string
	for _, s := range in {
		switch s {
		case "titles":
			names = append(names, "title", "description")
		case "transcript", "comments":
			names = append(names, s)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "{" + strings.Join(names, " ") + "} : "
}

const maxTypos = 24 // words that may stand for one

// withTypos finds words of the workspace that may be meant and reports whether
// there are any.
func (r reader) withTypos(want []term) (any bool, err error) {
	for i := range want {
		t := &want[i]
		if t.typosIn() == 0 {
			continue
		}
		if t.typos, err = r.meant(*t); err != nil {
			return false, err
		}
		any = any || len(t.typos) > 0
	}
	return any, nil
}

// meant are the words a mistyped term may stand for, likeliest first.
func (r reader) meant(t term) ([]string, error) {
	type candidate struct {
		word     string
		n, typos int
	}
	first, _ := utf8.DecodeRuneInString(t.words[0])
	all, err := collect(r.ctx, r.db, func(rows *sql.Rows) (c candidate, err error) { return c, rows.Scan(&c.word, &c.n) },
		"SELECT word, n FROM vocabulary WHERE ws = ? AND word >= ? AND word < ?", string(r.q.WorkspaceID), string(first), string(first+1))
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(c candidate) bool { return c.word == t.words[0] })
	var near []candidate
	for _, c := range all {
		var ok bool
		if c.typos, ok = t.typo(c.word); ok {
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
