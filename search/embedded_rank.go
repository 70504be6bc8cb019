package search

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"tidings.example/tidings/tidings"
)

// rankedParts is how many parts of clips are weighed against each other. What
// more match than that is listed by layers. listedParts is how many are read of
// a layer at a time.
const (
	rankedParts = 300
	listedParts = 100
)

// recency is how many points of rank a day is worth: a year makes up for a
// fifth of a point. It counts from a fixed day, so pages keep their order.
const recency = 0.0005

// match is a part that matches: its clip, when that was made, and its rank,
// the less the better.
type match struct {
	part int64
	clip tidings.ID
	ms   int64
	rank float64
}

func byDate(a, b match) int {
	return cmp.Or(cmp.Compare(b.ms, a.ms), cmp.Compare(b.clip, a.clip))
}

func byRank(a, b match) int { return cmp.Or(cmp.Compare(a.score(), b.score()), byDate(a, b)) }

func (m match) score() float64 { return m.rank - float64(m.ms)/86_400_000*recency }

// matching are the newest parts that an expression finds, one more than are
// ranked. FTS5 goes through its lists backwards and stops there; ids grow as
// clips come. They come as one text: a row each would take as long as finding
// them.
func (r reader) matching(expression string) ([]int64, error) {
	var list sql.NullString // of nothing
	err := r.db.QueryRowContext(r.ctx, "SELECT group_concat(id, ' ') FROM (SELECT rowid AS id FROM fts WHERE fts MATCH ? ORDER BY rowid DESC LIMIT ?)",
		expression, rankedParts+1).Scan(&list)
	if err != nil {
		return nil, err
	}

	var parts []int64
	for text := range strings.FieldsSeq(list.String) {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, err
		}
		parts = append(parts, id)
	}

	return parts, nil
}

// layers are expressions that find the same clips in the order in which they
// are listed: those with all words in the title, in the description, those that
// say all of them often, and at last all.
func (r reader) layers(ws string, want []term) (out []string) {
	all := allOf(ws, want, r.q.In)
	for _, w := range weights() {
		expression := r.inTier(ws, want, w.tier)
		switch {
		case expression == "":
		case r.implied(want, w.tier):
			out = append(out, expression)
		default:
			out = append(out, "("+expression+") AND ("+all+")")
		}
	}

	return append(out, all)
}

// inTier is what has all terms in a tier; "" where what the tier is about is
// not looked into.
func (r reader) inTier(ws string, want []term, m tier) string {
	titles := len(r.q.In) == 0 || slices.Contains(r.q.In, "titles")
	if m != tierOften && !titles || m == tierOften && len(r.q.In) == 1 && titles {
		return ""
	}
	return allInTier(ws, want, m)
}

// implied reports whether what has all terms of a query in a tier surely
// matches: the words of a phrase may stand there and not follow each other, and
// what is said often may be said where nobody looks.
func (r reader) implied(want []term, m tier) bool {
	phrase := slices.ContainsFunc(want, func(t term) bool { return len(t.words) > 1 })
	return !phrase && (m != tierOften || len(r.q.In) == 0)
}

// listed are the clips of some layers, those of each newest first, until the
// page has enough. Layers are read a block at a time, always from the same
// beginnings, so that every page is cut from the same order.
func (r reader) listed(layers []string, block int, where string, args []any) (out []tidings.ID, err error) {
	seen := map[tidings.ID]bool{}
	for _, expression := range layers {
		before := int64(1) << 62
		for {
			found, err := collect(r.ctx, r.db, func(rows *sql.Rows) (m match, err error) { return m, rows.Scan(&m.part, &m.clip, &m.ms) },
				"SELECT fts.rowid, c.clip, c.created_ms FROM fts CROSS JOIN clip c ON c.id = fts.rowid >> 6 WHERE fts MATCH ? AND fts.rowid < ? AND "+where+
					" ORDER BY fts.rowid DESC LIMIT ?", append(append([]any{expression, before}, args...), block)...)
			if err != nil {
				return nil, err
			}

			full := len(found) == block
			if full {
				before = found[len(found)-1].part
			}

			slices.SortFunc(found, byDate)
			out = clipsOf(out, seen, found)
			if len(out) >= r.enough() {
				return out, nil
			}
			if !full {
				break
			}
		}
	}

	return out, nil
}

// clipsOf appends the clips of a list, each where it comes first.
func clipsOf(out []tidings.ID, seen map[tidings.ID]bool, list []match) []tidings.ID {
	for _, m := range list {
		if !seen[m.clip] {
			seen[m.clip] = true
			out = append(out, m.clip)
		}
	}
	return out
}

