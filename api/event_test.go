package api_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// liveEvent is one server-sent event.
type liveEvent struct {
	id, event string
	data      struct {
		Type    string
		ClipID  tidings.ID `json:"clip_id"`
		Clip    *clipJSON
		Comment *struct{ Body string }
		Segment *segmentJSON
	}
}

// eventStream is an open stream of server-sent events.
type eventStream struct {
	*testServer
	res    *http.Response
	events chan liveEvent // closed at the end of the stream
}

// openEvents opens a stream and waits for its first line.
func (c *client) openEvents(query string, header ...string) *eventStream {
	c.w.Helper()
	res := c.sendRequest("GET", "/api/v1/events"+query, nil, header...)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		c.w.Fatalf("events: %s %v", res.Status, res.Header)
	}

	l := &eventStream{testServer: c.w, res: res, events: make(chan liveEvent, 100)}
	started := make(chan struct{})
	go l.readEvents(started)
	<-started
	c.w.Cleanup(func() { res.Body.Close() })

	return l
}

func (l *eventStream) readEvents(started chan struct{}) {
	defer close(l.events)

	lines := bufio.NewScanner(l.res.Body)
	var e liveEvent
	var data string
	for lines.Scan() {
		if started != nil {
			close(started)
			started = nil
		}

		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.event = value
		case "data":
			data = value
		case "": // not reached when the stream closes within an event
			if e.event != "" {
				if err := json.Unmarshal([]byte(data), &e.data); err != nil {
					l.Error(err)
				}
				l.events <- e
			}
			e = liveEvent{}
		}
	}

	if started != nil {
		close(started)
	}
}

// nextEvent is the next event of the type; ok is false when the stream has
// ended.
func (l *eventStream) nextEvent(want string) (liveEvent, bool) {
	l.Helper()
	for timeout := time.After(patience); ; {
		select {
		case e, open := <-l.events:
			if !open || e.event == want {
				return e, open
			}
		case <-timeout:
			l.Fatalf("no %s came", want)
		}
	}
}

func TestEventsFollowCommit(t *testing.T) {
	w := newTestServer(t)
	l := w.ana.openEvents("")
	clip := w.ana.recordClip(20, "title", "Day 1")
	at := "/api/v1/clips/" + string(clip.ID)

	if e, ok := l.nextEvent("clip.updated"); !ok || e.data.ClipID != clip.ID || e.data.Clip == nil || e.data.Clip.Title != "Day 1" {
		t.Errorf("%+v", e)
	}

	w.ana.do("POST", at+"/comments", map[string]any{"body": "Good."}).is(201, "")
	e, _ := l.nextEvent("comment.created")
	if e.data.Comment == nil || e.data.Comment.Body != "Good." {
		t.Errorf("%+v", e)
	}

	w.transcribeClip(clip.ID)

	if e, _ := l.nextEvent("transcript.segment"); e.data.Segment == nil || e.data.Segment.Text != "So much for Monday" {
		t.Errorf("%+v", e)
	}

	if e, _ := l.nextEvent("clip.step"); e.data.Clip == nil {
		t.Errorf("%+v", e)
	}
}

func TestEventsResume(t *testing.T) {
	w := newTestServer(t)
	l := w.ana.openEvents("")
	clip := w.ana.createClip()
	first, _ := l.nextEvent("clip.updated")
	l.res.Body.Close()
	at := "/api/v1/clips/" + string(clip.ID) + "/comments"
	w.ana.do("POST", at, map[string]any{"body": "while away"}).is(201, "")
	for _, again := range []*eventStream{w.ana.openEvents("", "Last-Event-ID: "+first.id), w.ana.openEvents("?after=" + first.id)} {
		if e, ok := again.nextEvent("comment.created"); !ok || e.data.Comment.Body != "while away" {
			t.Errorf("%+v", e)
		}
	}

	for _, unknown := range []string{"otherprocess-1", "nonsense", first.id + "999"} {
		if e, ok := w.ana.openEvents("", "Last-Event-ID: "+unknown).nextEvent("resync"); !ok || e.data.Type != "resync" {
			t.Errorf("%s: %+v", unknown, e)
		}
	}
}

// TestResumedEventsHaveCurrentState: a client that reconnects receives the
// missed events of a comment, without the text it had before it was deleted.
func TestResumedEventsHaveCurrentState(t *testing.T) {
	w := newTestServer(t)
	mem := w.addPerson("mem", tidings.RoleMember)
	l := mem.openEvents("")
	clip := w.ana.createClip()
	first, _ := l.nextEvent("clip.updated")
	c := decodeJSON[struct{ ID string }](w.ana.do("POST", "/api/v1/clips/"+string(clip.ID)+"/comments", map[string]any{"body": "a secret"}).is(201, ""))

	if e, ok := l.nextEvent("comment.created"); !ok || e.data.Comment.Body != "a secret" {
		t.Fatalf("%+v", e)
	}

	w.ana.do("DELETE", "/api/v1/comments/"+c.ID, nil).is(204, "")

	if _, ok := l.nextEvent("comment.deleted"); !ok {
		t.Fatal("not told that the comment is gone")
	}

	again := mem.openEvents("", "Last-Event-ID: "+first.id)
	for _, want := range []string{"comment.created", "comment.deleted"} {
		if e, ok := again.nextEvent(want); !ok || e.data.Comment.Body != "" {
			t.Errorf("%s: %+v", want, e.data.Comment)
		}
	}
}

