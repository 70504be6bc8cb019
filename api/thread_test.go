package api_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// commentJSON has the fields of a comment that tests check.
type commentJSON struct {
	ID       tidings.ID
	ClipID   tidings.ID  `json:"clip_id"`
	ParentID *tidings.ID `json:"parent_id"`
	AtMS     *int64      `json:"at_ms"`
	Author   struct {
		ID    *tidings.ID
		Name  string
		Guest bool
	}
	Body       string
	Mentions   []struct{ ID, Name string }
	Reactions  []reactionJSON
	Deleted    bool
	Hidden     bool
	EditedAt   *string                `json:"edited_at"`
	ResolvedAt *string                `json:"resolved_at"`
	ResolvedBy *struct{ Name string } `json:"resolved_by"`
	CanEdit    bool                   `json:"can_edit"`
	CanDelete  bool                   `json:"can_delete"`
	CanResolve bool                   `json:"can_resolve"`
	CanHide    bool                   `json:"can_hide"`
	Version    int64
}

type reactionJSON struct {
	Emoji  string
	AtMS   *int64 `json:"at_ms"`
	Count  int
	Mine   bool
	People []string
}

func (c *client) addComment(clip tidings.ID, fields ...any) commentJSON {
	c.w.Helper()
	body := map[string]any{"body": "Yes."}
	for i := 0; i+1 < len(fields); i += 2 {
		body[fields[i].(string)] = fields[i+1]
	}
	return decodeJSON[commentJSON](c.do("POST", "/api/v1/clips/"+string(clip)+"/comments", body).is(http.StatusCreated, ""))
}

func (c *client) listComments(clip tidings.ID, query string) []commentJSON {
	c.w.Helper()
	return decodeJSON[struct{ Items []commentJSON }](c.get("/api/v1/clips/"+string(clip)+"/comments"+query).is(200, "")).Items
}

func commentPath(id tidings.ID, what string) string { return "/api/v1/comments/" + string(id) + what }

func TestThreadsInTimeOrder(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.createClip().ID
	late := w.ana.addComment(clip, "body", "late", "at_ms", 9000)
	early := w.ana.addComment(clip, "body", "early", "at_ms", 100)
	w.ana.addComment(clip, "body", "whole")
	reply := w.ana.addComment(clip, "body", "to late", "parent_id", late.ID)
	deep := w.ana.addComment(clip, "body", "to the reply", "parent_id", reply.ID)
	if deep.ParentID == nil || *deep.ParentID != late.ID {
		t.Errorf("a reply to a reply stands under %v", deep.ParentID)
	}

	w.ana.addComment(clip, "body", "to early", "parent_id", early.ID)
	want := "whole, early, to early, late, to late, to the reply"
	var got []string
	for _, c := range w.ana.listComments(clip, "") {
		got = append(got, c.Body)
	}

	if strings.Join(got, ", ") != want {
		t.Errorf("%v, want %s", got, want)
	}

	ids := listAllIDs(w.ana, "/api/v1/clips/"+string(clip)+"/comments", func() {})
	if len(ids) != 6 {
		t.Errorf("by pages: %d", len(ids))
	}

	w.ana.do("DELETE", commentPath(early.ID, ""), nil).is(204, "")
	w.ana.do("POST", "/api/v1/clips/"+string(clip)+"/comments", map[string]any{"body": "x", "parent_id": early.ID}).is(400, "invalid")
	for _, forged := range []string{"x", "0000000000000000000", "' OR 1=1", "0000000000000000001 ZZ "} {
		w.ana.get("/api/v1/clips/"+string(clip)+"/comments?cursor="+base64.RawURLEncoding.EncodeToString([]byte(forged))).is(400, "invalid")
	}
}

