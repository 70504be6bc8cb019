package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

type notificationJSON struct {
	ID      tidings.ID
	Kind    string
	URL     string
	Clip    struct{ ID tidings.ID }
	Comment *struct {
		ID   tidings.ID
		Body string
		AtMS *int64 `json:"at_ms"`
	}
	Actor     struct{ Name string }
	Emoji     []string
	Others    int
	CreatedAt time.Time  `json:"created_at"`
	SeenAt    *time.Time `json:"seen_at"`
}

type inboxJSON struct {
	Items      []notificationJSON
	NextCursor *string `json:"next_cursor"`
	Unread     int
}

func (c *client) getInbox(query string) inboxJSON {
	c.w.Helper()
	return decodeJSON[inboxJSON](c.get("/api/v1/notifications"+query).is(http.StatusOK, ""))
}

// joinKinds joins the kinds of an inbox's notifications, newest first.
func (b inboxJSON) joinKinds() string {
	var out []string
	for _, n := range b.Items {
		out = append(out, n.Kind)
	}
	return strings.Join(out, " ")
}

func TestInbox(t *testing.T) {
	w := newTestServer(t)
	ben := w.addPerson("ben", tidings.RoleMember)
	clip := w.ana.recordClip(10)
	at := "/api/v1/clips/" + string(clip.ID) + "/comments"
	first := decodeJSON[replyJSON](ben.do("POST", at, map[string]any{"body": "What of @[Ana](" + string(w.ana.user) + ")?", "at_ms": 1500}).is(201, ""))
	w.ana.do("POST", at, map[string]any{"body": "Nothing.", "parent_id": first.ID}).is(201, "")
	got := w.ana.getInbox("")
	if got.joinKinds() != "mention" || got.Unread != 1 || got.Items[0].Actor.Name != "ben" || !strings.HasPrefix(got.Items[0].Comment.Body, "What of") {
		t.Errorf("%+v", got)
	}

	if want := "/c/" + string(clip.ID) + "?comment=" + string(first.ID) + "&t=1.5"; got.Items[0].URL != want {
		t.Errorf("%s, want %s", got.Items[0].URL, want)
	}

	if got := ben.getInbox(""); got.joinKinds() != "reply clip" || got.Unread != 2 || got.Items[0].URL[len(got.Items[0].URL)-5:] != "t=1.5" {
		t.Errorf("a reply stands where its thread does: %+v", got)
	}

	if page := ben.getInbox("?limit=1"); len(page.Items) != 1 || page.NextCursor == nil || ben.getInbox("?limit=1&cursor="+*page.NextCursor).joinKinds() != "clip" {
		t.Errorf("%+v", page)
	}

	seen := decodeJSON[struct{ Unread int }](ben.do("POST", "/api/v1/notifications/seen", map[string]any{"ids": []tidings.ID{ben.getInbox("").Items[1].ID}}).is(200, ""))
	if unseen := ben.getInbox("?unread=true"); seen.Unread != 1 || unseen.joinKinds() != "reply" || unseen.Unread != 1 {
		t.Errorf("%d, %+v", seen.Unread, unseen)
	}

	ben.do("POST", "/api/v1/notifications/seen", map[string]any{"all_before": time.Now().Add(time.Hour).Format(time.RFC3339)}).is(200, "")
	if got := ben.getInbox(""); got.Unread != 0 || len(got.Items) != 2 || got.Items[0].SeenAt == nil {
		t.Errorf("%+v", got)
	}

	for _, bad := range []map[string]any{{}, {"ids": []string{}, "all_before": "2026-01-01T00:00:00Z"}, {"ids": "all"}, {"all_before": "yesterday"}, {"id": "x"}} {
		ben.do("POST", "/api/v1/notifications/seen", bad).is(400, "invalid")
	}

	ben.get("/api/v1/notifications?cursor=forged").is(400, "invalid")
}

// TestInboxRechecksAccess: notifications of clips that the user can no longer
// see are neither listed nor counted, and come back with the access.
func TestInboxRechecksAccess(t *testing.T) {
	w := newTestServer(t)
	ben := w.addPerson("ben", tidings.RoleMember)
	clip := w.ana.recordClip(10)
	at := "/api/v1/clips/" + string(clip.ID)
	w.ana.do("POST", at+"/comments", map[string]any{"body": "@[ben](" + string(ben.user) + ")"}).is(201, "")
	is := func(state, kinds string, unread int) {
		t.Helper()
		if got := ben.getInbox(""); got.joinKinds() != kinds || got.Unread != unread {
			t.Errorf("%s: %q, %d unread", state, got.joinKinds(), got.Unread)
		}
	}
	is("in the workspace", "mention clip", 2)
	w.ana.do("PATCH", at, map[string]any{"visibility": "private"}).is(200, "")
	is("private", "", 0)
	w.ana.do("PATCH", at, map[string]any{"visibility": "workspace"}).is(200, "")
	w.ana.do("DELETE", at, nil).is(204, "")
	is("in the trash", "", 0)
	w.ana.do("POST", at+"/restore", nil).is(200, "")
	is("brought back", "mention clip", 2)
}