// TestEventsSincePage: what changes between the reading of a page's first data
// and the opening of its stream is not missed, from the server's first event on.
func TestEventsSincePage(t *testing.T) {
	w := newTestServer(t, withWeb)
	first := w.ana.get("/library").bootData().EventID
	clip := w.ana.createClip("title", "Before")
	page := "/c/" + string(clip.ID)
	shown := w.ana.get(page).bootData()
	w.ana.do("PATCH", "/api/v1/clips/"+string(clip.ID), map[string]any{"title": "After"}).is(http.StatusOK, "")

	e, _ := w.ana.openEvents("?clip=" + string(clip.ID) + "&after=" + shown.EventID).nextEvent("clip.updated")
	if shown.Clip.Title != "Before" || e.data.Clip.Title != "After" {
		t.Errorf("page %q, event %q", shown.Clip.Title, e.data.Clip.Title)
	}
	if e, _ := w.ana.openEvents("?after=" + first).nextEvent("clip.updated"); e.data.ClipID != clip.ID {
		t.Errorf("the first event is of %q", e.data.ClipID)
	}
}

func TestEventsRespectAccess(t *testing.T) {
	w := newTestServer(t)
	mem, out := w.addPerson("mem", tidings.RoleMember), w.addPerson("out", "")
	memberEvents, outsiderEvents := mem.openEvents("?workspace="+string(w.ws)), out.openEvents("")
	hidden := w.ana.createClip("visibility", "private", "title", "Hidden")
	open := w.ana.createClip("title", "Open")
	if e, ok := memberEvents.nextEvent("clip.updated"); !ok || e.data.ClipID != open.ID {
		t.Errorf("%+v is not %s (hidden: %s)", e, open.ID, hidden.ID)
	}

	w.ana.do("PATCH", "/api/v1/clips/"+string(open.ID), map[string]any{"visibility": "private"}).is(200, "")
	w.ana.do("PATCH", "/api/v1/clips/"+string(open.ID), map[string]any{"title": "Now hidden"}).is(200, "")
	mine := decodeJSON[clipJSON](mem.do("POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "voice"}).is(201, ""))
	if e, ok := memberEvents.nextEvent("clip.updated"); !ok || e.data.ClipID != mine.ID {
		t.Errorf("after rights were taken away: %+v", e)
	}

	select {
	case e := <-outsiderEvents.events:
		t.Errorf("another workspace hears %+v", e)
	default:
	}

	w.anonymousClient().get("/api/v1/events").is(401, "unauthenticated")
	out.get("/api/v1/events?workspace="+string(w.ws)).is(404, "not_found")
	out.get("/api/v1/events?clip="+string(mine.ID)).is(404, "not_found")
}

// TestStreamsEndWithAccess: the stream of a link ends when the link is revoked,
// that of a token when it is deleted, that of a session when it ends.
func TestStreamsEndWithAccess(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.createClip()
	link := w.ana.createLink(clip.ID, "allow_comments", true)
	visitor := w.anonymousClient().openEvents("?share=" + link.Token)
	w.ana.createClip() // another clip: a link receives no events of it
	w.ana.do("POST", "/api/v1/clips/"+string(clip.ID)+"/comments", map[string]any{"body": "x"}).is(201, "")
	if e, ok := visitor.nextEvent("comment.created"); !ok || e.data.ClipID != clip.ID {
		t.Errorf("%+v", e)
	}

	session, bot := w.signIn("ana@example.org"), w.newTokenClient(w.ana.user, tidings.ScopeRead)
	bySession, byToken := session.openEvents(""), bot.openEvents("")
	w.ana.do("DELETE", "/api/v1/links/"+string(link.ID), nil).is(204, "")
	session.do("DELETE", "/api/v1/session", nil).is(204, "")
	w.ok(w.store.DeleteToken(t.Context(), bot.user, bot.tokenID))
	for name, l := range map[string]*eventStream{"link": visitor, "session": bySession, "token": byToken} {
		if e, open := l.nextEvent("never"); open {
			t.Errorf("the stream of the %s goes on: %+v", name, e)
		}
	}
}

func TestTooManyStreams(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.MaxStreams = 1 })
	w.ana.openEvents("")
	w.ana.get("/api/v1/events").is(503, "unavailable").has("Retry-After: 5")
}

// TestVisitorsLeaveStreamsToMembers: the visitors of a link cannot open all
// streams that the server has.
func TestVisitorsLeaveStreamsToMembers(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.MaxStreams = 8 })
	link := w.ana.createLink(w.ana.createClip().ID)
	for range 6 {
		w.anonymousClient().openEvents("?share=" + link.Token)
	}
	w.anonymousClient().get("/api/v1/events?share="+link.Token).is(503, "unavailable").has("Retry-After: 5")
	w.ana.openEvents("")
	w.ana.openEvents("?share=" + link.Token)
}

// TestStreamsPerClient: one person, and one address, may open so many streams;
// others are still served.
func TestStreamsPerClient(t *testing.T) {
	// Hundreds of streams that recheck access every 50 ms would leave a busy machine no time to open the next ones.
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.RecheckEvery = time.Hour })
	for range 64 {
		w.ana.openEvents("")
	}
	w.ana.get("/api/v1/events").is(429, "rate_limited")
	w.addPerson("bo", tidings.RoleMember).openEvents("")
	link := w.ana.createLink(w.ana.createClip().ID)
	for range 256 {
		w.anonymousClient().openEvents("?share=" + link.Token)
	}
	w.anonymousClient().get("/api/v1/events?share="+link.Token).is(429, "rate_limited")
}
