package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"tidings.example/tidings/tidings"
)

// replied is a clip of one person and a spoken reply to it by another.
type replied struct {
	clip, reply clipJSON
	comment     replyJSON
	by          *client
}

type replyJSON struct {
	ID          tidings.ID
	Body        string
	AtMS        *int64      `json:"at_ms"`
	ReplyClipID *tidings.ID `json:"reply_clip_id"`
	ReplyClip   *clipJSON   `json:"reply_clip"`
}

func (w *world) replied(author *client, fields ...any) replied {
	w.Helper()
	r := replied{clip: author.record(10, fields...), by: w.person("ben", tidings.RoleMember)}
	at := "/api/v1/clips/" + string(r.clip.ID)
	r.reply = r.by.record(10, "kind", "voice", "reply_to_clip_id", r.clip.ID)
	w.finish(w.transcode(r.reply.ID, 1))
	w.transcribe(r.reply.ID)
	r.comment = read[replyJSON](r.by.do("POST", at+"/comments", map[string]any{"at_ms": 2000, "clip_id": r.reply.ID}).is(http.StatusCreated, ""))
	return r
}

// bytes are all the ways to what a reply says.
func (r replied) ways() []string {
	at := "/api/v1/clips/" + string(r.reply.ID)
	return []string{at, at + "/media/master.m3u8", at + "/media/poster.jpg", at + "/media/v360/0.m4s", at + "/media/captions.vtt", at + "/transcript", at + "/health"}
}

func TestReplyHasTheAccessOfItsClip(t *testing.T) {
	w := newWorld(t)
	author, member, guest, outsider := w.person("bo", tidings.RoleMember), w.person("mem", tidings.RoleMember), w.person("gus", tidings.RoleGuest), w.person("out", "")
	r := w.replied(author)
	open, silent, revoked := author.link(r.clip.ID, "allow_comments", true), author.link(r.clip.ID, "allow_comments", false), author.link(r.clip.ID, "allow_comments", true)
	w.ok(w.store.RevokeLink(t.Context(), revoked.ID))
	expect := func(state string, who map[string]int) {
		t.Helper()
		for _, path := range r.ways() {
			for name, got := range map[string]int{
				"its author": r.by.status("GET", path, nil), "the clip's author": author.status("GET", path, nil), "a member": member.status("GET", path, nil),
				"a guest": guest.status("GET", path, nil), "an outsider": outsider.status("GET", path, nil), "a stranger": w.stranger().status("GET", path, nil),
				"a link": w.stranger().status("GET", path+"?share="+open.Token, nil), "a link without comments": w.stranger().status("GET", path+"?share="+silent.Token, nil),
				"a revoked link": w.stranger().status("GET", path+"?share="+revoked.Token, nil),
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
	r.by.do("DELETE", "/api/v1/comments/"+string(r.comment.ID), nil).is(204, "")
	expect("deleted", map[string]int{"its author": 200}) // in their trash
}

func TestReplyStandsInItsThread(t *testing.T) {
	w := newWorld(t)
	r := w.replied(w.ana)
	list := read[struct{ Items []replyJSON }](w.ana.get("/api/v1/clips/"+string(r.clip.ID)+"/comments").is(200, ""))
	if len(list.Items) != 1 || list.Items[0].ReplyClip == nil || list.Items[0].ReplyClip.ID != r.reply.ID || list.Items[0].ReplyClip.Media["poster"] == nil {
		t.Fatalf("%+v", list)
	}

	if list.Items[0].ReplyClip.Can["comment"] || list.Items[0].ReplyClip.Can["share"] {
		t.Error("a reply is answered and shared apart from its thread")
	}

	for _, q := range []string{"", "?author=me", "?trashed=true"} {
		clips := read[struct{ Items []clipJSON }](r.by.get("/api/v1/clips"+q).is(200, ""))
		for _, c := range clips.Items {
			if c.ID == r.reply.ID {
				t.Errorf("a reply is listed in the library%s", q)
			}
		}
	}

	// The engine may know better or not: a reply is never a hit of its own.
	w.search.clips = []tidings.ID{r.reply.ID, r.clip.ID}
	hits := read[struct{ Items []struct{ Clip clipJSON } }](w.ana.get("/api/v1/search?q=monday").is(200, ""))
	if len(hits.Items) != 1 || hits.Items[0].Clip.ID != r.clip.ID {
		t.Errorf("%+v", hits)
	}

	// Its own page is the place where it stands.
	got := w.signIn("ana@example.org").get("/c/"+string(r.reply.ID), "Accept: text/html").is(http.StatusSeeOther, "")
	if want := fmt.Sprintf("/c/%s?comment=%s&t=2", r.clip.ID, r.comment.ID); got.Header.Get("Location") != want {
		t.Errorf("the page of a reply leads to %s, want %s", got.Header.Get("Location"), want)
	}

	for _, path := range []string{"/comments", "/links"} {
		w.ana.do("POST", "/api/v1/clips/"+string(r.reply.ID)+path, map[string]any{}).is(http.StatusForbidden, "forbidden")
	}
}

func TestReplyRefused(t *testing.T) {
	w := newWorld(t)
	private := w.ana.clip("visibility", "private")
	open := w.ana.clip()
	thread := read[replyJSON](w.ana.do("POST", "/api/v1/clips/"+string(private.ID)+"/comments", map[string]any{"body": "Psst."}).is(201, ""))
	mem, out := w.person("mem", tidings.RoleMember), w.person("out", "")
	for field, value := range map[string]tidings.ID{"reply_to_comment_id": thread.ID, "reply_to_clip_id": private.ID} {
		mem.do("POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "voice", field: value}).is(400, "invalid")
	}

	w.ana.do("POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "voice", "reply_to_comment_id": thread.ID, "reply_to_clip_id": open.ID}).is(400, "invalid")
	out.do("POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "voice", "reply_to_clip_id": open.ID}).is(404, "not_found")
	mine := mem.clip()

	for _, id := range []tidings.ID{private.ID, open.ID, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "nonsense"} {
		mem.do("POST", "/api/v1/clips/"+string(open.ID)+"/comments", map[string]any{"clip_id": id}).is(400, "invalid")
	}

	mem.do("POST", "/api/v1/clips/"+string(private.ID)+"/comments", map[string]any{"clip_id": mine.ID}).is(404, "not_found")
}

func TestReplyEventsReachItsClip(t *testing.T) {
	w := newWorld(t)
	clip := w.ana.record(10)
	by, out := w.person("ben", tidings.RoleMember), w.person("gus", tidings.RoleGuest)
	reply := by.record(10, "kind", "voice", "reply_to_clip_id", clip.ID)
	page, hub, closed := w.ana.listen("?clip="+string(clip.ID)), by.listen(""), out.listen("")
	w.ana.do("POST", "/api/v1/clips/"+string(clip.ID)+"/comments", map[string]any{"body": "before"}).is(201, "")
	by.do("POST", "/api/v1/clips/"+string(clip.ID)+"/comments", map[string]any{"at_ms": 0, "clip_id": reply.ID}).is(201, "")
	w.transcribe(reply.ID)
	for _, l := range []*live{page, hub} {
		if e, _ := l.next("transcript.segment"); e.data.ClipID != reply.ID || e.data.Segment.Text != "So much for Monday" {
			t.Errorf("%+v", e)
		}
	}

	w.store.Publish(tidings.Event{Type: tidings.EventResync})

	if e := <-closed.events; e.event != "resync" {
		t.Errorf("a guest hears %+v", e)
	}
}
