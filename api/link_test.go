package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

type listedLinkJSON struct {
	ID         tidings.ID
	Access     string
	StartMS    *int64  `json:"start_ms"`
	EndMS      *int64  `json:"end_ms"`
	ExpiresAt  *string `json:"expires_at"`
	Views      int
	LastUsedAt *string               `json:"last_used_at"`
	CreatedBy  struct{ Name string } `json:"created_by"`
}

// TestChangingLinks: each field alone and dependent fields together; a refused
// request changes nothing.
func TestChangingLinks(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.recordClip(20)
	w.finishTranscode(w.startTranscode(clip.ID, 2)) // 8 s
	link := w.ana.createLink(clip.ID)
	at := "/api/v1/links/" + string(link.ID)
	soon := w.clock.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
	for i, c := range []struct {
		body  map[string]any
		field string // that is refused; "" = taken
		want  string // access start end expiry
	}{
		{map[string]any{"expires_at": soon}, "", "anyone - - " + soon},
		{map[string]any{"expires_at": "2001-01-01T00:00:00Z"}, "expires_at", "anyone - - " + soon},
		{map[string]any{"access": "password"}, "password", "anyone - - " + soon},
		{map[string]any{"password": "open sesame"}, "password", "anyone - - " + soon},
		{map[string]any{"access": "password", "password": "abc"}, "password", "anyone - - " + soon},
		{map[string]any{"access": "password", "password": "open sesame"}, "", "password - - " + soon},
		{map[string]any{"start_ms": 1000}, "", "password 1000 - " + soon},
		{map[string]any{"end_ms": 500}, "end_ms", "password 1000 - " + soon},
		{map[string]any{"end_ms": 1000}, "end_ms", "password 1000 - " + soon},
		{map[string]any{"end_ms": 8001}, "end_ms", "password 1000 - " + soon},
		{map[string]any{"start_ms": 8000}, "start_ms", "password 1000 - " + soon},
		{map[string]any{"start_ms": -1}, "start_ms", "password 1000 - " + soon},
		{map[string]any{"end_ms": 8000, "expires_at": nil}, "", "password 1000 8000 -"},
		{map[string]any{"access": "workspace", "password": "open sesame"}, "password", "password 1000 8000 -"},
		{map[string]any{"access": "workspace", "start_ms": nil}, "", "workspace - 8000 -"},
		{map[string]any{"access": "password"}, "password", "workspace - 8000 -"}, // the password was removed
		{map[string]any{"access": "everybody"}, "access", "workspace - 8000 -"},
		{map[string]any{"token": "x"}, "token", "workspace - 8000 -"},
		{map[string]any{"access": "anyone", "end_ms": nil}, "", "anyone - - -"},
	} {
		a := w.ana.do("PATCH", at, c.body)
		if c.field != "" {
			if p := a.is(400, "invalid").decodeProblem(); p.Fields[c.field] == "" {
				t.Errorf("%d %v: %+v", i, c.body, p)
			}
		} else {
			a.is(200, "")
		}

		l := decodeJSON[struct{ Items []listedLinkJSON }](w.ana.get("/api/v1/clips/"+string(clip.ID)+"/links").is(200, "")).Items[0]
		show := func(p *int64) string {
			if p == nil {
				return "-"
			}
			return fmt.Sprint(*p)
		}

		ends := "-"
		if l.ExpiresAt != nil {
			ends = *l.ExpiresAt
		}

		if got := fmt.Sprintf("%s %s %s %s", l.Access, show(l.StartMS), show(l.EndMS), ends); got != c.want {
			t.Errorf("%d %v: %s, want %s", i, c.body, got, c.want)
		}
	}

	if p := w.ana.do("POST", "/api/v1/clips/"+string(w.ana.createClip().ID)+"/links", map[string]any{"end_ms": 31 * 60_000}).is(400, "invalid").decodeProblem(); p.Fields["end_ms"] == "" {
		t.Errorf("%+v", p)
	}
}

// TestLinkUsage: the author, the number of views and the time of the last one.
func TestLinkUsage(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.recordClip(20)
	link := w.ana.createLink(clip.ID)
	views := "/api/v1/clips/" + string(clip.ID) + "/views?share=" + link.Token
	for _, session := range []string{"a", "a", "b"} {
		w.anonymousClient().do("POST", views, map[string]any{"session": session, "ranges": [][]int{{0, 1000}}}).is(204, "")
	}

	w.ana.do("POST", "/api/v1/clips/"+string(clip.ID)+"/views", map[string]any{"session": "c", "ranges": [][]int{{0, 1000}}}).is(204, "")
	l := decodeJSON[struct{ Items []listedLinkJSON }](w.ana.get("/api/v1/clips/"+string(clip.ID)+"/links").is(200, "")).Items[0]
	if l.Views != 2 || l.LastUsedAt == nil || l.CreatedBy.Name != "Ana" {
		t.Errorf("%+v", l)
	}
}

