package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"tidings.example/tidings/search/fold"
	"tidings.example/tidings/tidings"
)

// tokenLife is the validity of a tenant token, which is used for one search.
const tokenLife = time.Minute

// commentWeight is the weight of a matching comment relative to a clip.
const commentWeight = 0.8

// Search implements Engine. Words are first searched as they are written; if fewer
// than five clips match, also with typos, and what that adds comes last.
func (m *Meilisearch) Search(ctx context.Context, q tidings.Query) ([]tidings.Hit, bool, error) {
	if err := checkQuery(q); err != nil {
		return nil, false, err
	}

	want := withExclusions(parseTerms(q.Text))
	if len(want) == 0 && strings.TrimSpace(q.Text) != "" {
		return nil, false, nil // no letter and no digit
	}

	var found []tidings.ID
	err := m.runSearch(ctx, q, func(s *meiliSearch) (err error) { found, err = s.findClips(want); return err })
	if err != nil {
		return nil, false, err
	}

	hits, more := pageHits(found, q)
	return hits, more, nil
}

// runSearch sends the searches of a query with its caller's rights.
func (m *Meilisearch) runSearch(ctx context.Context, q tidings.Query, send func(*meiliSearch) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r := m.refused.Load(); r != nil && time.Since(r.when) < refusalHolds {
		return r.err
	}

	patient, cancel := context.WithTimeout(ctx, searchPatience)
	defer cancel()

	l, err := m.connectServer(patient)
	if err != nil {
		return err
	}

	s, err := m.newSearch(patient, l, q)
	if err == nil {
		err = send(s)
	}

	return m.classifyError(ctx, l, err)
}

// meiliSearch answers one query.
type meiliSearch struct {
	*Meilisearch
	ctx          context.Context
	tenantClient meilisearch.ServiceManager // with the caller's token
	q            tidings.Query
	exclude      []string // clips that an exclusion leaves out
}

// newSearch mints the tenant token with the caller's rights, which the server
// enforces for all its searches.
func (m *Meilisearch) newSearch(ctx context.Context, l *meiliLink, q tidings.Query) (*meiliSearch, error) {
	rule := map[string]any{"filter": fmt.Sprintf(`ws = "%s" AND acl IN %s`, safeValue(string(q.WorkspaceID)), quotedList(safeValues(q.ACL)))}
	token, err := l.admin.GenerateTenantToken(l.searcher.UID, map[string]any{m.clipsIndex(): rule, m.commentsIndex(): rule, m.passagesIndex(): rule},
		&meilisearch.TenantTokenOptions{APIKey: l.searcher.Key, ExpiresAt: time.Now().Add(tokenLife)})
	if err != nil {
		return nil, err
	}
	return &meiliSearch{Meilisearch: m, ctx: ctx, tenantClient: m.newClient(token), q: q}, nil
}

// findClips returns the matching clips from the first one to one after the page,
// so that all pages are cut from the same order.
func (s *meiliSearch) findClips(want []term) (found []tidings.ID, err error) {
	if s.exclude, err = s.excludedClips(want); err != nil {
		return nil, err
	}

	strict, loose := meiliQueries(want, false), meiliQueries(want, true)
	if found, err = s.findTerms(want, strict); err != nil || len(found) >= enoughExactHits || slices.Equal(strict, loose) {
		return found, err
	}

	more, err := s.findTerms(want, loose)
	if err != nil || s.q.Newest {
		return more, err // includes the exact matches
	}

	for _, id := range more {
		if !slices.Contains(found, id) {
			found = append(found, id)
		}
	}

	return found, nil
}

// findTerms searches both indexes at once; a clip that matches in both comes
// once.
func (s *meiliSearch) findTerms(want []term, texts []string) ([]tidings.ID, error) {
	var queries []*meilisearch.SearchRequest
	for _, text := range texts {
		queries = append(queries, s.newQueries(want, text)...)
	}
	offset, limit := pageBounds(s.q)
	return s.searchClips(queries, min(max(enoughExactHits, offset+limit+1), maxTotalHits))
}

