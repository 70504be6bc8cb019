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
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// eventStore is what eventHandlers reads and writes of the rows.
type eventStore interface {
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
	store         eventStore
	clipViews     *clipViews
	commentAccess *commentAccess
	commentViews  *commentViews
	access        *auth.Access
	auth          *auth.Authenticator
	cache         *told
	clock         tidings.Clock
	epoch         string
	heartbeat     time.Duration
	recheckEvery  time.Duration
	stopped       <-chan struct{}
	streams       chan struct{}
}

// writePatience is how long a client may take to read one event.
const writePatience = 20 * time.Second

// stream is one client of GET /events.
type stream struct {
	s       *eventHandlers
	c       echo.Context
	rc      *http.ResponseController
	ws      tidings.ID // only this workspace; "" = all of the caller's
	clip    tidings.ID // only this clip and the replies to it; "" = all
	mine    bool       // only what is for this very person
	replies map[tidings.ID]bool
	who     tidings.Subject
	seen    map[tidings.ID]sight // what the access check said, for a while
	until   time.Time            // when seen is to be forgotten
}

type sight struct {
	g  tidings.ClipAccess
	ok bool
}

// events is GET /events: everything the caller may see, as it happens. An
// event is a hint with the resource as it is now; when some were missed the
// client is told to load again (resync).
func (h *eventHandlers) events(c echo.Context) error {
	ctx := c.Request().Context()
	e := &stream{s: h, c: c, rc: http.NewResponseController(c.Response()), who: request.SubjectOf(ctx)}
	if err := e.scope(ctx); err != nil {
		return err
	}

	select {
	case h.streams <- struct{}{}:
		defer func() { <-h.streams }()
	default:
		return tidings.Errorf(tidings.KindUnavailable, "Too many live connections. Try again in a moment.")
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	after, fresh := h.resumeAt(c)
	events, resync := h.store.Subscribe(ctx, after)
	header := c.Response().Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	c.Response().WriteHeader(http.StatusOK)

	if resync || !fresh {
		if err := e.write(tidings.Event{Type: tidings.EventResync, Serial: h.store.Serial()}); err != nil {
			return nil
		}
	} else if err := e.flush(": hello\nretry: 1000\n\n"); err != nil { // a page whose link ended asks again soon, and hears of it
		return nil
	}

	e.run(ctx, events)
	return nil
}

// scope reads what the caller wants to hear of, and may.
func (e *stream) scope(ctx context.Context) error {
	if ws := e.c.QueryParam("workspace"); ws != "" {
		id, _, err := auth.RoleIn(ctx, ws)
		if err != nil {
			return err
		}
		e.ws = id
	}

	e.mine = e.c.QueryParam("mine") == "true"
	clip := e.c.QueryParam("clip")
	if e.who.Link != nil && (clip == "" || e.who.UserID == "") {
		clip = string(e.who.Link.ClipID) // a link opens one clip and nothing beside it
	}

	if clip != "" {
		g, _, err := e.s.access.AuthorizeClipOrSnippet(ctx, clip, tidings.ActView)
		if err != nil {
			return err
		}
		e.clip = g.ClipID
		return e.loadReplies(ctx)
	}
	if e.who.UserID == "" {
		return tidings.Errorf(tidings.KindUnauthenticated, "Sign in first.")
	}

	return auth.CheckLevel(auth.Reader, e.who)
}

// resumeAt is the serial to go on after. fresh is false when the id is of
// another process, whose events nobody remembers.
func (h *eventHandlers) resumeAt(c echo.Context) (after int64, fresh bool) {
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

// run hands events on until the client leaves, the server stops, or the
// caller's rights end.
func (e *stream) run(ctx context.Context, events <-chan tidings.Event) {
	beat, recheck := time.NewTicker(e.s.heartbeat), time.NewTicker(e.s.recheckEvery)
	defer beat.Stop()
	defer recheck.Stop()

	for {
		var err error
		select {
		case ev, ok := <-events:
			if !ok {
				return
			}
			err = e.hand(ctx, ev)
		case <-beat.C:
			err = e.comment("beat")
		case <-recheck.C:
			err = e.recheck(ctx)
		case <-e.s.stopped:
			return
		case <-ctx.Done():
			return
		}

		if err != nil {
			return
		}
	}
}

// recheck looks whether the caller is still who they were.
func (e *stream) recheck(ctx context.Context) error {
	who, err := e.s.auth.ReloadSubject(ctx)
	if err != nil {
		return err
	}

	e.who, e.seen = who, nil
	request.FromContext(ctx).Subject = who
	if e.clip != "" {
		if _, err = e.s.access.AuthorizeSubject(ctx, who, e.clip, tidings.ActView); err != nil {
			return err
		}
		return e.loadReplies(ctx)
	}
	if e.ws != "" && who.Roles[e.ws] == "" {
		return tidings.NotFound()
	}

	return auth.CheckLevel(auth.Reader, who)
}

// accessChanged looks at once at the rights of whoever an event is about: a
// person, the viewers of a clip, or everybody of a workspace. What they may see
// has changed, so they are told to load again.
func (e *stream) accessChanged(ctx context.Context, ev tidings.Event) error {
	everybody := ev.SubjectID == "" && ev.ClipID == "" && e.who.Roles[ev.WorkspaceID] != ""
	mine := ev.SubjectID != "" && ev.SubjectID == e.who.UserID
	if !everybody && !mine && (ev.ClipID == "" || ev.ClipID != e.clip) {
		return nil
	}
	if err := e.recheck(ctx); err != nil || ev.WorkspaceID == "" {
		return err
	}
	return e.write(tidings.Event{Type: tidings.EventResync, Serial: e.s.store.Serial()})
}

// hand writes an event if the caller may see its clip.
func (e *stream) hand(ctx context.Context, ev tidings.Event) error {
	switch {
	case ev.Type == tidings.EventAccessChanged:
		return e.accessChanged(ctx, ev)
	case ev.Type.Internal():
		return nil
	case ev.Type == tidings.EventResync:
		return e.write(ev)
	case ev.UserID != "":
		return e.own(ev)
	case ev.Type == tidings.EventNotification:
		return e.news(ctx, ev)
	case e.mine:
		return nil
	case ev.ClipID == "" || e.clip != "" && ev.ClipID != e.clip && !e.replies[ev.ClipID] || e.ws != "" && ev.WorkspaceID != e.ws:
		return nil
	}

	g, ok, err := e.sees(ctx, ev)
	if err != nil || !ok || ev.Type.AboutComments() && !tidings.Allowed(e.who, g, tidings.ActRead, e.s.clock()) {
		return err
	}

	out, err := e.s.eventJSON(ctx, ev, g)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return nil // gone since
	}
	if err != nil {
		return err
	}

	if out.Comment != nil && out.Comment.ReplyClip != nil && e.replies != nil {
		e.replies[out.Comment.ReplyClip.ID] = true // its own events follow
	}

	return e.send(ev, out)
}

// sees asks the access check, at most once in RecheckEvery for a clip that
// itself did not change.
func (e *stream) sees(ctx context.Context, ev tidings.Event) (tidings.ClipAccess, bool, error) {
	now := time.Now()
	if e.seen == nil || now.After(e.until) || len(e.seen) >= 256 {
		e.seen, e.until = map[tidings.ID]sight{}, now.Add(e.s.recheckEvery)
	}

	if got, known := e.seen[ev.ClipID]; known && ev.Type != tidings.EventClipUpdated {
		return got.g, got.ok, nil
	}

	g, err := e.s.access.AuthorizeSubject(ctx, e.who, ev.ClipID, tidings.ActView)
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return g, false, err
	}

	e.seen[ev.ClipID] = sight{g, err == nil}
	return g, err == nil, nil
}