// TestLinkPasswordChangeLocksAgain: visitors who gave the old password lose
// access with the next request.
func TestLinkPasswordChangeLocksAgain(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.recordClip(20, "visibility", "private")
	w.finishTranscode(w.startTranscode(clip.ID, 1))
	link := w.ana.createLink(clip.ID, "access", "password", "password", "first secret")
	poster := mediaPath(clip.ID, "poster.jpg") + "?share=" + link.Token
	unlock := func(c *client, password string) *response {
		return c.do("POST", "/api/v1/links/"+link.Token+"/unlock", map[string]any{"password": password})
	}
	cookie, _, _ := strings.Cut(unlock(w.anonymousClient(), "first secret").is(204, "").Header.Get("Set-Cookie"), ";")
	visitor := w.anonymousClient().withHeaders("Cookie: " + cookie)
	visitor.get(poster).is(200, "")
	w.anonymousClient().get(poster).is(404, "not_found")
	w.ana.do("PATCH", "/api/v1/links/"+string(link.ID), map[string]any{"allow_download": true}).is(200, "")
	visitor.get(poster).is(200, "") // other changes keep the password
	w.ana.do("PATCH", "/api/v1/links/"+string(link.ID), map[string]any{"password": "second secret"}).is(200, "")
	visitor.get(poster).is(404, "not_found")
	unlock(visitor, "first secret").is(403, "forbidden")
	unlock(visitor, "second secret").is(204, "")
	visitor.get(poster).is(200, "")
}

// TestLinkPasswordRateLimit: 429 with Retry-After, also for the right password.
func TestLinkPasswordRateLimit(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.LoginBurst = 3 })
	link := w.ana.createLink(w.ana.createClip().ID, "access", "password", "password", "open sesame")
	try := func(password string) *response {
		return w.anonymousClient().do("POST", "/api/v1/links/"+link.Token+"/unlock", map[string]any{"password": password})
	}
	for range 3 {
		try("wrong").is(403, "forbidden")
	}

	for _, password := range []string{"wrong", "open sesame"} {
		if a := try(password).is(429, "rate_limited"); a.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
}

// TestLinkTokenRateLimit: after several unknown tokens from one address further
// ones get 429; tokens of revoked links do not count, and those of links are
// never refused.
func TestLinkTokenRateLimit(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, d *api.Deps, f *source.Config) { withWeb(c, d, f); c.MissBurst = 5 })
	clip := w.ana.createClip()
	link, over := w.ana.createLink(clip.ID), w.ana.createLink(clip.ID)
	w.ana.do("DELETE", "/api/v1/links/"+string(over.ID), nil).is(204, "")
	for range 20 {
		w.anonymousClient().get("/s/"+over.Token).is(404, "not_found")
	}

	at := "/api/v1/clips/" + string(clip.ID)
	first := w.anonymousClient().get(at+"?share="+over.Token).is(404, "not_found")
	for i, path := range []string{"/s/none", at + "?share=none", "/embed/none", "/oembed?url=" + w.server.URL + "/s/none", mediaPath(clip.ID, "poster.jpg") + "?share=none"} {
		a := w.anonymousClient().get(path).is(404, "not_found")
		if got, want := a.decodeProblem(), first.decodeProblem(); got.Detail != want.Detail || got.Title != want.Title || len(a.body) != len(first.body) {
			t.Errorf("%d: %s is told apart from %s", i, a.body, first.body)
		}
	}

	for _, path := range []string{"/s/" + link.Token, at + "?share=" + link.Token} {
		w.anonymousClient().get(path).is(200, "")
	}
	for _, path := range []string{"/s/none", at + "?share=other"} {
		if a := w.anonymousClient().get(path).is(429, "rate_limited"); a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
	}

	w.anonymousClient().do("POST", "/api/v1/links/none/unlock", map[string]any{"password": "x"}).is(429, "rate_limited")
	w.ana.get(at).is(200, "") // requests without a link are not limited
}