// ranked weighs the parts that match against each other: by bm25 for the words
// that are rare enough for it to say something, by their tiers for phrases and
// for what is said nearly everywhere. (bm25 would give such words next to no
// weight, and goes through all their places to find that out.)
func (r reader) ranked(ws string, want []term, parts []int64, where string, args []any) ([]tidings.ID, error) {
	found, err := r.allowed(parts, where, args)
	if err != nil || len(found) == 0 {
		return nil, err
	}

	rare, plain, err := r.split(ws, want)
	if err != nil {
		return nil, err
	}

	rank := map[int64]float64{}
	if len(rare) > 0 {
		if err := r.weigh(allOf(ws, rare, r.q.In), rank); err != nil {
			return nil, err
		}
	}

	if len(plain) > 0 {
		if err := r.weighTiers(ws, plain, allOf(ws, want, r.q.In), rank); err != nil {
			return nil, err
		}
	}

	for i := range found {
		found[i].rank = rank[found[i].part]
	}

	slices.SortFunc(found, byRank)
	return clipsOf(nil, map[tidings.ID]bool{}, found), nil
}

// allowed are those parts whose clips the filters let through.
func (r reader) allowed(parts []int64, where string, args []any) ([]match, error) {
	type clip struct {
		id int64
		match
	}

	ids := make([]int64, len(parts))
	for i, part := range parts {
		ids[i] = part >> partBits
	}

	list, err := json.Marshal(slices.Compact(ids))
	if err != nil {
		return nil, err
	}

	clips, err := collect(r.ctx, r.db, func(rows *sql.Rows) (c clip, err error) { return c, rows.Scan(&c.id, &c.clip, &c.ms) },
		"SELECT c.id, c.clip, c.created_ms FROM json_each(?) AS e CROSS JOIN clip c ON c.id = e.value WHERE "+where, append([]any{string(list)}, args...)...)
	if err != nil {
		return nil, err
	}

	byID := make(map[int64]match, len(clips))
	for _, c := range clips {
		byID[c.id] = c.match
	}

	var out []match
	for _, part := range parts {
		if m, ok := byID[part>>partBits]; ok {
			m.part = part
			out = append(out, m)
		}
	}

	return out, nil
}

// split tells the words that bm25 weighs from phrases and what nearly
// everybody says.
func (r reader) split(ws string, want []term) (rare, plain []term, err error) {
	for _, t := range want {
		weighed := len(t.words) == 1
		if weighed && len(want) > 1 {
			if weighed, err = r.isRare(ws, t); err != nil {
				return nil, nil, err
			}
		}

		if weighed {
			rare = append(rare, t)
		} else {
			plain = append(plain, t)
		}
	}
	return rare, plain, nil
}

// isRare reports whether few enough parts have a word. The vocabulary knows it
// of most words; the others are looked up.
func (r reader) isRare(ws string, t term) (bool, error) {
	if len(r.q.In) == 0 && !t.prefix && len(t.typos) == 0 {
		n, err := collect(r.ctx, r.db, func(rows *sql.Rows) (n int, err error) { return n, rows.Scan(&n) },
			"SELECT n FROM vocabulary WHERE ws = ? AND word = ?", string(r.q.WorkspaceID), t.words[0])
		if err != nil || len(n) > 0 {
			return err == nil && n[0] <= rankedParts, err
		}
	}
	parts, err := r.matching(allOf(ws, []term{t}, r.q.In))
	return len(parts) <= rankedParts, err
}

// weigh adds the bm25 of parts that an expression finds.
func (r reader) weigh(expression string, rank map[int64]float64) error {
	found, err := collect(r.ctx, r.db, func(rows *sql.Rows) (m match, err error) { return m, rows.Scan(&m.part, &m.rank) },
		"SELECT rowid, bm25(fts, 8.0, 3.0, 1.0, 0.8, 0.0) FROM fts WHERE fts MATCH ?", expression)
	for _, m := range found {
		rank[m.part] += m.rank
	}
	return err
}

// weighTiers adds what the tiers that hold some terms are worth. Most hold them
// of few parts; where of many, those are asked for that match besides.
func (r reader) weighTiers(ws string, want []term, all string, rank map[int64]float64) error {
	for _, w := range weights() {
		expression := r.inTier(ws, want, w.tier)
		if expression == "" {
			continue
		}

		parts, err := r.matching(expression)
		if err == nil && len(parts) > rankedParts {
			parts, err = r.matching("(" + expression + ") AND (" + all + ")")
		}

		if err != nil {
			return err
		}

		for _, part := range parts {
			rank[part] -= w.points
		}
	}
	return nil
}
