package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/budget"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// EventStore is what eventHandlers needs of the rows.
type EventStore interface {
	Clip(ctx context.Context, id tidings.ID) (tidings.Clip, error) // also in the trash
	ClipReactions(ctx context.Context, clip tidings.ID) ([]tidings.Reaction, error)
	Comment(ctx context.Context, id tidings.ID) (tidings.Comment, error)
	Replies(ctx context.Context, clip tidings.ID) ([]tidings.ID, error)
	Serial() int64
	Subscribe(ctx context.Context, after int64) (events <-chan tidings.Event, resync bool)
	TranscriptSegment(ctx context.Context, id tidings.ID) (seg tidings.TranscriptSegment, clip tidings.ID, err error)
}

// eventHandlers serves live events.
type eventHandlers struct {
	store         EventStore
	clipViews     *clipViews
	segments      *segmentViews
	commentAccess *commentAccess
	commentViews  *commentViews
	access        *auth.Access
	auth          *auth.Authenticator
	cache         *eventCache
	clock         tidings.Clock
	epoch         string
	heartbeat     time.Duration
	recheckEvery  time.Duration
	stopped       <-chan struct{}
	streams       *budget.Pool
}

// eventWriteTimeout is how long a client may take to read one event.
const eventWriteTimeout = 20 * time.Second

// streamLimits are the budgets of event streams: a tab has one.
func streamLimits(total int) budget.Limits {
	return budget.Limits{Total: total, Reserve: total / 4, PerAddress: 256, PerLink: 1024, PerPerson: 64}
}

// eventStream is one client of GET /events.
type eventStream struct {
	handlers     *eventHandlers
	c            echo.Context
	rc           *http.ResponseController
	ws           tidings.ID // only this workspace; "" = all of the caller's
	clip         tidings.ID // only this clip and the replies to it; "" = all
	personal     bool       // only the caller's own events
	replies      map[tidings.ID]bool
	subject      tidings.Subject
	accessCache  map[tidings.ID]cachedAccess // results of the access check
	accessExpiry time.Time                   // of accessCache
}

type cachedAccess struct {
	access  tidings.ClipAccess
	visible bool
}

// streamEvents is GET /events: what the caller may see, as it happens. An event
// carries the current state of its resource; a client that missed events is
// told to load again (resync).
func (h *eventHandlers) streamEvents(c echo.Context) error {
	ctx := c.Request().Context()
	e := &eventStream{handlers: h, c: c, rc: http.NewResponseController(c.Response()), subject: request.SubjectOf(ctx)}
	if err := e.parseScope(ctx); err != nil {
		return err
	}

	release, err := h.streams.Acquire(auth.ClientOf(ctx))
	if err != nil {
		return err
	}
	defer release()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	after, fresh := h.parseLastEventID(c)
	events, resync := h.store.Subscribe(ctx, after)
	header := c.Response().Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	c.Response().WriteHeader(http.StatusOK)

	if resync || !fresh {
		if err := e.writeEvent(tidings.Event{Type: tidings.EventResync, Serial: h.store.Serial()}); err != nil {
			return nil
		}
	} else if err := e.writeAndFlush(": hello\nretry: 1000\n\n"); err != nil { // retry: a page whose link was revoked reconnects soon
		return nil
	}

	e.forwardEvents(ctx, events)
	return nil
}

// parseScope reads which events the client asks for, and checks that it may
// have them.
func (e *eventStream) parseScope(ctx context.Context) error {
	if ws := e.c.QueryParam("workspace"); ws != "" {
		id, _, err := auth.RoleIn(ctx, ws)
		if err != nil {
			return err
		}
		e.ws = id
	}

	e.personal = e.c.QueryParam("mine") == "true"
	clip := e.c.QueryParam("clip")
	if e.subject.Link != nil && (clip == "" || e.subject.UserID == "") {
		clip = string(e.subject.Link.ClipID) // a link opens one clip only
	}

	if clip != "" {
		g, _, err := e.handlers.access.AuthorizeClipOrSnippet(ctx, clip, tidings.ActView)
		if err != nil {
			return err
		}
		e.clip = g.ClipID
		return e.loadReplies(ctx)
	}
	if e.subject.UserID == "" {
		return tidings.Errorf(tidings.KindUnauthenticated, "Sign in first.")
	}

	return auth.CheckLevel(auth.Reader, e.subject)
}

// formatEventID is the id of an event of this process.
func formatEventID(epoch string, serial int64) string { return fmt.Sprintf("%s-%d", epoch, serial) }

