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

// rankedChunks is the largest number of matching chunks that are ranked against
// each other; more are listed by tiers. listedChunks is the number of chunks read
// of a tier query at a time.
const (
	rankedChunks = 300
	listedChunks = 100
)

// recency is the points of rank a day is worth: a year is worth a fifth of a
// point. Days are counted from a fixed one, so that pages keep their order.
const recency = 0.0005

// matchedChunk is a chunk that matches, with its clip, when the clip was
// created, and its rank, lower is better.
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

// matchingChunks are the ids of the newest chunks that an expression matches, at
// most rankedChunks+1. FTS5 walks its lists backwards and stops there; ids grow
// as clips are added. The ids come as one text: one row for each would take as
// long as the search.
func (r queryReader) matchingChunks(expression string) ([]int64, error) {
	var list sql.NullString // NULL = no match
	err := r.db.QueryRowContext(r.ctx, "SELECT group_concat(id, ' ') FROM (SELECT rowid AS id FROM fts WHERE fts MATCH ? ORDER BY rowid DESC LIMIT ?)",
		expression, rankedChunks+1).Scan(&list)
	if err != nil {
		return nil, err
	}

	var chunks []int64
	for text := range strings.FieldsSeq(list.String) {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, err
		}
		chunks = append(chunks, id)
	}

	return chunks, nil
}

// tierQueries are expressions that together match the same clips as the terms
// do, in the order in which clips are listed: all terms in the title, in the
// description, all terms frequent, and at last anywhere.
func (r queryReader) tierQueries(ws string, want []term) (out []string) {
	all := ftsAll(ws, want, r.q.In)
	for _, w := range tierWeights() {
		expression := r.tierQuery(ws, want, w.tier)
		switch {
		case expression == "":
		case r.isSubsumedByTier(want, w.tier):
			out = append(out, expression)
		default:
			out = append(out, "("+expression+") AND ("+all+")")
		}
	}

	return append(out, all)
}

// tierQuery matches all terms in a tier; "" if the query does not search the
// fields of the tier.
func (r queryReader) tierQuery(ws string, want []term, m tier) string {
	titles := len(r.q.In) == 0 || slices.Contains(r.q.In, "titles")
	if m != tierOften && !titles || m == tierOften && len(r.q.In) == 1 && titles {
		return ""
	}
	return ftsAllInTier(ws, want, m)
}

// isSubsumedByTier reports whether every chunk that has all terms in a tier matches the
// query. The words of a phrase may all be in a tier and not follow each other;
// frequent words may be in fields that are not searched.
func (r queryReader) isSubsumedByTier(want []term, m tier) bool {
	phrase := slices.ContainsFunc(want, func(t term) bool { return len(t.words) > 1 })
	return !phrase && (m != tierOften || len(r.q.In) == 0)
}

