package api

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/profanity"
	"tidings.example/tidings/search/query"
	"tidings.example/tidings/tidings"
)

// SearchStore is what searchHandlers needs of the rows.
type SearchStore interface {
	ACLOf(ctx context.Context, s tidings.Subject, ws tidings.ID) ([]string, error)
	Channels(ctx context.Context, s tidings.Subject, ws tidings.ID) ([]tidings.Channel, error)
	DocumentsByID(ctx context.Context, clips []tidings.ID) ([]tidings.Document, error) // in this order, without deleted ones
	Members(ctx context.Context, ws tidings.ID) ([]tidings.Member, error)
	SeenClips(ctx context.Context, ws, user tidings.ID, until time.Time) ([]tidings.ID, error)
	SpeakersSeenBy(ctx context.Context, guest, ws tidings.ID) (map[tidings.ID]bool, error)
	UnansweredClips(ctx context.Context, ws tidings.ID) ([]tidings.ID, error)
	User(ctx context.Context, id tidings.ID) (tidings.User, error)
}

// searchHandlers serves searches.
type searchHandlers struct {
	store           SearchStore
	channelAccess   *channelAccess
	access          *auth.Access
	clock           tidings.Clock
	moments         func(context.Context, []tidings.Document, tidings.Query) ([][]tidings.Moment, error)
	search          Searcher
	similar         Similar // nil = nothing finds clips by meaning
	searchElsewhere bool
	slots           chan struct{}
}

// maxOffset is how far a search can be paged.
const maxOffset = 1000

// Search is GET /search. The engine returns the ids of clips in order; each is
// read again from the rows with the caller's access before anything of it is
// shown.
func (h *searchHandlers) Search(ctx context.Context, r spec.SearchRequestObject) (spec.SearchResponseObject, error) {
	start := time.Now()
	q, at, err := h.parseQuery(ctx, r.Params)
	if err != nil {
		return nil, err
	}

	out := spec.Search200JSONResponse{Items: []spec.SearchItem{}, Engine: h.search.Name()}
	if len(q.ACL) == 0 {
		return out, nil
	}

	var more bool
	if out.Items, more, err = h.searchPage(ctx, q, at.since); err != nil {
		return nil, err
	}

	if next := q.Offset + q.Limit; more && next < maxOffset {
		at.offset = next
		out.NextCursor = spec.OrNil(at.String())
	}

	out.TookMs = time.Since(start).Milliseconds()
	return out, nil
}

// searchPage is one page of results, and whether more follow.
func (h *searchHandlers) searchPage(ctx context.Context, q tidings.Query, since time.Time) (items []spec.SearchItem, more bool, err error) {
	possible, err := h.applyCallerFilters(ctx, &q, since)
	if err != nil || !possible {
		return []spec.SearchItem{}, false, err
	}

	items, hits, more, err := h.searchWords(ctx, q)
	if err == nil && !more {
		items = append(items, h.findSimilar(ctx, q, hits, len(items))...)
	}
	return items, more, err
}

// searchWords is one page of the clips that hold the words of a query.
func (h *searchHandlers) searchWords(ctx context.Context, q tidings.Query) (items []spec.SearchItem, hits []tidings.Hit, more bool, err error) {
	if h.searchElsewhere {
		if hits, more, err = h.search.Search(ctx, q); err != nil {
			return nil, nil, false, err
		}
	}

	done, err := h.acquireSlot(ctx)
	if err != nil {
		return nil, nil, false, err
	}
	defer done()

	if !h.searchElsewhere {
		if hits, more, err = h.search.Search(ctx, q); err != nil {
			return nil, nil, false, err
		}
	}

	items, err = h.loadResults(ctx, hits, matchWords, func(docs []tidings.Document) ([][]tidings.Moment, error) {
		return h.moments(ctx, docs, q)
	})
	return items, hits, more, err
}

