package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"tidings.example/tidings/tidings"
)

// replyFixture is a clip of one user and a voice reply to it by another.
type replyFixture struct {
	clip, reply clipJSON
	comment     replyJSON
	replier     *client
}

type replyJSON struct {
	ID          tidings.ID
	Body        string
	AtMS        *int64      `json:"at_ms"`
	ReplyClipID *tidings.ID `json:"reply_clip_id"`
	ReplyClip   *clipJSON   `json:"reply_clip"`
}

func (w *testServer) newReplyFixture(author *client, fields ...any) replyFixture {
	w.Helper()
	r := replyFixture{clip: author.recordClip(10, fields...), replier: w.addPerson("ben", tidings.RoleMember)}
	at := "/api/v1/clips/" + string(r.clip.ID)
	r.reply = r.replier.recordClip(10, "kind", "voice", "reply_to_clip_id", r.clip.ID)
	w.finishTranscode(w.startTranscode(r.reply.ID, 1))
	w.transcribeClip(r.reply.ID)
	r.comment = decodeJSON[replyJSON](r.replier.do("POST", at+"/comments", map[string]any{"at_ms": 2000, "clip_id": r.reply.ID}).is(http.StatusCreated, ""))
	return r
}

// readPaths are all paths that return content of the reply.
func (r replyFixture) readPaths() []string {
	at := "/api/v1/clips/" + string(r.reply.ID)
	return []string{at, at + "/media/master.m3u8", at + "/media/poster.jpg", at + "/media/v360/0.m4s", at + "/media/captions.vtt", at + "/transcript", at + "/health"}
}

func TestReplyHasClipAccess(t *testing.T) {
	w := newTestServer(t)
	author, member, guest, outsider := w.addPerson("bo", tidings.RoleMember), w.addPerson("mem", tidings.RoleMember), w.addPerson("gus", tidings.RoleGuest), w.addPerson("out", "")
	r := w.newReplyFixture(author)
	open, silent, revoked := author.createLink(r.clip.ID, "allow_comments", true), author.createLink(r.clip.ID, "allow_comments", false), author.createLink(r.clip.ID, "allow_comments", true)
	w.ok(w.store.RevokeLink(t.Context(), revoked.ID))
	expect := func(state string, who map[string]int) {
		t.Helper()
		for _, path := range r.readPaths() {
			for name, got := range map[string]int{
				"its author": r.replier.requestStatus("GET", path, nil), "the clip's author": author.requestStatus("GET", path, nil), "a member": member.requestStatus("GET", path, nil),
				"a guest": guest.requestStatus("GET", path, nil), "an outsider": outsider.requestStatus("GET", path, nil), "a stranger": w.anonymousClient().requestStatus("GET", path, nil),
				"a link": w.anonymousClient().requestStatus("GET", path+"?share="+open.Token, nil), "a link without comments": w.anonymousClient().requestStatus("GET", path+"?share="+silent.Token, nil),
				"a revoked link": w.anonymousClient().requestStatus("GET", path+"?share="+revoked.Token, nil),
			} {
				want := who[name]
				if want == 0 {
					want = 404
				}
				if got != want {
					t.Errorf("%s: %s as %s: %d, want %d", state, path, name, got, want)
				}
			}
		}
	}

	at := "/api/v1/clips/" + string(r.clip.ID)
	shared := map[string]int{"its author": 200, "the clip's author": 200, "a member": 200, "a link": 200}
	expect("in the workspace", shared)
	author.do("PATCH", at, map[string]any{"visibility": "private"}).is(200, "")
	expect("private", map[string]int{"the clip's author": 200, "a link": 200})
	author.do("PATCH", at, map[string]any{"visibility": "workspace"}).is(200, "")
	author.do("DELETE", at, nil).is(204, "")
	expect("in the trash", map[string]int{"the clip's author": 200})
	author.do("POST", at+"/restore", nil).is(200, "")
	expect("brought back", shared)
	comment := "/api/v1/comments/" + string(r.comment.ID)
	author.do("POST", comment+"/hide", nil).is(200, "")
	expect("hidden", map[string]int{"its author": 200, "the clip's author": 200})
	author.do("DELETE", comment+"/hide", nil).is(200, "")
	expect("shown again", shared)
	r.replier.do("DELETE", "/api/v1/comments/"+string(r.comment.ID), nil).is(204, "")
	expect("deleted", map[string]int{"its author": 200}) // in their trash
}

