package api

import (
	"context"
	"fmt"
	"time"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// AudienceStore is what viewHandlers needs of the rows.
type AudienceStore interface {
	AddLinkVisit(ctx context.Context, link tidings.ID, session string) error
	AddView(ctx context.Context, clip tidings.ID, v tidings.View) error
	Audience(ctx context.Context, clip tidings.ID) (tidings.Audience, error)
}

// viewHandlers counts the views of clips and lists the viewers.
type viewHandlers struct {
	store  AudienceStore
	access *auth.Access
	limits *viewLimits
}

// viewLimits bound the rate of reports. A player reports every 10 s, and again
// when its page is left; many players may share one address.
type viewLimits struct {
	clients     *auth.Limiter // reports from an address by a link, or of a person
	newSessions *auth.Limiter // view sessions begun from an address by a link
	sessions    *auth.Limiter // reports of a view session
}

func newViewLimits(now tidings.Clock) *viewLimits {
	return &viewLimits{
		clients:     auth.NewLimiterEvery(200*time.Millisecond, 300, now),
		newSessions: auth.NewLimiterEvery(3*time.Second, 120, now),
		sessions:    auth.NewLimiterEvery(3*time.Second, 20, now),
	}
}

// checkReport is KindRateLimited when the client of the request, or the view
// session, reports too often. The page reports the same ranges later.
func (l *viewLimits) checkReport(ctx context.Context, viewer, session string) error {
	client := "view " + viewer
	if request.SubjectOf(ctx).UserID == "" {
		client += " " + auth.AddressKey(request.FromContext(ctx).ClientIP)
	}
	if err := l.clients.Check(client); err != nil {
		return err
	}

	key := client + " " + session
	if !l.sessions.Knows(key) {
		if err := l.newSessions.Check(client); err != nil {
			return err
		}
	}

	return l.sessions.Check(key)
}

// AddView is POST /clips/{id}/views.
func (h *viewHandlers) AddView(ctx context.Context, r spec.AddViewRequestObject) (spec.AddViewResponseObject, error) {
	g, snippet, err := h.access.AuthorizeClipOrSnippet(ctx, r.ID, tidings.ActView)
	if err != nil {
		return nil, err
	}

	who := request.SubjectOf(ctx)
	v := tidings.View{Viewer: string(who.UserID), Session: r.Body.Session, Ranges: make([]tidings.Span, len(r.Body.Ranges)), Read: spec.Deref(r.Body.Read)}
	switch {
	case v.Viewer != "" && !who.Scope.Includes(tidings.ScopeWrite):
		return nil, tidings.Errorf(tidings.KindForbidden, "This token may only read.")
	case v.Viewer == "":
		v.Viewer = "link:" + string(who.Link.ID) // the access check has accepted the link
	}

	if err := h.limits.checkReport(ctx, v.Viewer, v.Session); err != nil {
		return nil, err
	}

	for i, p := range r.Body.Ranges {
		if v.Ranges[i] = (tidings.Span{StartMS: p[0], EndMS: p[1]}); p[1] < p[0] {
			return nil, tidings.Invalid("ranges", "A range may not go backwards.")
		}
		if snippet != nil {
			v.Ranges[i] = tidings.Span{StartMS: min(p[0]+snippet.StartMS, snippet.EndMS), EndMS: min(p[1]+snippet.StartMS, snippet.EndMS)}
		}
	}

	if who.Link != nil && who.Link.ClipID == g.ClipID {
		if err := h.store.AddLinkVisit(ctx, who.Link.ID, r.Body.Session); err != nil {
			return nil, err
		}
	}

	return spec.AddView204Response{}, h.store.AddView(ctx, g.ClipID, v)
}

// ListViewers is GET /clips/{id}/viewers, for the clip's author and for owners
// and admins who see the clip.
func (h *viewHandlers) ListViewers(ctx context.Context, r spec.ListViewersRequestObject) (spec.ListViewersResponseObject, error) {
	g, err := h.access.AuthorizeClip(ctx, r.ID, tidings.ActAudience)
	if err != nil {
		return nil, err
	}

	a, err := h.store.Audience(ctx, g.ClipID)
	if err != nil {
		return nil, err
	}

	key := func(v tidings.Viewer) string { return fmt.Sprintf("%016x%s", tidings.Millis(v.LastAt), v.Person.ID) }
	items, next, err := pageOf(a.People, key, true, r.Params.Limit, r.Params.Cursor)
	out := spec.ListViewers200JSONResponse{NextCursor: next, Items: spec.Map(items, viewerJSON),
		Anonymous: spec.AnonymousViews{Views: a.Anonymous, Seen: a.AnonymousSeen}}
	if a.Heat != nil {
		out.Heat = &spec.Heat{BucketMs: a.Heat.BucketMS, Counts: a.Heat.Counts}
	}

	return out, err
}

func viewerJSON(v tidings.Viewer) spec.Viewer {
	return spec.Viewer{Person: spec.AuthorOf(v.Person), State: spec.ViewerState(v.State()), Seen: v.Seen, Read: v.Read, Answered: v.Answered,
		FirstAt: spec.Instant(v.FirstAt), LastAt: spec.Instant(v.LastAt)}
}