// acquireSlot waits for a search slot. There is about one slot per processor:
// with more, each search would take as long as the slowest.
func (h *searchHandlers) acquireSlot(ctx context.Context) (done func(), err error) {
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Values of a result's match.
const (
	matchWords   = "words"
	matchMeaning = "meaning"
)

// loadResults reads the documents of hits that the caller may see, and finds
// the moments in them.
func (h *searchHandlers) loadResults(ctx context.Context, hits []tidings.Hit, match string, findMoments func([]tidings.Document) ([][]tidings.Moment, error)) ([]spec.SearchItem, error) {
	grants, err := h.access.VisibleClips(ctx, spec.Map(hits, func(h tidings.Hit) tidings.ID { return h.ClipID }))
	if err != nil {
		return nil, err
	}

	var seen []tidings.ID
	for _, h := range hits {
		if _, ok := grants[h.ClipID]; ok { // deleted ones are left out
			seen = append(seen, h.ClipID)
		}
	}

	docs, err := h.store.DocumentsByID(ctx, seen)
	if err != nil {
		return nil, err
	}

	moments, err := findMoments(docs)
	if err != nil {
		return nil, err
	}

	items := make([]spec.SearchItem, len(docs))
	for i, d := range docs {
		if grants[d.ClipID].MaskProfanity {
			maskMoments(moments[i], d.Language)
		}
		items[i] = searchItem(request.FromContext(ctx), d, moments[i])
		items[i].ScoreOrder, items[i].Match, items[i].Clip.ChannelID = i+1, match, channelShown(request.SubjectOf(ctx), grants[d.ClipID])
	}

	return items, nil
}

// maskMoments masks profane words in what was said. A snippet's tags and escapes
// are no profane words, and matches are whole words.
func maskMoments(moments []tidings.Moment, language string) {
	for i := range moments {
		if moments[i].Source == "transcript" {
			moments[i].Snippet = profanity.Mask(moments[i].Snippet, language)
		}
	}
}

func searchItem(k *request.State, d tidings.Document, moments []tidings.Moment) spec.SearchItem {
	c := tidings.Clip{ID: d.ClipID, WorkspaceID: d.WorkspaceID, ChannelID: d.ChannelID, Author: d.Author, Kind: d.Kind, Title: d.Title, State: d.State, CreatedAt: d.CreatedAt}
	if d.DurationMS > 0 {
		c.DurationMS = &d.DurationMS
	}
	return spec.SearchItem{Clip: shortClip(k, c, d.Poster), Moments: spec.Map(moments[:min(3, len(moments))], func(m tidings.Moment) spec.Moment {
		return spec.Moment{Source: m.Source, ID: m.ID, StartMs: m.StartMS, SnippetHTML: m.Snippet, URL: clipURL(c.ID, m.StartMS), By: momentAuthor(m, c)}
	})}
}

// momentAuthor is who said or wrote the match: the speaker, if the transcript
// has speakers, else the clip's author.
func momentAuthor(m tidings.Moment, c tidings.Clip) *string {
	if m.Source == "title" {
		return nil
	}
	return spec.OrNil(cmp.Or(m.By, c.Author.Name))
}

// clipURL is the page of a clip at a time: /c/{id}?t=93.5, in seconds.
func clipURL(id tidings.ID, ms int64) string {
	if ms <= 0 {
		return "/c/" + string(id)
	}
	return "/c/" + string(id) + "?t=" + formatSeconds(ms)
}

// formatSeconds formats a time for the URL of a page.
func formatSeconds(ms int64) string { return strconv.FormatFloat(float64(ms)/1000, 'f', -1, 64) }

// parseQuery is the query of the request, with the page to return.
func (h *searchHandlers) parseQuery(ctx context.Context, p spec.SearchParams) (q tidings.Query, at searchCursor, err error) {
	who := request.SubjectOf(ctx)
	q = tidings.Query{Text: spec.Deref(p.Q), AuthorID: authorFilter(who, p.Author), Kind: spec.Deref(p.Kind), Tag: spec.Deref(p.Tag),
		Newest: spec.Deref(p.Sort) == spec.SearchParamsSortNewest, Limit: pageSize(p.Limit)}
	if q.WorkspaceID, err = auth.SoleWorkspace(ctx, p.Workspace); err != nil {
		return q, at, err
	}
	if q.ACL, err = h.store.ACLOf(ctx, who, q.WorkspaceID); err != nil {
		return q, at, err
	}
	if at, err = h.searchCursor(p, q.WorkspaceID); err != nil {
		return q, at, err
	}

	q.Offset = at.offset
	q.ChannelID = tidings.ID(spec.Deref(p.Channel))
	if seen, err := h.channelAccess.seesChannel(ctx, q.WorkspaceID, string(q.ChannelID)); err != nil || !seen {
		q.ACL = nil // matches nothing
		return q, at, err
	}
	if q.In, err = searchIn(spec.Deref(p.In)); err != nil {
		return q, at, err
	}

	if list := spec.Deref(p.Is); list != "" {
		if err = q.SetIs("is", list); err != nil {
			return q, at, err
		}
	}

	zone, err := h.zoneOf(ctx, who)
	if err != nil {
		return q, at, err
	}
	if q.From, err = parseDay("from", spec.Deref(p.From), zone, 0); err != nil {
		return q, at, err
	}
	if q.To, err = parseDay("to", spec.Deref(p.To), zone, 1); err != nil {
		return q, at, err
	}
	return q, at, query.Parser{Clock: h.clock, Zone: zone}.ParseQuery(&q, h.resolveNames(ctx, q.WorkspaceID))
}

func searchIn(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	in := strings.Split(list, ",")
	for _, name := range in {
		if !slices.Contains([]string{"titles", "transcript", "comments"}, name) {
			return nil, tidings.Invalid("in", "Any of titles, transcript, comments.")
		}
	}
	return in, nil
}

// zoneOf is the time zone of the caller, whose days a query means; UTC if it is
// unknown.
func (h *searchHandlers) zoneOf(ctx context.Context, who tidings.Subject) (*time.Location, error) {
	if who.UserID == "" {
		return time.UTC, nil
	}
	user, err := h.store.User(ctx, who.UserID)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(user.TimeZone)
	if err != nil {
		return time.UTC, nil
	}
	return zone, nil
}

// parseDay reads an RFC 3339 time or a date in a zone; a date may mean its end,
// one day later.
func parseDay(field, text string, zone *time.Location, days int) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}

	at, err := tidings.ParseTime(text)
	if err != nil {
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return nil, tidings.Invalid(field, "A date or an RFC 3339 time is needed.")
		}
		at = query.StartOfDay(day.AddDate(0, 0, days), zone)
	}

	at = at.UTC()
	return &at, nil
}

// Searcher finds clips; see search.Engine.
type Searcher interface {
	Search(ctx context.Context, q tidings.Query) (hits []tidings.Hit, more bool, err error)
	Count(ctx context.Context, ws tidings.ID) (int, error)
	Name() string
}
