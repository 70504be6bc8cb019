package search

import (
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
)

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

// What is written into FTS5's language here are quoted strings alone, so that
// nobody's text is ever syntax.

// expression is a term as it stands in texts.
func (t term) expression(ws string) string {
	words := make([]string, len(t.words))
	for i, w := range t.words {
		words[i] = ws + w
	}

	s := quoted(strings.Join(words, " "))
	if t.prefix {
		s += " *"
	}

	for _, w := range t.typos {
		s += " OR " + quoted(ws+w)
	}

	return "(" + s + ")"
}

// inTier is a term whose words are all in a tier.
func (t term) inTier(ws string, m tier) string {
	words := make([]string, len(t.words))
	for i, w := range t.words {
		words[i] = quoted(ws + string(m) + w)
	}

	s := strings.Join(words, " AND ")
	if t.prefix {
		s += " *"
	}

	for _, w := range t.typos {
		s += " OR " + quoted(ws+string(m)+w)
	}

	return "(" + s + ")"
}

// allOf is what holds each of some terms, in the texts that In names.
func allOf(ws string, want []term, in []string) string { return joined(ws, want, in, " AND ") }

// anyOf is what holds one of some terms.
func anyOf(ws string, want []term, in []string) string { return joined(ws, want, in, " OR ") }

func joined(ws string, want []term, in []string, by string) string {
	all := make([]string, len(want))
	for i, t := range want {
		all[i] = t.expression(ws)
	}
	return columns(in) + "(" + strings.Join(all, by) + ")"
}

// allInTier is what has all of some terms in a tier.
func allInTier(ws string, want []term, m tier) string {
	all := make([]string, len(want))
	for i, t := range want {
		all[i] = t.inTier(ws, m)
	}
	return "{tiers} : (" + strings.Join(all, " AND ") + ")"
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// columns limits an expression to what In names, and never looks at the tiers.
func columns(in []string) string {
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
		return "" // nobody's word is ever one of a tier
	}
	return "{" + strings.Join(names, " ") + "} : "
}