// parseLastEventID is the serial to continue after. fresh is false when the id
// is of another process, whose events are not kept.
func (h *eventHandlers) parseLastEventID(c echo.Context) (after int64, fresh bool) {
	id := cmp.Or(c.Request().Header.Get("Last-Event-ID"), c.QueryParam("after"))
	if id == "" {
		return 0, true
	}
	epoch, text, _ := strings.Cut(id, "-")
	n, err := strconv.ParseInt(text, 10, 64)
	if epoch != h.epoch || err != nil || n < 0 {
		return 0, false
	}
	return n, true
}

// forwardEvents sends events until the client disconnects, the server stops, or
// the caller loses access.
func (e *eventStream) forwardEvents(ctx context.Context, events <-chan tidings.Event) {
	beat, recheck := time.NewTicker(e.handlers.heartbeat), time.NewTicker(e.handlers.recheckEvery)
	defer beat.Stop()
	defer recheck.Stop()

	confirmed := auth.NewConfirmation(e.handlers.clock)
	for {
		var err error
		select {
		case ev, ok := <-events:
			if !ok {
				return
			}
			err = e.forwardEvent(ctx, ev)
		case <-beat.C:
			err = e.writeComment("beat")
		case <-recheck.C:
			err = confirmed.Judge(e.recheckAccess(ctx))
		case <-e.handlers.stopped:
			return
		case <-ctx.Done():
			return
		}

		if err != nil {
			return
		}
	}
}

// recheckAccess reads the caller's subject again and checks that it may still
// have the stream.
func (e *eventStream) recheckAccess(ctx context.Context) error {
	who, err := e.handlers.auth.ReloadSubject(ctx)
	if err != nil {
		return err
	}

	e.subject, e.accessCache = who, nil
	request.FromContext(ctx).Subject = who
	if e.clip != "" {
		if _, err = e.handlers.access.AuthorizeSubject(ctx, who, e.clip, tidings.ActView); err != nil {
			return err
		}
		return e.loadReplies(ctx)
	}
	if e.ws != "" && who.Roles[e.ws] == "" {
		return tidings.NotFound()
	}

	return auth.CheckLevel(auth.Reader, who)
}

// accessChanged rechecks the access of the people an event is about: one
// person, the viewers of a clip, or all of a workspace. The client then loads
// again.
func (e *eventStream) accessChanged(ctx context.Context, ev tidings.Event) error {
	everybody := ev.SubjectID == "" && ev.ClipID == "" && e.subject.Roles[ev.WorkspaceID] != ""
	mine := ev.SubjectID != "" && ev.SubjectID == e.subject.UserID
	if !everybody && !mine && (ev.ClipID == "" || ev.ClipID != e.clip) {
		return nil
	}
	if err := e.recheckAccess(ctx); err != nil || ev.WorkspaceID == "" {
		return err
	}
	return e.writeEvent(tidings.Event{Type: tidings.EventResync, Serial: e.handlers.store.Serial()})
}

// forwardEvent writes an event if the caller may see its clip.
func (e *eventStream) forwardEvent(ctx context.Context, ev tidings.Event) error {
	switch {
	case ev.Type == tidings.EventAccessChanged:
		return e.accessChanged(ctx, ev)
	case ev.Type.Internal():
		return nil
	case ev.Type == tidings.EventResync:
		return e.writeEvent(ev)
	case ev.UserID != "":
		return e.writeOwnEvent(ev)
	case ev.Type == tidings.EventNotification:
		return e.writeNotification(ctx, ev)
	case e.personal:
		return nil
	case ev.ClipID == "" || e.clip != "" && ev.ClipID != e.clip && !e.replies[ev.ClipID] || e.ws != "" && ev.WorkspaceID != e.ws:
		return nil
	}

	g, ok, err := e.checkClipAccess(ctx, ev)
	if err != nil || !ok || ev.Type.AboutComments() && !tidings.Allowed(e.subject, g, tidings.ActRead, e.handlers.clock()) {
		return err
	}

	out, err := e.handlers.eventJSON(ctx, ev, g)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}

	if out.Comment != nil && out.Comment.ReplyClip != nil && e.replies != nil {
		e.replies[out.Comment.ReplyClip.ID] = true // events of the reply belong to the stream
	}

	return e.writeEventJSON(ev, out)
}