func TestInboxEvents(t *testing.T) {
	w := newTestServer(t)
	ben, cleo := w.addPerson("ben", tidings.RoleMember), w.addPerson("cleo", tidings.RoleMember)
	clip := w.ana.recordClip(10)
	page, alone, other := w.ana.openEvents("?clip="+string(clip.ID)), w.ana.openEvents("?mine=true"), cleo.openEvents("?mine=true")
	ben.do("POST", "/api/v1/clips/"+string(clip.ID)+"/comments", map[string]any{"body": "Good."}).is(201, "")
	for _, l := range []*eventStream{page, alone} {
		if e, ok := l.nextEvent("notification"); !ok || e.data.ClipID != clip.ID {
			t.Errorf("%+v", e)
		}
	}

	w.ana.do("POST", "/api/v1/notifications/seen", map[string]any{"ids": []tidings.ID{w.ana.getInbox("").Items[0].ID}}).is(200, "")

	for _, l := range []*eventStream{page, alone} { // the user's other tabs reload the count
		if _, ok := l.nextEvent("notification"); !ok {
			t.Error("the stream has ended")
		}
	}

	w.store.Publish(tidings.Event{Type: tidings.EventResync})

	if e := <-other.events; e.event != "resync" {
		t.Errorf("somebody else hears %+v", e)
	}

	news := cleo.openEvents("?mine=true")
	next := w.ana.recordClip(10)
	if e, _ := news.nextEvent("notification"); e.data.ClipID != next.ID {
		t.Errorf("a new clip: %+v", e)
	}
}

func TestViewers(t *testing.T) {
	w := newTestServer(t)
	ben, cleo := w.addPerson("ben", tidings.RoleMember), w.addPerson("cleo", tidings.RoleMember)
	clip := ben.recordClip(10)
	w.finishTranscode(w.startTranscode(clip.ID, 1)) // eight seconds
	at := "/api/v1/clips/" + string(clip.ID)
	link := ben.createLink(clip.ID)
	for range 2 { // a repeated report
		cleo.do("POST", at+"/views", map[string]any{"session": "a", "ranges": [][]int{{0, 8000}}}).is(204, "")
		w.anonymousClient().do("POST", at+"/views?share="+link.Token, map[string]any{"session": "b", "ranges": [][]int{{0, 1000}}, "read": true}).is(204, "")
	}

	ben.do("POST", at+"/views", map[string]any{"session": "c", "ranges": [][]int{{0, 8000}}}).is(204, "")
	type audience struct {
		Items []struct {
			Person               struct{ ID tidings.ID }
			State                string
			Seen, Read, Answered bool
		}
		Anonymous struct{ Views, Seen int }
		Heat      *struct{ Counts []int }
	}

	got := decodeJSON[audience](ben.get(at+"/viewers").is(200, ""))
	if len(got.Items) != 1 || got.Items[0].Person.ID != cleo.user || got.Items[0].State != "seen" || got.Anonymous.Views != 1 || got.Anonymous.Seen != 0 || got.Heat != nil {
		t.Errorf("%+v", got)
	}

	w.ana.get(at+"/viewers").is(200, "") // the owner of the workspace
	cleo.get(at+"/viewers").is(403, "forbidden")
	w.anonymousClient().get(at+"/viewers?share="+link.Token).is(401, "unauthenticated")

	ws := "/api/v1/workspaces/" + string(w.ws)
	cleo.do("PATCH", ws, map[string]any{"heat": true}).is(403, "forbidden")
	if on := decodeJSON[struct{ Heat bool }](w.ana.do("PATCH", ws, map[string]any{"heat": true}).is(200, "")); !on.Heat {
		t.Error("heat is not on")
	}

	w.clock.Advance(time.Second)
	cleo.do("POST", at+"/views", map[string]any{"session": "d", "ranges": [][]int{{2000, 3000}}}).is(204, "")
	got = decodeJSON[audience](ben.get(at+"/viewers").is(200, ""))
	if got.Heat == nil || len(got.Heat.Counts) != 8 || got.Heat.Counts[2] != 1 || got.Heat.Counts[0] != 0 {
		t.Errorf("%+v", got.Heat)
	}

	for _, bad := range []map[string]any{{"ranges": [][]int{}}, {"session": "", "ranges": [][]int{}}, {"session": "s", "ranges": [][]int{{5, 1}}}, {"session": "s", "ranges": [][]int{{-1, 1}}},
		{"session": "s", "ranges": [][]int{{1}}}, {"session": strings.Repeat("s", 101), "ranges": [][]int{}}, {"session": "s", "ranges": make([][2]int, 1001)}} {
		cleo.do("POST", at+"/views", bad).is(400, "invalid")
	}
}

func TestInboxGroupsReactions(t *testing.T) {
	w := newTestServer(t)
	ben, cleo := w.addPerson("ben", tidings.RoleMember), w.addPerson("cleo", tidings.RoleMember)
	clip := w.ana.recordClip(10)
	at := "/api/v1/clips/" + string(clip.ID) + "/reactions/"
	ben.do("POST", at+"%F0%9F%91%8D", nil).is(200, "")
	w.clock.Advance(time.Second)
	cleo.do("POST", at+"%F0%9F%8E%89", nil).is(200, "")
	cleo.do("POST", at+"%F0%9F%91%8D", nil).is(200, "")
	got := w.ana.getInbox("")
	if len(got.Items) != 1 || got.Items[0].Kind != "reaction" || got.Items[0].Actor.Name != "cleo" || got.Items[0].Others != 1 || strings.Join(got.Items[0].Emoji, "") != "👍🎉" {
		t.Errorf("%+v", got)
	}
}