func TestThreadsAreResolved(t *testing.T) {
	w := newTestServer(t)
	mem := w.addPerson("mem", tidings.RoleMember)
	clip := w.ana.createClip().ID
	first := mem.addComment(clip)
	reply := w.ana.addComment(clip, "parent_id", first.ID)
	l := mem.openEvents("?clip=" + string(clip))
	done := decodeJSON[commentJSON](w.ana.do("POST", commentPath(first.ID, "/resolve"), nil).is(200, ""))
	if done.ResolvedAt == nil || done.ResolvedBy == nil || done.ResolvedBy.Name != "Ana" || done.Version != first.Version+1 {
		t.Errorf("%+v", done)
	}

	if e, ok := l.nextEvent("comment.updated"); !ok || e.data.Comment == nil {
		t.Errorf("%+v", e)
	}

	again := decodeJSON[commentJSON](mem.do("POST", commentPath(first.ID, "/resolve"), nil).is(200, ""))
	if *again.ResolvedAt != *done.ResolvedAt || again.ResolvedBy.Name != "Ana" {
		t.Errorf("%+v", again)
	}

	w.ana.do("POST", commentPath(reply.ID, "/resolve"), nil).is(409, "conflict")
	if open := decodeJSON[commentJSON](mem.do("DELETE", commentPath(first.ID, "/resolve"), nil).is(200, "")); open.ResolvedAt != nil {
		t.Errorf("%+v", open)
	}

	// Changes other than the text also increase the version.
	mem.do("PATCH", commentPath(first.ID, ""), map[string]any{"body": "x"}, `If-Match: "1"`).is(412, "conflict")
	mem.do("PATCH", commentPath(first.ID, ""), map[string]any{"body": "x"}, `If-Match: "3"`).is(200, "")
}

func TestMentionsUseCurrentNames(t *testing.T) {
	w := newTestServer(t)
	mem, out := w.addPerson("mem", tidings.RoleMember), w.addPerson("out", "")
	clip := w.ana.createClip().ID
	body := "@[Ana](" + string(w.ana.user) + ") @[Old](" + string(mem.user) + ") @[Out](" + string(out.user) + ") @[Nobody](01ARZ3NDEKTSV4RRFFQ69G5FAV)"
	c := w.ana.addComment(clip, "body", body)
	if c.Body != body || len(c.Mentions) != 2 || c.Mentions[0].Name != "Ana" || c.Mentions[1].Name != "mem" {
		t.Errorf("%+v", c)
	}

	mem.do("PATCH", "/api/v1/me", map[string]any{"name": "Memory"}).is(200, "")

	if c = w.ana.listComments(clip, "")[0]; c.Mentions[1].Name != "Memory" {
		t.Errorf("%+v", c.Mentions)
	}
}

func TestClipPeople(t *testing.T) {
	w := newTestServer(t)
	mem := w.addPerson("Zoë Meier", tidings.RoleMember)
	w.addPerson("Gus", tidings.RoleGuest)
	w.addPerson("Out", "")
	open, hidden := w.ana.createClip().ID, w.ana.createClip("visibility", "private").ID
	names := func(clip tidings.ID, q string) string {
		t.Helper()
		page := decodeJSON[pageJSON](w.ana.get("/api/v1/clips/"+string(clip)+"/people?q="+url.QueryEscape(q)).is(200, ""))
		var out []string
		for _, p := range page.Items {
			out = append(out, p.Name)
		}
		return strings.Join(out, ", ")
	}
	for _, c := range []struct {
		clip    tidings.ID
		q, want string
	}{{open, "", "Ana, Zoë Meier"}, {open, "zo", "Zoë Meier"}, {open, "mei", "Zoë Meier"}, {open, "eier", ""}, {open, "gus", ""}, {hidden, "", "Ana"}} {
		if got := names(c.clip, c.q); got != c.want {
			t.Errorf("%q: %s, want %s", c.q, got, c.want)
		}
	}

	mem.get("/api/v1/clips/"+string(hidden)+"/people").is(404, "not_found")
}