// checkClipAccess is the access check of an event's clip, cached for
// RecheckEvery unless the clip itself has changed.
func (e *eventStream) checkClipAccess(ctx context.Context, ev tidings.Event) (tidings.ClipAccess, bool, error) {
	now := time.Now()
	if e.accessCache == nil || now.After(e.accessExpiry) || len(e.accessCache) >= 256 {
		e.accessCache, e.accessExpiry = map[tidings.ID]cachedAccess{}, now.Add(e.handlers.recheckEvery)
	}

	if got, known := e.accessCache[ev.ClipID]; known && ev.Type != tidings.EventClipUpdated {
		return got.access, got.visible, nil
	}

	g, err := e.handlers.access.AuthorizeSubject(ctx, e.subject, ev.ClipID, tidings.ActView)
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return g, false, err
	}

	e.accessCache[ev.ClipID] = cachedAccess{g, err == nil}
	return g, err == nil, nil
}

// eventJSON is an event with its resource.
func (h *eventHandlers) eventJSON(ctx context.Context, ev tidings.Event, g tidings.ClipAccess) (spec.Event, error) {
	out := spec.Event{Type: ev.Type, WorkspaceID: ev.WorkspaceID, ClipID: ev.ClipID, SubjectID: spec.OrNil(ev.SubjectID)}
	snippet := request.SubjectOf(ctx).SnippetOf(ev.ClipID)
	switch ev.Type {
	case tidings.EventClipUpdated, tidings.EventClipStep:
		return h.clipEvent(ctx, ev, out, g)
	case tidings.EventTranscriptSegment:
		return h.segmentEvent(ctx, ev, out, g, snippet)
	case tidings.EventCommentCreated, tidings.EventCommentUpdated, tidings.EventCommentDeleted:
		return h.commentEvent(ctx, ev, out, g)
	case tidings.EventReactionChanged:
		return h.reactionEvent(ctx, ev, out, g, snippet)
	}

	if snippet != nil {
		return out, tidings.NotFound() // events without a snippet form are not shown
	}

	return out, nil
}

// clipEvent sets the clip of the event.
func (h *eventHandlers) clipEvent(ctx context.Context, ev tidings.Event, out spec.Event, g tidings.ClipAccess) (spec.Event, error) {
	c, err := h.cachedClip(ctx, ev)
	if err != nil {
		return out, err
	}

	clip, err := h.clipViews.clipJSON(ctx, c, g)
	out.Clip = &clip
	return out, err
}

// segmentEvent sets the transcript segment of the event, cut to the snippet.
func (h *eventHandlers) segmentEvent(ctx context.Context, ev tidings.Event, out spec.Event, g tidings.ClipAccess, snippet *tidings.Span) (spec.Event, error) {
	seg, clip, err := h.store.TranscriptSegment(ctx, ev.SubjectID)
	if err != nil {
		return out, err
	}
	if clip != ev.ClipID {
		return out, tidings.NotFound()
	}

	if snippet != nil {
		var inside bool
		if seg, inside = snippet.CutSegment(seg); !inside {
			return out, tidings.NotFound()
		}
	}

	segments, err := h.segments.segmentsJSON(ctx, g, []tidings.TranscriptSegment{seg})
	if err != nil {
		return out, err
	}
	out.Segment = &segments[0]
	return out, nil
}

// commentEvent sets the comment of the event, if the caller may see it.
func (h *eventHandlers) commentEvent(ctx context.Context, ev tidings.Event, out spec.Event, g tidings.ClipAccess) (spec.Event, error) {
	c, err := h.cachedComment(ctx, ev)
	if err != nil {
		return out, err
	}
	if c.ClipID != ev.ClipID {
		return out, tidings.NotFound()
	}
	if sees, err := h.access.SeesComment(ctx, c); err != nil || !sees {
		return out, cmp.Or(err, tidings.NotFound())
	}

	shown, err := h.commentViews.withReply(ctx, h.commentAccess.permsOn(ctx, g), c)
	out.Comment = &shown
	return out, err
}

// writeEvent sends an event without a resource.
func (e *eventStream) writeEvent(ev tidings.Event) error {
	return e.writeEventJSON(ev, spec.Event{Type: ev.Type, WorkspaceID: ev.WorkspaceID, ClipID: ev.ClipID, SubjectID: spec.OrNil(ev.SubjectID)})
}

func (e *eventStream) writeEventJSON(ev tidings.Event, data spec.Event) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return e.writeAndFlush(fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", formatEventID(e.handlers.epoch, ev.Serial), ev.Type, text))
}

func (e *eventStream) writeComment(text string) error { return e.writeAndFlush(": " + text + "\n\n") }

func (e *eventStream) writeAndFlush(text string) error {
	// httptest.ResponseRecorder has no deadlines; real connections always do.
	_ = e.rc.SetWriteDeadline(time.Now().Add(eventWriteTimeout))
	if _, err := e.c.Response().Write([]byte(text)); err != nil {
		return err
	}
	return e.rc.Flush()
}