func TestReplyBelongsToThread(t *testing.T) {
	w := newTestServer(t)
	r := w.newReplyFixture(w.ana)
	list := decodeJSON[struct{ Items []replyJSON }](w.ana.get("/api/v1/clips/"+string(r.clip.ID)+"/comments").is(200, ""))
	if len(list.Items) != 1 || list.Items[0].ReplyClip == nil || list.Items[0].ReplyClip.ID != r.reply.ID || list.Items[0].ReplyClip.Media["poster"] == nil {
		t.Fatalf("%+v", list)
	}

	if list.Items[0].ReplyClip.Can["comment"] || list.Items[0].ReplyClip.Can["share"] {
		t.Error("a reply is answered and shared apart from its thread")
	}

	for _, q := range []string{"", "?author=me", "?trashed=true"} {
		clips := decodeJSON[struct{ Items []clipJSON }](r.replier.get("/api/v1/clips"+q).is(200, ""))
		for _, c := range clips.Items {
			if c.ID == r.reply.ID {
				t.Errorf("a reply is listed in the library%s", q)
			}
		}
	}

	// Whatever the engine returns, a reply is no hit of its own.
	w.search.clips = []tidings.ID{r.reply.ID, r.clip.ID}
	hits := decodeJSON[struct{ Items []struct{ Clip clipJSON } }](w.ana.get("/api/v1/search?q=monday").is(200, ""))
	if len(hits.Items) != 1 || hits.Items[0].Clip.ID != r.clip.ID {
		t.Errorf("%+v", hits)
	}

	// The page of a reply redirects to its comment.
	got := w.signIn("ana@example.org").get("/c/"+string(r.reply.ID), "Accept: text/html").is(http.StatusSeeOther, "")
	if want := fmt.Sprintf("/c/%s?comment=%s&t=2", r.clip.ID, r.comment.ID); got.Header.Get("Location") != want {
		t.Errorf("the page of a reply leads to %s, want %s", got.Header.Get("Location"), want)
	}

	for _, path := range []string{"/comments", "/links"} {
		w.ana.do("POST", "/api/v1/clips/"+string(r.reply.ID)+path, map[string]any{}).is(http.StatusForbidden, "forbidden")
	}
}

func TestReplyRefused(t *testing.T) {
	w := newTestServer(t)
	private := w.ana.createClip("visibility", "private")
	open := w.ana.createClip()
	thread := decodeJSON[replyJSON](w.ana.do("POST", "/api/v1/clips/"+string(private.ID)+"/comments", map[string]any{"body": "Psst."}).is(201, ""))
	mem, out := w.addPerson("mem", tidings.RoleMember), w.addPerson("out", "")
	for field, value := range map[string]tidings.ID{"reply_to_comment_id": thread.ID, "reply_to_clip_id": private.ID} {
		mem.do("POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "voice", field: value}).is(400, "invalid")
	}

	w.ana.do("POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "voice", "reply_to_comment_id": thread.ID, "reply_to_clip_id": open.ID}).is(400, "invalid")
	out.do("POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "voice", "reply_to_clip_id": open.ID}).is(404, "not_found")
	mine := mem.createClip()

	for _, id := range []tidings.ID{private.ID, open.ID, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "nonsense"} {
		mem.do("POST", "/api/v1/clips/"+string(open.ID)+"/comments", map[string]any{"clip_id": id}).is(400, "invalid")
	}

	mem.do("POST", "/api/v1/clips/"+string(private.ID)+"/comments", map[string]any{"clip_id": mine.ID}).is(404, "not_found")
}

func TestReplyEventsOnClipStream(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.recordClip(10)
	by, out := w.addPerson("ben", tidings.RoleMember), w.addPerson("gus", tidings.RoleGuest)
	reply := by.recordClip(10, "kind", "voice", "reply_to_clip_id", clip.ID)
	page, hub, closed := w.ana.openEvents("?clip="+string(clip.ID)), by.openEvents(""), out.openEvents("")
	w.ana.do("POST", "/api/v1/clips/"+string(clip.ID)+"/comments", map[string]any{"body": "before"}).is(201, "")
	by.do("POST", "/api/v1/clips/"+string(clip.ID)+"/comments", map[string]any{"at_ms": 0, "clip_id": reply.ID}).is(201, "")
	w.transcribeClip(reply.ID)
	for _, l := range []*eventStream{page, hub} {
		if e, _ := l.nextEvent("transcript.segment"); e.data.ClipID != reply.ID || e.data.Segment.Text != "So much for Monday" {
			t.Errorf("%+v", e)
		}
	}

	w.store.Publish(tidings.Event{Type: tidings.EventResync})

	if e := <-closed.events; e.event != "resync" {
		t.Errorf("a guest hears %+v", e)
	}
}