// eventJSON is an event with the resource it is about.
func (h *eventHandlers) eventJSON(ctx context.Context, ev tidings.Event, g tidings.ClipAccess) (spec.Event, error) {
	out := spec.Event{Type: ev.Type, WorkspaceID: ev.WorkspaceID, ClipID: ev.ClipID, SubjectID: spec.OrNil(ev.SubjectID)}
	part := request.SubjectOf(ctx).SnippetOf(ev.ClipID)
	switch ev.Type {
	case tidings.EventClipUpdated, tidings.EventClipStep:
		c, err := h.clipTold(ctx, ev)
		if err != nil {
			return out, err
		}
		clip, err := h.clipViews.clipJSON(ctx, c, g)
		out.Clip = &clip
		return out, err
	case tidings.EventTranscriptSegment:
		seg, clip, err := h.store.TranscriptSegment(ctx, ev.SubjectID)
		if err == nil && clip != ev.ClipID {
			return out, tidings.NotFound()
		}

		if part != nil && err == nil {
			var inside bool
			if seg, inside = part.CutSegment(seg); !inside {
				return out, tidings.NotFound()
			}
		}

		shown := segmentJSON(seg)
		out.Segment = &shown
		return out, err
	case tidings.EventCommentCreated, tidings.EventCommentUpdated, tidings.EventCommentDeleted:
		c, err := h.commentTold(ctx, ev)
		if err == nil && c.ClipID != ev.ClipID {
			return out, tidings.NotFound()
		}

		if err == nil {
			sees, err := h.access.SeesComment(ctx, c)
			if err != nil || !sees {
				return out, cmp.Or(err, tidings.NotFound())
			}
		}

		if err != nil {
			return out, err
		}

		shown, err := h.commentViews.shownComment(ctx, h.commentAccess.eyes(ctx, g), c)
		out.Comment = &shown
		return out, err
	case tidings.EventReactionChanged:
		return h.reactionEvent(ctx, ev, out, g, part)
	}

	if part != nil {
		return out, tidings.NotFound() // whatever it is about, it is not cut
	}

	return out, nil
}

// write is send for an event without a resource.
func (e *stream) write(ev tidings.Event) error {
	return e.send(ev, spec.Event{Type: ev.Type, WorkspaceID: ev.WorkspaceID, ClipID: ev.ClipID, SubjectID: spec.OrNil(ev.SubjectID)})
}

func (e *stream) send(ev tidings.Event, data spec.Event) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return e.flush(fmt.Sprintf("id: %s-%d\nevent: %s\ndata: %s\n\n", e.s.epoch, ev.Serial, ev.Type, text))
}

func (e *stream) comment(text string) error { return e.flush(": " + text + "\n\n") }

func (e *stream) flush(text string) error {
	// Only recorders of tests have no deadlines; real connections always do.
	_ = e.rc.SetWriteDeadline(time.Now().Add(writePatience))
	if _, err := e.c.Response().Write([]byte(text)); err != nil {
		return err
	}
	return e.rc.Flush()
}