func TestReactions(t *testing.T) {
	w := newTestServer(t)
	mem := w.addPerson("mem", tidings.RoleMember)
	clip := w.ana.createClip().ID
	c := w.ana.addComment(clip)
	l := mem.openEvents("?clip=" + string(clip))
	thumb := "/reactions/" + url.PathEscape("👍")
	w.ana.do("POST", commentPath(c.ID, thumb), nil).is(200, "")
	w.ana.do("POST", commentPath(c.ID, thumb), nil).is(200, "")
	got := decodeJSON[commentJSON](mem.do("POST", commentPath(c.ID, thumb), nil).is(200, ""))
	if len(got.Reactions) != 1 || got.Reactions[0].Count != 2 || !got.Reactions[0].Mine || strings.Join(got.Reactions[0].People, " ") != "Ana mem" {
		t.Errorf("%+v", got.Reactions)
	}

	if e, ok := l.nextEvent("reaction.changed"); !ok || e.data.Comment == nil {
		t.Errorf("%+v", e)
	}

	got = decodeJSON[commentJSON](mem.do("DELETE", commentPath(c.ID, thumb), nil).is(200, ""))
	if got.Reactions[0].Count != 1 || got.Reactions[0].Mine {
		t.Errorf("%+v", got.Reactions)
	}

	// ❤ and ❤️ are one emoji.
	for _, heart := range []string{"❤", "❤\uFE0F"} {
		got = decodeJSON[commentJSON](mem.do("POST", commentPath(c.ID, "/reactions/"+url.PathEscape(heart)), nil).is(200, ""))
	}

	if len(got.Reactions) != 2 || got.Reactions[1].Emoji != "❤\uFE0F" || got.Reactions[1].Count != 1 {
		t.Errorf("%+v", got.Reactions)
	}

	at := "/api/v1/clips/" + string(clip)
	page := decodeJSON[struct{ Items []reactionJSON }](w.ana.do("POST", at+thumb+"?at_ms=3000", nil).is(200, ""))
	if len(page.Items) != 1 || *page.Items[0].AtMS != 3000 || !page.Items[0].Mine {
		t.Errorf("%+v", page)
	}

	w.ana.do("POST", at+thumb, nil).is(200, "")
	if counts := decodeJSON[struct{ Counts struct{ Reactions int } }](mem.get(at)); counts.Counts.Reactions != 2 {
		t.Errorf("%+v", counts)
	}

	if list := decodeJSON[struct{ Items []reactionJSON }](mem.get(at+"/reactions").is(200, "")).Items; len(list) != 2 || list[0].AtMS != nil || list[1].Mine {
		t.Errorf("%+v", list)
	}

	for _, bad := range []string{"ok", "1", "👍👍", strings.Repeat("👍", 2500), "%00", "<b>", "🇦"} {
		w.ana.do("POST", at+"/reactions/"+url.PathEscape(bad), nil).is(400, "invalid")
		w.ana.do("POST", commentPath(c.ID, "/reactions/"+url.PathEscape(bad)), nil).is(400, "invalid")
	}

	w.ana.do("POST", at+thumb+"?at_ms=-1", nil).is(400, "invalid")
	w.ana.do("POST", commentPath("01ARZ3NDEKTSV4RRFFQ69G5FAV", thumb), nil).is(404, "not_found")
}

// newGuest is a visitor by the link who has given a name.
func (w *testServer) newGuest(link linkJSON, name string) *client {
	w.Helper()
	a := w.anonymousClient().do("POST", "/api/v1/links/"+link.Token+"/guest", map[string]any{"name": name}).is(201, "")
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	return &client{w: w, header: []string{"Cookie: " + cookie}}
}

