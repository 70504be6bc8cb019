package search

import (
	"slices"
	"strings"

	"tidings.example/tidings/search/fold"
	"tidings.example/tidings/tidings"
)

// filterCondition is the SQL condition on a clip c: the access check and the
// filters of the query.
func (r queryReader) filterCondition() (where string, args []any) {
	where = "NOT c.deleted AND c.ws = ? AND ("
	args = []any{string(r.q.WorkspaceID)}
	for i, token := range r.q.ACL {
		if i > 0 {
			where += " OR "
		}
		// Encoded as JSON, quotes included, a token matches only as a whole.
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
		and("EXISTS (SELECT 1 FROM tag WHERE tag.clip = c.id AND tag.tag = ?)", fold.Tag(r.q.Tag))
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

// The FTS5 expressions below hold text only as quoted strings, so that text is
// never syntax.

// ftsQuery is the FTS5 expression of a term.
func (t term) ftsQuery(ws string) string {
	words := make([]string, len(t.words))
	for i, w := range t.words {
		words[i] = ws + w
	}

	s := quoteFTS(strings.Join(words, " ")) + t.prefixMark()
	for _, w := range t.joined {
		s += " OR " + quoteFTS(ws+w) + t.prefixMark()
	}

	for _, w := range t.typos {
		s += " OR " + quoteFTS(ws+w)
	}

	return "(" + s + ")"
}

// prefixMark follows the last word of an FTS5 expression of the term.
func (t term) prefixMark() string {
	if t.prefix {
		return " *"
	}
	return ""
}

// ftsTierQuery is the FTS5 expression of a term whose words are all in a tier.
func (t term) ftsTierQuery(ws string, m tier) string {
	words := make([]string, len(t.words))
	for i, w := range t.words {
		words[i] = quoteFTS(ws + string(m) + w)
	}

	s := strings.Join(words, " AND ") + t.prefixMark()
	for _, w := range t.joined {
		s += " OR " + quoteFTS(ws+string(m)+w) + t.prefixMark()
	}

	for _, w := range t.typos {
		s += " OR " + quoteFTS(ws+string(m)+w)
	}

	return "(" + s + ")"
}

// ftsAll matches all of some terms in the searched fields.
func ftsAll(ws string, want []term, in []string) string { return joinFTS(ws, want, in, " AND ") }

// ftsAny matches any of some terms in the searched fields.
func ftsAny(ws string, want []term, in []string) string { return joinFTS(ws, want, in, " OR ") }

func joinFTS(ws string, want []term, in []string, by string) string {
	all := make([]string, len(want))
	for i, t := range want {
		all[i] = t.ftsQuery(ws)
	}
	return ftsColumns(in) + "(" + strings.Join(all, by) + ")"
}

// ftsAllInTier matches all of some terms in a tier.
func ftsAllInTier(ws string, want []term, m tier) string {
	all := make([]string, len(want))
	for i, t := range want {
		all[i] = t.ftsTierQuery(ws, m)
	}
	return "{tiers} : (" + strings.Join(all, " AND ") + ")"
}

func quoteFTS(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// ftsColumns limits an expression to the columns of the searched fields, never
// that of the tiers.
func ftsColumns(in []string) string {
	names := []string{"title", "description", "transcript", "comments"}
	if len(in) > 0 {
		names = slices.DeleteFunc(names, func(name string) bool {
			if name == "title" || name == "description" {
				return !slices.Contains(in, "titles")
			}
			return !slices.Contains(in, name)
		})
	}

	if len(names) == 0 || len(names) == 4 {
		return "" // words of a query never match those of the column tiers
	}
	return "{" + strings.Join(names, " ") + "} : "
}
