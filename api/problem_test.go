package api_test

import (
	"net/http"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestProblems: every error has one shape, and names all invalid fields at
// once.
func TestProblems(t *testing.T) {
	w := newTestServer(t)
	clip := "/api/v1/clips/" + string(w.ana.createClip().ID)
	text := "Content-Type: application/json"
	good := map[string]any{"workspace_id": w.ws, "kind": "voice"}
	for name, c := range map[string]struct {
		who          *client
		method, path string
		body         any
		header       string
		status       int
		code         string
		fields       string // exactly these field names
	}{
		"unknown fields, all of them":         {w.ana, "POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "voice", "colour": "red", "id": "x"}, "", 400, "invalid", "colour id"},
		"wrong and missing fields":            {w.ana, "POST", "/api/v1/clips", map[string]any{"kind": "opera", "title": strings.Repeat("x", 201)}, "", 400, "invalid", "kind title workspace_id"},
		"a field of another type":             {w.ana, "PATCH", clip, map[string]any{"title": 5}, "", 400, "invalid", "title"},
		"an unknown field inside":             {w.ana, "PATCH", "/api/v1/me", map[string]any{"quiet_hours": map[string]any{"from": "22:00", "to": "7"}}, "", 400, "invalid", "quiet_hours"},
		"control characters":                  {w.ana, "PATCH", clip, map[string]any{"title": "a\x00b", "description": "\x1b[31m"}, "", 400, "invalid", "title description"},
		"no JSON":                             {w.ana, "PATCH", clip, `{"title":`, text, 400, "invalid", ""},
		"two JSON values":                     {w.ana, "PATCH", clip, `{} {}`, text, 400, "invalid", ""},
		"broken UTF-8":                        {w.ana, "PATCH", clip, "{\"title\":\"\xff\"}", text, 400, "invalid", ""},
		"nested too deeply":                   {w.ana, "PATCH", clip, strings.Repeat("[", 100_000), text, 400, "invalid", ""},
		"an empty body":                       {w.ana, "PATCH", clip, "", text, 400, "invalid", ""},
		"an array for an object":              {w.ana, "PATCH", clip, `[]`, text, 400, "invalid", "body"},
		"a form":                              {w.ana, "PATCH", clip, "title=x", "Content-Type: application/x-www-form-urlencoded", 415, "unsupported_media", ""},
		"no content type":                     {w.ana, "PATCH", clip, `{}`, "", 415, "unsupported_media", ""},
		"oversized JSON":                      {w.ana, "PATCH", clip, `{"title":"` + strings.Repeat("x", 1<<20) + `"}`, text, 413, "too_large", ""},
		"a title of spaces":                   {w.ana, "PATCH", clip, map[string]any{"title": "  "}, "", 400, "invalid", "title"},
		"a language that is none":             {w.ana, "PATCH", clip, map[string]any{"language": "?"}, "", 400, "invalid", "language"},
		"a channel that is none":              {w.ana, "POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "voice", "channel_id": "x"}, "", 400, "invalid", "channel_id"},
		"bad queries, all of them":            {w.ana, "GET", "/api/v1/clips?limit=0&kind=opera&trashed=maybe", nil, "", 400, "invalid", "limit kind trashed"},
		"a query given twice":                 {w.ana, "GET", "/api/v1/clips?limit=1&limit=2", nil, "", 400, "invalid", "limit"},
		"a bad cursor of clips":               {w.ana, "GET", "/api/v1/clips?cursor=!!", nil, "", 400, "invalid", "cursor"},
		"a bad cursor of comments":            {w.ana, "GET", clip + "/comments?cursor=!!", nil, "", 400, "invalid", "cursor"},
		"a bad cursor of a search":            {w.ana, "GET", "/api/v1/search?q=x&cursor=!!", nil, "", 400, "invalid", "cursor"},
		"a cursor of another search":          {w.ana, "GET", "/api/v1/search?q=x&cursor=MjAuMC5BQUFBQUFBQQ", nil, "", 400, "invalid", "cursor"},
		"a long search":                       {w.ana, "GET", "/api/v1/search?q=" + strings.Repeat("x", 501), nil, "", 400, "invalid", "q"},
		"a search that is kept without words": {w.ana, "POST", "/api/v1/workspaces/" + string(w.ws) + "/saved-searches", map[string]any{"query": "  "}, "", 400, "invalid", "query"},
		"a bad date":                          {w.ana, "GET", "/api/v1/search?q=x&from=monday", nil, "", 400, "invalid", "from"},
		"an If-Match that is none":            {w.ana, "PATCH", clip, map[string]any{"title": "x"}, "If-Match: yesterday", 400, "invalid", "If-Match"},
		"no such clip":                        {w.ana, "GET", "/api/v1/clips/01ARYZ6S41TSV4RRFFQ69G5FAV", nil, "", 404, "not_found", ""},
		"no such path":                        {w.ana, "GET", "/api/v1/none", nil, "", 404, "not_found", ""},
		"a method nobody answers":             {w.ana, "PUT", clip, good, "", 405, "invalid", ""},
		"nobody":                              {w.anonymousClient(), "GET", "/api/v1/me", nil, "", 401, "unauthenticated", ""},
		"a token that is none":                {w.anonymousClient(), "GET", "/api/v1/me", nil, "Authorization: Bearer tdg_none", 401, "unauthenticated", ""},
		"a scheme that is none":               {w.anonymousClient(), "GET", clip, nil, "Authorization: Basic eDp5", 401, "unauthenticated", ""},
		"a scope that is too small":           {w.newTokenClient(w.ana.user, tidings.ScopeRead), "POST", "/api/v1/clips", good, "", 403, "forbidden", ""},
		"a write token makes no tokens":       {w.newTokenClient(w.ana.user, tidings.ScopeWrite), "POST", "/api/v1/tokens", map[string]any{"name": "x", "scope": "admin"}, "", 403, "forbidden", ""},
		"another workspace":                   {w.addPerson("out", ""), "POST", "/api/v1/clips", good, "", 404, "not_found", ""},
		"a comment outside of the clip":       {w.ana, "POST", clip + "/comments", map[string]any{"body": "x", "at_ms": 5, "until_ms": 5}, "", 400, "invalid", "until_ms"},
		"an empty comment":                    {w.ana, "POST", clip + "/comments", map[string]any{}, "", 400, "invalid", "body"},
		"a reply to nothing":                  {w.ana, "POST", clip + "/comments", map[string]any{"body": "x", "parent_id": "01ARYZ6S41TSV4RRFFQ69G5FAV"}, "", 400, "invalid", "parent_id"},
		"a range that goes backwards":         {w.ana, "POST", clip + "/views", map[string]any{"session": "s", "ranges": [][]int{{5, 1}}}, "", 400, "invalid", "ranges"},
		"a link without its password":         {w.ana, "POST", clip + "/links", map[string]any{"access": "password"}, "", 400, "invalid", "password"},
		"a link that is over":                 {w.ana, "POST", clip + "/links", map[string]any{"expires_at": "2020-01-01T00:00:00Z"}, "", 400, "invalid", "expires_at"},
		"a step that nobody can retry":        {w.ana, "POST", clip + "/retry", map[string]any{"step": "upload"}, "", 409, "conflict", ""},
		"a time zone that is none":            {w.ana, "PATCH", "/api/v1/me", map[string]any{"time_zone": "Mars/Olympus"}, "", 400, "invalid", "time_zone"},
		"a delivery channel that is none":     {w.ana, "PATCH", "/api/v1/me", map[string]any{"notify": map[string]string{"reply": "inbox,pigeon"}}, "", 400, "invalid", "notify.reply"},
		"an Idempotency-Key that is too long": {w.ana, "POST", "/api/v1/clips", good, "Idempotency-Key: " + strings.Repeat("k", 201), 400, "invalid", "Idempotency-Key"},
	} {
		t.Run(name, func(t *testing.T) {
			who := &client{w: w.inSubtest(t), header: c.who.header}
			var header []string
			if c.header != "" {
				header = []string{c.header}
			}
			p := who.do(c.method, c.path, c.body, header...).is(c.status, c.code).decodeProblem()
			want := strings.Fields(c.fields)
			for _, name := range want {
				if p.Fields[name] == "" && !(strings.Contains(c.path, "/me") && len(p.Fields) > 0) {
					t.Errorf("nothing is said of %s: %v", name, p.Fields)
				}
			}
			if len(p.Fields) != len(want) {
				t.Errorf("fields %v, want %v", p.Fields, want)
			}
		})
	}
}

// TestHiddenClipLooksMissing: the bodies are equal except for the request id.
func TestHiddenClipLooksMissing(t *testing.T) {
	w := newTestServer(t)
	mine := w.ana.createClip("visibility", "private")
	mem := w.addPerson("mem", tidings.RoleMember)
	strip := func(a *response) string {
		return strings.ReplaceAll(string(a.is(http.StatusNotFound, "not_found").body), a.Header.Get("X-Request-Id"), "")
	}
	for _, at := range []string{"", "/transcript", "/comments", "/media/master.m3u8", "/media/original", "/media/v360/index.m3u8"} {
		hidden := strip(mem.get("/api/v1/clips/" + string(mine.ID) + at))
		if none := strip(mem.get("/api/v1/clips/01ARYZ6S41TSV4RRFFQ69G5FAV" + at)); none != hidden {
			t.Errorf("%s: %s\n%s", at, hidden, none)
		}
		if odd := strip(mem.get("/api/v1/clips/..%2f..%2fetc" + at)); odd != hidden {
			t.Errorf("%s: %s\n%s", at, hidden, odd)
		}
	}
}

func TestIdempotencyKey(t *testing.T) {
	w := newTestServer(t)
	body := map[string]any{"workspace_id": w.ws, "kind": "voice"}
	key := "Idempotency-Key: a1"
	first := w.ana.do("POST", "/api/v1/clips", body, key).is(http.StatusCreated, "")
	again := w.ana.do("POST", "/api/v1/clips", body, key).is(http.StatusCreated, "").has("Content-Type: application/json")
	if decodeJSON[clipJSON](first).ID != decodeJSON[clipJSON](again).ID {
		t.Errorf("two clips: %s %s", first.body, again.body)
	}
	if page := decodeJSON[struct{ Items []clipJSON }](w.ana.get("/api/v1/clips")); len(page.Items) != 1 {
		t.Errorf("%d rows", len(page.Items))
	}
	w.ana.do("POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "screen"}, key).is(http.StatusUnprocessableEntity, "conflict")
	w.addPerson("bo", tidings.RoleMember).do("POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "screen"}, key).is(http.StatusCreated, "")
	w.ana.do("POST", "/api/v1/clips", map[string]any{}, "Idempotency-Key: b").is(http.StatusBadRequest, "invalid")
	w.ana.do("POST", "/api/v1/clips", body, "Idempotency-Key: b").is(http.StatusCreated, "") // a refused request is not stored

	done := make(chan tidings.ID, 8) // at the same time
	for range cap(done) {
		go func() { done <- decodeJSON[clipJSON](w.ana.do("POST", "/api/v1/clips", body, "Idempotency-Key: c")).ID }()
	}
	one := <-done
	for range cap(done) - 1 {
		if other := <-done; other != one {
			t.Errorf("%s and %s", one, other)
		}
	}
	w.clock.Advance(25 * 60 * 60 * 1e9)
	if late := decodeJSON[clipJSON](w.ana.do("POST", "/api/v1/clips", body, key).is(http.StatusCreated, "")); late.ID == decodeJSON[clipJSON](first).ID {
		t.Error("the answer is given after 24 hours")
	}
}

func TestIdempotentSecretsAreEncrypted(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.createClip()
	path := "/api/v1/clips/" + string(clip.ID) + "/links"
	first := decodeJSON[linkJSON](w.ana.do("POST", path, map[string]any{}, "Idempotency-Key: k").is(http.StatusCreated, ""))
	if again := decodeJSON[linkJSON](w.ana.do("POST", path, map[string]any{}, "Idempotency-Key: k").is(http.StatusCreated, "")); again != first {
		t.Errorf("%+v %+v", first, again)
	}
	var n int
	w.ok(w.store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM idempotency WHERE body LIKE $1 OR idem_key = 'k'`, "%"+first.Token+"%").Scan(&n))
	if n != 0 {
		t.Error("the token, or the key that opens it, stands in the database")
	}
}

func TestConditionalWrites(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.createClip()
	path := "/api/v1/clips/" + string(clip.ID)
	now := decodeJSON[clipJSON](w.ana.do("PATCH", path, map[string]any{"title": "One"}, `If-Match: "1"`).is(http.StatusOK, ""))
	if now.Title != "One" || now.Version != 2 {
		t.Errorf("%+v", now)
	}
	w.ana.do("PATCH", path, map[string]any{"title": "Two"}, `If-Match: "1"`).is(http.StatusPreconditionFailed, "conflict")
	w.ana.do("PATCH", path, map[string]any{"title": "Three"}, `If-Match: W/"2"`).is(http.StatusOK, "")
	w.ana.do("PATCH", path, map[string]any{"title": "Four"}, `If-Match: *`).is(http.StatusOK, "")
	if row, err := w.store.Clip(t.Context(), clip.ID); err != nil || row.Title != "Four" {
		t.Errorf("%+v %v", row, err)
	}
	w.ana.do("PATCH", "/api/v1/me", map[string]any{"name": "Anna"}, `If-Match: "99"`).is(http.StatusPreconditionFailed, "conflict")
	w.ana.do("PATCH", "/api/v1/workspaces/"+string(w.ws), map[string]any{"name": "Sea"}, `If-Match: "99"`).is(http.StatusPreconditionFailed, "conflict")
	comment := decodeJSON[struct{ ID string }](w.ana.do("POST", path+"/comments", map[string]any{"body": "x"}).is(http.StatusCreated, ""))
	w.ana.do("PATCH", "/api/v1/comments/"+comment.ID, map[string]any{"body": "y"}, `If-Match: "99"`).is(http.StatusPreconditionFailed, "conflict")
}

// TestStandInRowIsNotExposed: for a missing id another row is read, so that the
// time is equal; that row is neither returned nor changed.
func TestStandInRowIsNotExposed(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.createClip()
	comment, link := w.ana.addComment(clip.ID), w.ana.createLink(clip.ID)
	const none = "01ARYZ6S41TSV4RRFFQ69G5FAV"
	for _, who := range []*client{w.ana, w.addPerson("mem", tidings.RoleMember), w.addPerson("out", "")} {
		for _, c := range [][2]string{{"GET", "/api/v1/clips/"}, {"PATCH", "/api/v1/clips/"}, {"DELETE", "/api/v1/clips/"}, {"GET", "/c/"}, {"PATCH", "/api/v1/comments/"}, {"DELETE", "/api/v1/comments/"},
			{"PATCH", "/api/v1/links/"}, {"DELETE", "/api/v1/links/"}} {
			var body any
			if c[0] == "PATCH" {
				if body = map[string]any{"title": "x"}; strings.Contains(c[1], "comments") {
					body = map[string]any{"body": "x"}
				} else if strings.Contains(c[1], "links") {
					body = map[string]any{"allow_download": true}
				}
			}
			if got := who.requestStatus(c[0], c[1]+none, body); got != http.StatusNotFound {
				t.Errorf("%s %s: %d", c[0], c[1], got)
			}
		}
	}
	if again := w.ana.listComments(clip.ID, ""); len(again) != 1 || again[0].ID != comment.ID || again[0].Body != "Yes." || again[0].Deleted {
		t.Errorf("%+v", again)
	}
	if l, err := w.store.Link(t.Context(), link.ID); err != nil || l.RevokedAt != nil || l.AllowDownload {
		t.Errorf("%+v %v", l, err)
	}
}