// TestLinkTokensStaySecret: tokens appear in no log line, whatever the outcome
// of the request, in no row, and in no Referer.
func TestLinkTokensStaySecret(t *testing.T) {
	w := newTestServer(t, withWeb)
	clip := w.ana.recordClip(20)
	w.finishTranscode(w.startTranscode(clip.ID, 1))
	link := w.ana.createLink(clip.ID, "allow_download", true)
	locked := w.ana.createLink(clip.ID, "access", "password", "password", "canary password")
	inside := w.ana.createLink(clip.ID, "access", "workspace")
	secrets := []string{link.Token, locked.Token, inside.Token, "canary password", "canary guess"}
	for _, token := range secrets[:3] {
		for _, path := range []string{"/s/" + token, "/embed/" + token, "/oembed?url=" + w.server.URL + "/s/" + token, "/s/" + token + "/x", "/nowhere?share=" + token,
			"/c/" + string(clip.ID) + "?share=" + token, "/login?next=/s/" + token, "/api/v1/clips/" + string(clip.ID) + "?share=" + token,
			mediaPath(clip.ID, "master.m3u8") + "?share=" + token, mediaPath(clip.ID, "v360/0.m4s") + "?share=" + token, mediaPath(clip.ID, "video.mp4") + "?share=" + token} {
			a := w.anonymousClient().get(path, "Accept: text/html", "Referer: "+w.server.URL+"/s/"+token)
			if want := "no-referrer"; strings.HasPrefix(path, "/s/") && !strings.HasSuffix(path, "/x") && a.Header.Get("Referrer-Policy") != want {
				t.Errorf("%s: Referrer-Policy %q", path, a.Header.Get("Referrer-Policy"))
			}
		}

		w.anonymousClient().do("POST", "/api/v1/links/"+token+"/unlock", map[string]any{"password": "canary guess"})
		w.anonymousClient().do("POST", "/api/v1/links/"+token+"/unlock", "not json")
	}

	w.anonymousClient().do("POST", "/api/v1/links/"+locked.Token+"/unlock", map[string]any{"password": "canary password"}).is(204, "")
	w.ana.do("DELETE", "/api/v1/links/"+string(link.ID), nil).is(204, "")
	w.anonymousClient().get("/s/" + link.Token)
	log, metrics := w.log.String(), string(w.ana.get("/metrics").body)
	if !strings.Contains(log, "path=/s/***") {
		t.Fatal("nothing was logged: the test proves nothing")
	}

	for _, secret := range secrets {
		if strings.Contains(log, secret) || strings.Contains(metrics, secret) {
			t.Errorf("%s is in the log or the metrics", secret)
		}
		if rows := w.readDatabaseFiles(); strings.Contains(rows, secret) {
			t.Errorf("%s is in the database", secret)
		}
	}
}

// TestUntrustedHostHeaders: no URL in a response is made from an unknown Host,
// nor from forwarding headers that no trusted proxy sent.
func TestUntrustedHostHeaders(t *testing.T) {
	w := newTestServer(t, withWeb)
	clip := w.ana.createClip()
	own := strings.TrimPrefix(w.server.URL, "http://")
	for host, want := range map[string]string{
		"evil.example": own, "evil.example:80": own, "evil.example:" + strings.Split(own, ":")[1]: own, "203.0.113.9": own, "tidings.com.": own, own: own,
		"localhost:8080": "localhost:8080", "nas:8080": "nas:8080", "tidings.local": "tidings.local", "192.168.1.5:8080": "192.168.1.5:8080", "[::1]:8080": "[::1]:8080",
	} {
		for _, header := range [][]string{nil, {"X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https", "Forwarded: host=evil.example"}} {
			made := decodeJSON[linkJSON](w.ana.withHeaders(append(header, "Host: "+host)...).do("POST", "/api/v1/clips/"+string(clip.ID)+"/links", map[string]any{}).is(http.StatusCreated, ""))
			if !strings.HasPrefix(made.URL, "http://"+want+"/s/") {
				t.Errorf("Host %s, %v: %s", host, header, made.URL)
			}
		}
	}

	page := w.anonymousClient().get("/s/"+w.ana.createLink(clip.ID).Token, "Host: evil.example").is(200, "")
	if strings.Contains(string(page.body), "evil.example") {
		t.Errorf("%s", page.body)
	}

	fixed := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.PublicURL = "https://tidings.example" })
	made := decodeJSON[linkJSON](fixed.ana.withHeaders("Host: evil.example").do("POST", "/api/v1/clips/"+string(fixed.ana.createClip().ID)+"/links", map[string]any{}).is(http.StatusCreated, ""))
	if !strings.HasPrefix(made.URL, "https://tidings.example/s/") {
		t.Error(made.URL)
	}
}

// TestCrossSiteLinkRequests: a page of another site cannot change links with a
// visitor's session.
func TestCrossSiteLinkRequests(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.createClip()
	link := w.ana.createLink(clip.ID)
	ana := w.signIn("ana@example.org")
	for _, header := range []string{"Sec-Fetch-Site: cross-site", "Origin: https://evil.example"} {
		ana.do("DELETE", "/api/v1/links/"+string(link.ID), nil, header).is(403, "forbidden")
		ana.do("POST", "/api/v1/clips/"+string(clip.ID)+"/links", map[string]any{}, header).is(403, "forbidden")
		w.anonymousClient().do("POST", "/api/v1/links/"+link.Token+"/unlock", map[string]any{"password": "x"}, header).is(403, "forbidden")
	}
	w.anonymousClient().get("/s/"+link.Token).is(200, "")
}