// newQueries are the requests for one text, of the clips and of their comments.
func (s *meiliSearch) newQueries(want []term, text string) []*meilisearch.SearchRequest {
	inClips := s.newRequest(s.clipsIndex(), text, 1)
	inClips.AttributesToSearchOn = meiliColumns(s.q.In)
	queries := []*meilisearch.SearchRequest{inClips}

	// An exclusion looks at the whole clip, which a comment is not; and nothing
	// is lost without it, since a clip's documents hold its comments too.
	exclusions := slices.ContainsFunc(want, func(t term) bool { return t.not })
	if len(want) > 0 && !exclusions && (len(inClips.AttributesToSearchOn) == 0 || slices.Contains(inClips.AttributesToSearchOn, "comments")) {
		queries = append(queries, s.newRequest(s.commentsIndex(), text, commentWeight))
	}

	for i, r := range queries {
		if s.q.Newest || len(requiredTerms(want)) == 0 {
			r.Sort = []string{"created_at:desc", "clip_id:desc"}
		}

		f := s.filterExpressions()
		if s.q.Commented && i == 0 { // every document of the other index is a comment
			f = append(f, "commented = true")
		}

		if len(f) > 0 {
			r.Filter = f
		}
	}

	return queries
}

func (s *meiliSearch) newRequest(index, text string, weight float64) *meilisearch.SearchRequest {
	return &meilisearch.SearchRequest{IndexUID: index, Query: text, MatchingStrategy: meilisearch.All,
		AttributesToRetrieve: []string{"clip_id"}, FederationOptions: &meilisearch.SearchFederationOptions{Weight: weight}}
}

// searchClips sends queries as one request and returns the clips in their order.
func (s *meiliSearch) searchClips(queries []*meilisearch.SearchRequest, limit int) ([]tidings.ID, error) {
	hits, err := s.multiSearch(queries, meilisearch.MultiSearchFederation{Limit: int64(limit), Distinct: "clip_id"})
	out := make([]tidings.ID, len(hits))
	for i, h := range hits {
		out[i] = h.ClipID
	}
	return out, err
}

// meiliHit is a document that was found.
type meiliHit struct {
	ClipID     tidings.ID `json:"clip_id"`
	Sum        string     `json:"sum"` // of a passage
	Federation struct {
		Score float64 `json:"weightedRankingScore"`
	} `json:"_federation"`
}

// multiSearch sends queries as one request, whose hits come in one list.
func (s *meiliSearch) multiSearch(queries []*meilisearch.SearchRequest, as meilisearch.MultiSearchFederation) ([]meiliHit, error) {
	var res *meilisearch.MultiSearchResponse
	err := s.callRetrying(s.ctx, func(ctx context.Context) (err error) {
		res, err = s.tenantClient.MultiSearchWithContext(ctx, &meilisearch.MultiSearchRequest{Federation: &as, Queries: queries})
		return err
	})
	if err != nil {
		return nil, err
	}

	out := make([]meiliHit, len(res.Hits))
	for i, h := range res.Hits {
		if err := h.DecodeInto(&out[i]); err != nil || out[i].ClipID == "" {
			return nil, tidings.Wrap(err, tidings.KindUnavailable, "The search server's answer cannot be read.")
		}
	}

	return out, nil
}

// excludedClips are clips of several chunks of which one matches an exclusion:
// Meilisearch applies exclusions to each chunk. Beyond a thousand such clips,
// exclusions apply to single chunks.
func (s *meiliSearch) excludedClips(want []term) ([]string, error) {
	var queries []*meilisearch.SearchRequest
	for _, t := range want {
		if t.not {
			r := s.newRequest(s.clipsIndex(), quotePhrase(t.words), 1)
			r.Filter = append(s.filterExpressions(), "parts > 1")
			r.AttributesToSearchOn = meiliColumns(s.q.In)
			queries = append(queries, r)
		}
	}

	if len(queries) == 0 {
		return nil, nil
	}

	found, err := s.searchClips(queries, maxTotalHits)
	return clipIDs(found), err
}

