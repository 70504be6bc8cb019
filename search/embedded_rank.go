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

// rankedChunks is how many parts of clips are weighed against each other. What
// more match than that is listed by layers. listedParts is how many are read of
// a layer at a time.
const (
	rankedChunks = 300
	listedChunks = 100
)

// recency is how many points of rank a day is worth: a year makes up for a
// fifth of a point. It counts from a fixed day, so pages keep their order.
const recency = 0.0005

// matchedChunk is a part that matches: its clip, when that was made, and its rank,
// the less the better.
type matchedChunk struct {
	chunk     int64
	clip      tidings.ID
	createdMS int64
	rank      float64
}

func byDate(a, b matchedChunk) int {
	return cmp.Or(cmp.Compare(b.createdMS, a.createdMS), cmp.Compare(b.clip, a.clip))
}

func byRank(a, b matchedChunk) int {
	return cmp.Or(cmp.Compare(a.sortKey(), b.sortKey()), byDate(a, b))
}

func (m matchedChunk) sortKey() float64 { return m.rank - float64(m.createdMS)/86_400_000*recency }

// matchingChunks are the newest parts that an expression finds, one more than are
// ranked. FTS5 goes through its lists backwards and stops there; ids grow as
// clips come. They come as one text: a row each would take as long as finding
// them.
func (r queryReader) matchingChunks(expression string) ([]int64, error) {
	var list sql.NullString // of nothing
	err := r.db.QueryRowContext(r.ctx, "SELECT group_concat(id, ' ') FROM (SELECT rowid AS id FROM fts WHERE fts MATCH ? ORDER BY rowid DESC LIMIT ?)",
		expression, rankedChunks+1).Scan(&list)
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

// tierQueries are expressions that find the same clips in the order in which they
// are listed: those with all words in the title, in the description, those that
// say all of them often, and at last all.
func (r queryReader) tierQueries(ws string, want []term) (out []string) {
	all := ftsAll(ws, want, r.q.In)
	for _, w := range tierWeights() {
		expression := r.tierQuery(ws, want, w.tier)
		switch {
		case expression == "":
		case r.subsumed(want, w.tier):
			out = append(out, expression)
		default:
			out = append(out, "("+expression+") AND ("+all+")")
		}
	}

	return append(out, all)
}

// tierQuery is what has all terms in a tier; "" where what the tier is about is
// not looked into.
func (r queryReader) tierQuery(ws string, want []term, m tier) string {
	titles := len(r.q.In) == 0 || slices.Contains(r.q.In, "titles")
	if m != tierOften && !titles || m == tierOften && len(r.q.In) == 1 && titles {
		return ""
	}
	return ftsAllInTier(ws, want, m)
}

// subsumed reports whether what has all terms of a query in a tier surely
// matches: the words of a phrase may stand there and not follow each other, and
// what is said often may be said where nobody looks.
func (r queryReader) subsumed(want []term, m tier) bool {
	phrase := slices.ContainsFunc(want, func(t term) bool { return len(t.words) > 1 })
	return !phrase && (m != tierOften || len(r.q.In) == 0)
}

// listByTier are the clips of some layers, those of each newest first, until the
// page has enough. Layers are read a block at a time, always from the same
// beginnings, so that every page is cut from the same order.
func (r queryReader) listByTier(layers []string, block int, where string, args []any) (out []tidings.ID, err error) {
	seen := map[tidings.ID]bool{}
	for _, expression := range layers {
		before := int64(1) << 62
		for {
			found, err := queryAll(r.ctx, r.db, func(rows *sql.Rows) (m matchedChunk, err error) { return m, rows.Scan(&m.chunk, &m.clip, &m.createdMS) },
				"SELECT fts.rowid, c.clip, c.created_ms FROM fts CROSS JOIN clip c ON c.id = fts.rowid >> 6 WHERE fts MATCH ? AND fts.rowid < ? AND "+where+
					" ORDER BY fts.rowid DESC LIMIT ?", append(append([]any{expression, before}, args...), block)...)
			if err != nil {
				return nil, err
			}

			full := len(found) == block
			if full {
				before = found[len(found)-1].chunk
			}

			slices.SortFunc(found, byDate)
			out = clipsOf(out, seen, found)
			if len(out) >= r.clipLimit() {
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
func clipsOf(out []tidings.ID, seen map[tidings.ID]bool, list []matchedChunk) []tidings.ID {
	for _, m := range list {
		if !seen[m.clip] {
			seen[m.clip] = true
			out = append(out, m.clip)
		}
	}
	return out
}

// rankChunks weighs the parts that match against each other: by bm25 for the words
// that are rare enough for it to say something, by their tiers for phrases and
// for what is said nearly everywhere. (bm25 would give such words next to no
// weight, and goes through all their places to find that out.)
func (r queryReader) rankChunks(ws string, want []term, parts []int64, where string, args []any) ([]tidings.ID, error) {
	found, err := r.filterChunks(parts, where, args)
	if err != nil || len(found) == 0 {
		return nil, err
	}

	rare, plain, err := r.splitByRarity(ws, want)
	if err != nil {
		return nil, err
	}

	rank := map[int64]float64{}
	if len(rare) > 0 {
		if err := r.addBM25(ftsAll(ws, rare, r.q.In), rank); err != nil {
			return nil, err
		}
	}

	if len(plain) > 0 {
		if err := r.addTierPoints(ws, plain, ftsAll(ws, want, r.q.In), rank); err != nil {
			return nil, err
		}
	}

	for i := range found {
		found[i].rank = rank[found[i].chunk]
	}

	slices.SortFunc(found, byRank)
	return clipsOf(nil, map[tidings.ID]bool{}, found), nil
}

// filterChunks are those parts whose clips the filters let through.
func (r queryReader) filterChunks(parts []int64, where string, args []any) ([]matchedChunk, error) {
	type clip struct {
		id int64
		matchedChunk
	}

	ids := make([]int64, len(parts))
	for i, part := range parts {
		ids[i] = part >> chunkBits
	}

	list, err := json.Marshal(slices.Compact(ids))
	if err != nil {
		return nil, err
	}

	clips, err := queryAll(r.ctx, r.db, func(rows *sql.Rows) (c clip, err error) { return c, rows.Scan(&c.id, &c.clip, &c.createdMS) },
		"SELECT c.id, c.clip, c.created_ms FROM json_each(?) AS e CROSS JOIN clip c ON c.id = e.value WHERE "+where, append([]any{string(list)}, args...)...)
	if err != nil {
		return nil, err
	}

	byID := make(map[int64]matchedChunk, len(clips))
	for _, c := range clips {
		byID[c.id] = c.matchedChunk
	}

	var out []matchedChunk
	for _, part := range parts {
		if m, ok := byID[part>>chunkBits]; ok {
			m.chunk = part
			out = append(out, m)
		}
	}

	return out, nil
}

// splitByRarity tells the words that bm25 weighs from phrases and what nearly
// everybody says.
func (r queryReader) splitByRarity(ws string, want []term) (rare, plain []term, err error) {
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
func (r queryReader) isRare(ws string, t term) (bool, error) {
	if len(r.q.In) == 0 && !t.prefix && len(t.typos) == 0 {
		n, err := queryAll(r.ctx, r.db, func(rows *sql.Rows) (n int, err error) { return n, rows.Scan(&n) },
			"SELECT n FROM vocabulary WHERE ws = ? AND word = ?", string(r.q.WorkspaceID), t.words[0])
		if err != nil || len(n) > 0 {
			return err == nil && n[0] <= rankedChunks, err
		}
	}
	parts, err := r.matchingChunks(ftsAll(ws, []term{t}, r.q.In))
	return len(parts) <= rankedChunks, err
}

// addBM25 adds the bm25 of parts that an expression finds.
func (r queryReader) addBM25(expression string, rank map[int64]float64) error {
	found, err := queryAll(r.ctx, r.db, func(rows *sql.Rows) (m matchedChunk, err error) { return m, rows.Scan(&m.chunk, &m.rank) },
		"SELECT rowid, bm25(fts, 8.0, 3.0, 1.0, 0.8, 0.0) FROM fts WHERE fts MATCH ?", expression)
	for _, m := range found {
		rank[m.chunk] += m.rank
	}
	return err
}

// addTierPoints adds what the tiers that hold some terms are worth. Most hold them
// of few parts; where of many, those are asked for that match besides.
func (r queryReader) addTierPoints(ws string, want []term, all string, rank map[int64]float64) error {
	for _, w := range tierWeights() {
		expression := r.tierQuery(ws, want, w.tier)
		if expression == "" {
			continue
		}

		parts, err := r.matchingChunks(expression)
		if err == nil && len(parts) > rankedChunks {
			parts, err = r.matchingChunks("(" + expression + ") AND (" + all + ")")
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