// listByTier returns the clips of tier queries in their order, those of each
// query newest first, until there are enough for the page. Chunks are read in
// blocks that always begin at the same places, so that all pages are cut from
// the same order.
func (r queryReader) listByTier(queries []string, block int, where string, args []any) (out []tidings.ID, err error) {
	seen := map[tidings.ID]bool{}
	for _, expression := range queries {
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

// clipsOf appends the clips of a list that are not in seen.
func clipsOf(out []tidings.ID, seen map[tidings.ID]bool, list []matchedChunk) []tidings.ID {
	for _, m := range list {
		if !seen[m.clip] {
			seen[m.clip] = true
			out = append(out, m.clip)
		}
	}
	return out
}

// rankChunks ranks matching chunks: by BM25 for words that are rare enough, by
// tiers for phrases and words that nearly every chunk has. (BM25 gives such
// words next to no weight, and has to read all their positions.)
func (r queryReader) rankChunks(ws string, want []term, chunks []int64, where string, args []any) ([]tidings.ID, error) {
	found, err := r.filterChunks(chunks, where, args)
	if err != nil || len(found) == 0 {
		return nil, err
	}

	rare, common, err := r.splitByRarity(ws, want)
	if err != nil {
		return nil, err
	}

	rank := map[int64]float64{}
	if len(rare) > 0 {
		if err := r.addBM25(ftsAll(ws, rare, r.q.In), rank); err != nil {
			return nil, err
		}
	}

	if len(common) > 0 {
		if err := r.addTierPoints(ws, common, ftsAll(ws, want, r.q.In), rank); err != nil {
			return nil, err
		}
	}

	for i := range found {
		found[i].rank = rank[found[i].chunk]
	}

	slices.SortFunc(found, byRank)
	return clipsOf(nil, map[tidings.ID]bool{}, found), nil
}

// filterChunks returns those chunks whose clips pass the access check and the
// filters.
func (r queryReader) filterChunks(chunks []int64, where string, args []any) ([]matchedChunk, error) {
	type clip struct {
		id int64
		matchedChunk
	}

	ids := make([]int64, len(chunks))
	for i, chunk := range chunks {
		ids[i] = chunk >> chunkBits
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
	for _, chunk := range chunks {
		if m, ok := byID[chunk>>chunkBits]; ok {
			m.chunk = chunk
			out = append(out, m)
		}
	}

	return out, nil
}

// splitByRarity separates the words that BM25 ranks from phrases and words that
// too many chunks have.
func (r queryReader) splitByRarity(ws string, want []term) (rare, common []term, err error) {
	for _, t := range want {
		ranked := len(t.words) == 1
		if ranked && len(want) > 1 {
			if ranked, err = r.isRare(ws, t); err != nil {
				return nil, nil, err
			}
		}

		if ranked {
			rare = append(rare, t)
		} else {
			common = append(common, t)
		}
	}
	return rare, common, nil
}

// isRare reports whether few enough chunks have a word. The vocabulary knows it
// for complete words; others are searched.
func (r queryReader) isRare(ws string, t term) (bool, error) {
	if len(r.q.In) == 0 && !t.prefix && len(t.typos) == 0 && len(t.joined) == 0 && len(t.fallback) == 0 {
		n, err := queryAll(r.ctx, r.db, func(rows *sql.Rows) (n int, err error) { return n, rows.Scan(&n) },
			"SELECT n FROM vocabulary WHERE ws = ? AND word = ?", string(r.q.WorkspaceID), t.words[0])
		if err != nil || len(n) > 0 {
			return err == nil && n[0] <= rankedChunks, err
		}
	}
	chunks, err := r.matchingChunks(ftsAll(ws, []term{t}, r.q.In))
	return len(chunks) <= rankedChunks, err
}

// addBM25 adds the BM25 score of the chunks that an expression matches.
func (r queryReader) addBM25(expression string, rank map[int64]float64) error {
	found, err := queryAll(r.ctx, r.db, func(rows *sql.Rows) (m matchedChunk, err error) { return m, rows.Scan(&m.chunk, &m.rank) },
		"SELECT rowid, bm25(fts, 8.0, 3.0, 1.0, 0.8, 0.0) FROM fts WHERE fts MATCH ?", expression)
	for _, m := range found {
		rank[m.chunk] += m.rank
	}
	return err
}

// addTierPoints subtracts the points of the tiers that hold all of some terms.
// If a tier holds them in too many chunks, only those that match the query are
// read.
func (r queryReader) addTierPoints(ws string, want []term, all string, rank map[int64]float64) error {
	for _, w := range tierWeights() {
		expression := r.tierQuery(ws, want, w.tier)
		if expression == "" {
			continue
		}

		chunks, err := r.matchingChunks(expression)
		if err == nil && len(chunks) > rankedChunks {
			chunks, err = r.matchingChunks("(" + expression + ") AND (" + all + ")")
		}

		if err != nil {
			return err
		}

		for _, chunk := range chunks {
			rank[chunk] -= w.points
		}
	}
	return nil
}