func TestGuests(t *testing.T) {
	w := newTestServer(t)
	mem := w.addPerson("mem", tidings.RoleMember)
	clip, other := w.ana.createClip().ID, w.ana.createClip().ID
	link, mute := w.ana.createLink(clip, "allow_comments", true), w.ana.createLink(clip)
	by := "?share=" + url.QueryEscape(link.Token)
	at := "/api/v1/clips/" + string(clip) + "/comments"
	w.anonymousClient().do("POST", at+by, map[string]any{"body": "x"}).is(401, "unauthenticated")
	w.anonymousClient().do("POST", "/api/v1/links/"+link.Token+"/guest", map[string]any{"name": " \u202E\u200B "}).is(400, "invalid")
	w.anonymousClient().do("POST", "/api/v1/links/"+mute.Token+"/guest", map[string]any{"name": "Mia"}).is(403, "forbidden")
	mia, leo := w.newGuest(link, "  Mia\u202E "), w.newGuest(link, "Leo")
	c := decodeJSON[commentJSON](mia.do("POST", at+by, map[string]any{"body": "Hello."}).is(201, ""))
	if c.Author.ID != nil || c.Author.Name != "Mia" || !c.Author.Guest || !c.CanEdit || !c.CanDelete || c.CanResolve || c.CanHide {
		t.Errorf("%+v", c)
	}

	// Guests edit only their own comments, in their session, by the link, on this clip.
	leo.do("PATCH", commentPath(c.ID, by), map[string]any{"body": "x"}).is(403, "forbidden")
	leo.do("DELETE", commentPath(c.ID, by), nil).is(403, "forbidden")
	mia.do("PATCH", commentPath(c.ID, ""), map[string]any{"body": "x"}).is(401, "unauthenticated")
	mia.do("PATCH", commentPath(c.ID, by), map[string]any{"body": "Hello!"}).is(200, "")
	mia.do("POST", "/api/v1/clips/"+string(other)+"/comments"+by, map[string]any{"body": "x"}).is(404, "not_found")
	mia.do("POST", at+"?share="+url.QueryEscape(mute.Token), map[string]any{"body": "x"}).is(403, "forbidden")
	mia.do("POST", commentPath(c.ID, "/resolve")+by, nil).is(401, "unauthenticated")
	if r := decodeJSON[commentJSON](leo.do("POST", commentPath(c.ID, "/reactions/"+url.PathEscape("👍")+by), nil).is(200, "")); !r.Reactions[0].Mine || r.Reactions[0].People[0] != "Leo" {
		t.Errorf("%+v", r)
	}

	if r := mia.listComments(clip, by)[0]; r.Reactions[0].Mine || !r.CanEdit {
		t.Errorf("%+v", r)
	}

	// A link with comments off shows none.
	w.anonymousClient().get(at+"?share="+url.QueryEscape(mute.Token)).is(403, "forbidden")
	if n := decodeJSON[struct{ Counts struct{ Comments int } }](w.anonymousClient().get("/api/v1/clips/" + string(clip) + "?share=" + url.QueryEscape(mute.Token))); n.Counts.Comments != 0 {
		t.Errorf("%+v", n)
	}

	mutedEvents := w.anonymousClient().openEvents("?share=" + url.QueryEscape(mute.Token))
	guestEvents := w.anonymousClient().openEvents(by)
	hidden := decodeJSON[commentJSON](w.ana.do("POST", commentPath(c.ID, "/hide"), nil).is(200, ""))
	if !hidden.Hidden || hidden.Body != "Hello!" {
		t.Errorf("%+v", hidden)
	}

	if e, ok := guestEvents.nextEvent("comment.updated"); !ok || e.data.Comment.Body != "" {
		t.Errorf("%+v", e)
	}

	if e, ok := mutedEvents.nextEvent("clip.updated"); !ok || e.data.Comment != nil {
		t.Errorf("%+v", e)
	}

	if got := mem.listComments(clip, "")[0]; !got.Hidden || got.Body != "" || len(got.Reactions) != 0 {
		t.Errorf("%+v", got)
	}

	mem.do("POST", commentPath(c.ID, "/reactions/"+url.PathEscape("👍")), nil).is(404, "not_found")
	mem.do("POST", commentPath(c.ID, "/hide"), nil).is(403, "forbidden")
	w.ana.do("DELETE", commentPath(c.ID, "/hide"), nil).is(200, "")

	if got := mem.listComments(clip, "")[0]; got.Hidden || got.Body != "Hello!" {
		t.Errorf("%+v", got)
	}

	w.ana.do("DELETE", "/api/v1/links/"+string(link.ID), nil).is(204, "")
	mia.do("POST", at+by, map[string]any{"body": "x"}).is(401, "unauthenticated")
}