// filterExpressions are the filters of the query, all of which must hold; the
// access check is in the token.
func (s *meiliSearch) filterExpressions() (out []string) {
	and := func(format string, value any) { out = append(out, fmt.Sprintf(format, value)) }
	if s.q.AuthorID != "" {
		and(`author_id = "%s"`, safeValue(string(s.q.AuthorID)))
	}

	if s.q.ChannelID != "" {
		and(`channel_id = "%s"`, safeValue(string(s.q.ChannelID)))
	}

	if s.q.Kind != "" {
		and(`kind = "%s"`, safeValue(string(s.q.Kind)))
	}

	if s.q.Tag != "" {
		and(`tags = "%s"`, safeValue(fold.Tag(s.q.Tag)))
	}

	if s.q.Only != nil {
		and("clip_id IN %s", quotedList(filterableIDs(*s.q.Only)))
	}

	if len(s.q.Except) > 0 {
		and("clip_id NOT IN %s", quotedList(filterableIDs(s.q.Except)))
	}

	if s.q.From != nil {
		and("created_at >= %d", tidings.Millis(*s.q.From))
	}

	if s.q.To != nil {
		and("created_at < %d", tidings.Millis(*s.q.To))
	}

	if len(s.exclude) > 0 {
		and("clip_id NOT IN %s", quotedList(s.exclude))
	}

	return out
}

// filterableIDs are the ids that can be written in a filter: all generated ones.
func filterableIDs(ids []tidings.ID) []string {
	return clipIDs(slices.DeleteFunc(slices.Clone(ids), func(id tidings.ID) bool { return checkClipID(id) != nil }))
}

// meiliColumns are the attributes of the searched fields; none = all.
func meiliColumns(in []string) (names []string) {
	for _, s := range in {
		switch s {
		case "titles":
			names = append(names, "title", "description")
		case "transcript":
			names = append(names, "text")
		case "comments":
			names = append(names, "comments")
		}
	}
	return names
}

// maxMeiliQueries bounds the searches of one query.
const maxMeiliQueries = 8

// meiliQueries are the queries that together find the terms in all spellings, as
// Meilisearch knows no alternatives within a query.
func meiliQueries(want []term, loose bool) (out []string) {
	variants := [][]term{want}
	for i, t := range want {
		if t.not {
			continue
		}
		for _, form := range t.joined {
			for _, v := range variants {
				if len(variants) == maxMeiliQueries {
					break
				}
				v = slices.Clone(v)
				v[i].words = []string{form}
				variants = append(variants, v)
			}
		}
	}

	for _, v := range variants {
		out = append(out, meiliQuery(v, loose))
	}

	return out
}

// withExclusions adds the other spellings of excluded terms.
func withExclusions(want []term) []term {
	for _, t := range want {
		for _, form := range t.joined {
			if t.not {
				want = append(want, term{words: []string{form}, not: true})
			}
		}
	}
	return want
}

// meiliQuery is the terms in Meilisearch's query language. Between quotes, words
// match exactly, without typos and compounds; only an incomplete word is bare,
// as the last one. With loose, words that may be misspelled are bare as well,
// and an open phrase ends in a bare word. Words are letters and digits, so text
// is never syntax.
func meiliQuery(want []term, loose bool) string {
	var b []string
	open := false
	for _, t := range want {
		if loose && len(t.fallback) > 0 && !t.not {
			t.words, t.prefix = t.fallback[:1], false
		}

		last := len(t.words) - 1
		switch {
		case t.not:
			b = append([]string{"-" + quotePhrase(t.words)}, b...)
			continue
		case last == 0 && (t.openEnded() || loose && t.typoLimit() > 0):
			b = append(b, t.words[0])
		case loose && t.openEnded():
			b = append(b, quotePhrase(t.words[:last]), t.words[last])
		default:
			b = append(b, quotePhrase(t.words))
			open = false
			continue
		}

		open = t.openEnded()
	}

	text := strings.Join(b, " ")
	if !open && text != "" {
		text += " " // a space: the last word is complete
	}

	return text
}

// openEnded reports whether a term's last word may be incomplete. A character of
// a script without spaces is always complete.
func (t term) openEnded() bool {
	if !t.prefix {
		return false
	}
	tokens := analyzeText(t.words[len(t.words)-1])
	return len(tokens) == 1 && !tokens[0].dense
}

func quotePhrase(words []string) string { return `"` + strings.Join(words, " ") + `"` }