func TestGuestRateLimit(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.GuestBurst = 3 })
	clip := w.ana.createClip().ID
	link := w.ana.createLink(clip, "allow_comments", true)
	mia := w.newGuest(link, "Mia")
	at := "/api/v1/clips/" + string(clip) + "/comments?share=" + url.QueryEscape(link.Token)
	for range 2 {
		mia.do("POST", at, map[string]any{"body": "x"}).is(201, "")
	}

	a := mia.do("POST", at, map[string]any{"body": "x"}).is(429, "rate_limited")
	if a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}

	w.anonymousClient().do("POST", "/api/v1/links/"+link.Token+"/guest", map[string]any{"name": "Leo"}).is(429, "rate_limited")
	w.ana.addComment(clip) // users are not limited
}

// naughtyTexts are texts that often break programs.
var naughtyTexts = []string{"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "'; DROP TABLE comments; --", "\" OR 1=1 --", "{{7*7}} ${7*7} <%= 7*7 %>",
	"%s%n%x", "../../etc/passwd", "\u202Etxt.exe", "\u2066\u2067\u2069", "Z\u0351\u036B\u0343\u036Aa\u035B\u0351lgo" + strings.Repeat("\u0301", 200), "👩‍👩‍👧‍👦🇦🇹🏴󠁧󠁢󠁳󠁣󠁴󠁿1️⃣", "\u200B\uFEFFx", "ﷺ 𝕳𝖊𝖑𝖑𝖔 田中さん مرحبا",
	"true", "null", "-1/0 NaN 1e309", "\\u0000 \\x00", "@[x](javascript:alert(1))", "@[<b>](01ARZ3NDEKTSV4RRFFQ69G5FAV)", "**`*_[](", "\r\n\t\r", "<!--", "]]>", "&lt;b&gt;", "http://a.example/\"onmouseover=\"x", strings.Repeat("x", 10_000), strings.Repeat("👍", 10_000)}

func TestNaughtyTextRoundTrip(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.createClip().ID
	at := "/api/v1/clips/" + string(clip) + "/comments"
	var stored []string
	for _, text := range naughtyTexts {
		if strings.TrimSpace(text) == "" {
			w.ana.do("POST", at, map[string]any{"body": text}).is(400, "invalid")
			continue
		}

		if c := w.ana.addComment(clip, "body", text); c.Body != text {
			t.Errorf("%+q came back as %+q", text, c.Body)
		}

		stored = append(stored, text)
	}

	for i, c := range w.ana.listComments(clip, "?limit=100") {
		if c.Body != stored[i] {
			t.Errorf("%+q is listed as %+q", stored[i], c.Body)
		}
	}

	for _, bad := range []string{strings.Repeat("x", 10_001), "a\x00b", "a\x1bb", " \n\u00a0"} {
		w.ana.do("POST", at, map[string]any{"body": bad}).is(400, "invalid")
	}

	if n := len(w.ana.listComments(clip, "?limit=100")); n != len(stored) {
		t.Errorf("%d comments, %d were taken", n, len(stored))
	}

	one := w.ana.addComment(clip, "body", "x")
	w.ana.do("PATCH", commentPath(one.ID, ""), map[string]any{"body": " "}).is(400, "invalid")
	w.ana.do("PATCH", commentPath(one.ID, ""), map[string]any{"body": strings.Repeat("x", 10_001)}).is(400, "invalid")
	key := "Idempotency-Key: again"
	first := decodeJSON[commentJSON](w.ana.do("POST", at, map[string]any{"body": "once"}, key).is(201, ""))
	if again := decodeJSON[commentJSON](w.ana.do("POST", at, map[string]any{"body": "once"}, key).is(201, "")); again.ID != first.ID {
		t.Errorf("%s and %s", first.ID, again.ID)
	}

	w.ana.do("POST", at, map[string]any{"body": "another"}, key).is(422, "conflict")
}
