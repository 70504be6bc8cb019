package api_test

import (
	"encoding/json"
	"encoding/xml"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

func withWeb(_ *api.Config, d *api.Deps, _ *source.Config) { d.Web = webFiles() }

type bootJSON struct {
	Page           string
	Version        string
	EventID        string `json:"event_id"`
	MaxUploadBytes int64  `json:"max_upload_bytes"`
	Me             *struct{ User struct{ Email string } }
	Setup          *struct{ Needed bool }
	Clip           *clipJSON
	Share          *struct {
		Token  string
		Locked bool
	}
	Embed bool
	Next  *string
}

var bootScript = regexp.MustCompile(`(?s)<script type="application/json" id="boot">(.*?)</script>`)

// bootData is the data a page carries.
func (a *response) bootData() bootJSON {
	a.Helper()
	m := bootScript.FindSubmatch(a.body)
	if m == nil {
		a.Fatalf("%s has no boot data: %s", a.label, a.body)
	}
	var b bootJSON
	if err := json.Unmarshal(m[1], &b); err != nil {
		a.Fatalf("%s: %v: %s", a.label, err, m[1])
	}
	return b
}

func (a *response) metaContent(property string) string {
	m := regexp.MustCompile(`<meta (?:property|name)="` + regexp.QuoteMeta(property) + `" content="([^"]*)">`).FindSubmatch(a.body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(string(m[1]))
}

func TestPageChunkAndBootData(t *testing.T) {
	w := newTestServer(t, withWeb)
	for path, page := range map[string]string{"/": "home", "/record": "record", "/library": "library", "/search": "search", "/settings": "settings"} {
		a := w.ana.get(path).is(http.StatusOK, "").has("Content-Type: text/html; charset=UTF-8", "X-Frame-Options: DENY", "Cache-Control: private, no-cache")
		b := a.bootData()
		if b.Page != page || b.Me == nil || b.Me.User.Email != "ana@example.org" || b.Version != "test" || b.MaxUploadBytes != 20<<30 || b.Clip != nil {
			t.Errorf("%s: %+v", path, b)
		}
	}

	a := w.ana.get("/c/"+string(w.ana.createClip("title", "Day 1").ID)).is(http.StatusOK, "")
	for _, part := range []string{
		`<script type="module" src="/assets/main-a1.js">`, `<link rel="modulepreload" href="/assets/Clip-e5.js">`, `<link rel="modulepreload" href="/assets/player-f6.js">`,
		`<link rel="modulepreload" href="/assets/shared-b2.js">`, `<link rel="stylesheet" href="/assets/main-c3.css">`, `<link rel="stylesheet" href="/assets/shared-d4.css">`,
		`<link rel="stylesheet" href="/assets/Clip-g7.css">`, `<link rel="preload" as="font" type="font/woff2" href="/assets/inter-latin-h8.woff2" crossorigin>`, `<h1>Day 1</h1>`, `<noscript>`,
	} {
		if strings.Count(string(a.body), part) != 1 {
			t.Errorf("%d times %s in\n%s", strings.Count(string(a.body), part), part, a.body)
		}
	}

	policy := a.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'self'", "style-src 'self'", "img-src 'self' blob:", "media-src 'self' blob:", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("policy without %s: %s", part, policy)
		}
	}

	if strings.Contains(policy, "unsafe") || regexp.MustCompile(`(?i)<[^>]+ (on[a-z]+|style)=`).Match(a.body) {
		t.Errorf("inline code or style: %s\n%s", policy, a.body)
	}
}

func TestPageWithoutWebBuild(t *testing.T) {
	a := newTestServer(t).ana.get("/").is(http.StatusOK, "")
	if a.bootData().Page != "home" || !strings.Contains(string(a.body), "make build") || strings.Contains(string(a.body), "<script type=\"module\"") {
		t.Errorf("%s", a.body)
	}
}

func TestTitlesAreEscaped(t *testing.T) {
	w := newTestServer(t, withWeb)
	title := `</script><script>alert(1)</script><!-- "'&` + "\u2028!"
	a := w.ana.get("/c/"+string(w.ana.createClip("title", title).ID)).is(http.StatusOK, "")
	if got := a.bootData().Clip; got == nil || got.Title != title {
		t.Fatalf("%+v", got)
	}
	if strings.Count(string(a.body), "</script>") != 2 || strings.Contains(string(a.body), "alert(1)<") {
		t.Errorf("the title got out: %s", a.body)
	}
}

func TestSignInRedirect(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.createClip()
	for path, to := range map[string]string{
		"/": "/login", "/search?q=a+b": "/login?next=" + url.QueryEscape("/search?q=a+b"),
		"/c/" + string(clip.ID):                "/login?next=%2Fc%2F" + string(clip.ID),
		"/c/01ARYZ6S41TSV4RRFFQ69G5FAV?t=93.5": "/login?next=" + url.QueryEscape("/c/01ARYZ6S41TSV4RRFFQ69G5FAV?t=93.5"), // missing clip: the same
	} {
		w.anonymousClient().get(path).is(http.StatusSeeOther, "").has("Location: " + to)
	}

	for next, want := range map[string]string{"/c/x?t=1": "/c/x?t=1", "//evil.example": "", "https://evil.example/": "", `/\evil.example`: "", "/\t/evil.example": "", "javascript:alert(1)": ""} {
		b := w.anonymousClient().get("/login?next="+url.QueryEscape(next)).is(http.StatusOK, "").bootData()
		if got := b.Next; (got == nil) != (want == "") || got != nil && *got != want {
			t.Errorf("next %q: %v", next, got)
		}
		w.ana.get("/login?next="+url.QueryEscape(next)).is(http.StatusSeeOther, "").has("Location: " + map[bool]string{true: "/", false: want}[want == ""])
	}
}

func TestSetupRedirect(t *testing.T) {
	w := newServerBeforeSetup(t)
	for _, path := range []string{"/", "/login", "/record"} {
		w.anonymousClient().get(path).is(http.StatusSeeOther, "").has("Location: /setup")
	}
	if b := w.anonymousClient().get("/setup").is(http.StatusOK, "").bootData(); b.Page != "setup" || b.Setup == nil || !b.Setup.Needed {
		t.Errorf("%+v", b)
	}
}

func TestNotFoundContentNegotiation(t *testing.T) {
	w := newTestServer(t, withWeb)
	for _, path := range []string{"/nowhere", "/c/none", "/s/none"} {
		who := w.ana
		a := who.get(path, "Accept: text/html").is(http.StatusNotFound, "").has("Content-Type: text/html; charset=UTF-8", "Cache-Control: no-store")
		if b := a.bootData(); b.Page != "not_found" || b.Me == nil {
			t.Errorf("%s: %+v", path, b)
		}
		who.get(path).is(http.StatusNotFound, "not_found")
	}

	framed := w.ana.get("/embed/none", "Accept: text/html").is(http.StatusNotFound, "").has("X-Frame-Options:") // an error page, framed by any site
	if !strings.HasSuffix(framed.Header.Get("Content-Security-Policy"), "frame-ancestors *") || strings.Contains(string(framed.body), "<script") {
		t.Errorf("%v %s", framed.Header, framed.body)
	}

	w.ana.get("/api/v1/nowhere", "Accept: text/html").is(http.StatusNotFound, "not_found")
	w.ana.do("POST", "/search", nil, "Accept: text/html").is(http.StatusMethodNotAllowed, "invalid")
}

func TestShareLinkCard(t *testing.T) {
	w := newTestServer(t, withWeb)
	clip := w.ana.recordClip(10, "title", `Rough "cut" & more`)
	w.finishTranscode(w.startTranscode(clip.ID, 1))
	link := w.ana.createLink(clip.ID, "allow_download", true)
	a := w.anonymousClient().get("/s/"+link.Token).is(http.StatusOK, "")
	b := a.bootData()
	if b.Page != "clip" || b.Me != nil || b.Clip == nil || b.Clip.ID != clip.ID || b.Share == nil || b.Share.Token != link.Token || b.Share.Locked || b.Embed {
		t.Errorf("%+v", b)
	}

	poster := "/api/v1/clips/" + string(clip.ID) + "/media/poster.jpg?share=" + link.Token
	image := w.server.URL + strings.Replace(poster, "poster", "share", 1)
	for name, want := range map[string]string{
		"og:title": `Rough "cut" & more`, "og:type": "video.other", "og:url": w.server.URL + "/s/" + link.Token, "og:image": image, "og:image:width": "1200", "og:image:height": "630",
		"og:description": "Ana · 0:08", "og:video": w.server.URL + "/embed/" + link.Token, "og:video:width": "640", "twitter:card": "player",
		"twitter:player": w.server.URL + "/embed/" + link.Token, "twitter:image": image, "robots": "noindex",
	} {
		if got := a.metaContent(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}

	if !strings.Contains(string(a.body), `<img class="first-poster" src="`+poster+`"`) {
		t.Errorf("no poster: %s", a.body)
	}

	w.anonymousClient().get(poster).is(http.StatusOK, "").has("Content-Type: image/jpeg", "Cross-Origin-Resource-Policy: cross-origin") // chat and mail programs embed it
	w.ana.get(mediaPath(clip.ID, "poster.jpg")).is(http.StatusOK, "").has("Cross-Origin-Resource-Policy: same-origin")
	found := regexp.MustCompile(`type="application/json\+oembed" href="([^"]+)"`).FindSubmatch(a.body)
	if found == nil {
		t.Fatal("no oEmbed discovery")
	}

	checkOEmbed(t, w, strings.TrimPrefix(html.UnescapeString(string(found[1])), w.server.URL), link)
}

func checkOEmbed(t *testing.T, w *testServer, path string, link linkJSON) {
	t.Helper()
	o := decodeJSON[map[string]any](w.anonymousClient().get(path+"&maxwidth=320").is(http.StatusOK, ""))
	if o["version"] != "1.0" || o["type"] != "rich" || o["width"] != 320.0 || o["height"] != 180.0 || o["author_name"] != "Ana" {
		t.Errorf("%v", o)
	}

	if code := o["html"].(string); !strings.HasPrefix(code, `<iframe src="`+w.server.URL+"/embed/"+link.Token+`" width="320" height="180" title="Rough &#34;cut&#34; &amp; more"`) {
		t.Error(code)
	}

	x := w.anonymousClient().get(path+"&format=xml").is(http.StatusOK, "").has("Content-Type: text/xml; charset=utf-8")
	var embedding struct {
		XMLName xml.Name `xml:"oembed"`
		Type    string   `xml:"type"`
		HTML    string   `xml:"html"`
	}
	if err := xml.Unmarshal(x.body, &embedding); err != nil || embedding.Type != "rich" || !strings.Contains(embedding.HTML, "/embed/"+link.Token) {
		t.Errorf("%v %s", err, x.body)
	}

	w.anonymousClient().get(path+"&format=yaml").is(http.StatusNotImplemented, "invalid")
	w.anonymousClient().get(path+"&maxwidth=-1").is(http.StatusBadRequest, "invalid")
	w.ana.do("DELETE", "/api/v1/links/"+string(link.ID), nil).is(http.StatusNoContent, "")
	w.anonymousClient().get(path).is(http.StatusNotFound, "not_found")
	w.anonymousClient().get("/oembed?url=https://elsewhere.example/s/"+link.Token).is(http.StatusNotFound, "not_found")
}

// TestOEmbedKeepsStart: the time in a link's address reaches the player, by
// discovery and by the address itself.
func TestOEmbedKeepsStart(t *testing.T) {
	w := newTestServer(t, withWeb)
	link := w.ana.createLink(w.ana.createClip().ID)
	embed := w.server.URL + "/embed/" + link.Token
	for query, want := range map[string]string{"": embed + `"`, "?t=93": embed + `?t=93"`, "?t=1m33.5s": embed + `?t=1m33.5s"`, "?t=%22%3E": embed + `"`, "/?t=93": embed + `?t=93"`} {
		page := w.anonymousClient().get("/s/"+link.Token+strings.TrimPrefix(query, "/")).is(http.StatusOK, "")
		found := regexp.MustCompile(`type="application/json\+oembed" href="([^"]+)"`).FindSubmatch(page.body)
		for _, path := range []string{strings.TrimPrefix(html.UnescapeString(string(found[1])), w.server.URL), "/oembed?url=" + url.QueryEscape(link.URL+query)} {
			if o := decodeJSON[map[string]any](w.anonymousClient().get(path).is(http.StatusOK, "")); !strings.Contains(o["html"].(string), want) {
				t.Errorf("%s: %v, want %s", path, o["html"], want)
			}
		}
	}
}

// TestPageRedirects: a slash or a dot too many leads to the page, and never to
// another host.
func TestPageRedirects(t *testing.T) {
	w := newTestServer(t, withWeb)
	link := w.ana.createLink(w.ana.createClip().ID)
	for _, c := range []struct{ path, host, want string }{
		{"/s/" + link.Token + "/", "localhost", "/s/" + link.Token},
		{"/s/" + link.Token + "/?t=93", "localhost", "/s/" + link.Token + "?t=93"},
		{"/s/" + link.Token + ".", "localhost", "/s/" + link.Token},
		{"/s/" + link.Token + ").?t=93", "localhost", "/s/" + link.Token + "?t=93"},
		{"/library,", "localhost", "/library"},
		{"/library/", "localhost", "/library"},
		{"/library//", "localhost", "/library"},
		{"/library", "tidings.example.", "http://tidings.example/library"},
		{"/?x=1", "Tidings.example.:8443", "http://tidings.example:8443/?x=1"},
		{"/library/", "tidings.example.", "http://tidings.example/library"},
	} {
		w.anonymousClient().get(c.path, "Host: "+c.host).is(http.StatusSeeOther, "").has("Location: " + c.want)
		w.anonymousClient().do("HEAD", c.path, nil, "Host: "+c.host).is(http.StatusSeeOther, "").has("Location: " + c.want)
	}

	w.anonymousClient().get("/oembed?url="+url.QueryEscape(w.server.URL+"/s/"+link.Token+".")).is(http.StatusOK, "")

	for _, path := range []string{"//evil.example/", "//evil.example.", "/%5Cevil.example/", "/\\evil.example/"} {
		if a := w.anonymousClient().get(path); strings.HasPrefix(strings.ReplaceAll(a.Header.Get("Location"), `\`, "/"), "//") || strings.Contains(a.Header.Get("Location"), "://") {
			t.Errorf("%s leads to %s", path, a.Header.Get("Location"))
		}
	}

	w.ana.get("/api/v1/me/").is(http.StatusNotFound, "not_found")
	w.ana.get("/api/v1/me", "Host: tidings.example.").is(http.StatusOK, "")
}

func TestEmbedFraming(t *testing.T) {
	w := newTestServer(t, withWeb)
	link := w.ana.createLink(w.ana.createClip().ID)
	a := w.anonymousClient().get("/embed/"+link.Token).is(http.StatusOK, "").has("X-Frame-Options:")
	if !a.bootData().Embed || !strings.HasSuffix(a.Header.Get("Content-Security-Policy"), "frame-ancestors *") {
		t.Errorf("%v %+v", a.Header, a.bootData())
	}

	narrow := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.EmbedAncestors = "https://wiki.example" })
	link = narrow.ana.createLink(narrow.ana.createClip().ID)
	if a := narrow.anonymousClient().get("/embed/" + link.Token); !strings.HasSuffix(a.Header.Get("Content-Security-Policy"), "frame-ancestors https://wiki.example") {
		t.Error(a.Header)
	}
}

func TestRestrictedLinkPagesHideClip(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.createClip("title", "Secret plan", "visibility", "private")
	locked := w.ana.createLink(clip.ID, "access", "password", "password", "open sesame")
	a := w.anonymousClient().get("/s/"+locked.Token).is(http.StatusOK, "")
	if b := a.bootData(); b.Share == nil || !b.Share.Locked || b.Clip != nil || strings.Contains(string(a.body), "Secret") || a.metaContent("og:title") != "Tidings" {
		t.Errorf("%s", a.body)
	}

	w.anonymousClient().get("/api/v1/clips/"+string(clip.ID)+"?share="+locked.Token).is(http.StatusNotFound, "not_found")
	unlock := "/api/v1/links/" + locked.Token + "/unlock"
	w.anonymousClient().do("POST", unlock, map[string]any{"password": "wrong"}).is(http.StatusForbidden, "forbidden")
	cookie, _, _ := strings.Cut(w.anonymousClient().do("POST", unlock, map[string]any{"password": "open sesame"}).is(http.StatusNoContent, "").Header.Get("Set-Cookie"), ";")
	a = w.anonymousClient().withHeaders("Cookie: "+cookie).get("/s/"+locked.Token).is(http.StatusOK, "")
	if b := a.bootData(); b.Share.Locked || b.Clip == nil || b.Clip.Title != "Secret plan" {
		t.Errorf("%+v", b)
	}

	w.anonymousClient().get("/oembed?url="+url.QueryEscape(locked.URL)).is(http.StatusNotFound, "not_found")

	inside := w.ana.createLink(clip.ID, "access", "workspace")
	w.anonymousClient().get("/s/"+inside.Token).is(http.StatusSeeOther, "").has("Location: /login?next=%2Fs%2F" + inside.Token)
	w.addPerson("mem", tidings.RoleMember).get("/s/"+inside.Token).is(http.StatusOK, "")
	w.addPerson("out", "").get("/s/"+inside.Token).is(http.StatusNotFound, "not_found")
}

// TestErrorPages: an error page has the message and the request id, and no
// internal detail.
func TestErrorPages(t *testing.T) {
	w := newTestServer(t, withWeb)
	w.ok(w.store.Close())
	a := w.ana.get("/", "Accept: text/html").is(http.StatusInternalServerError, "").has("Content-Type: text/html; charset=UTF-8", "Cache-Control: no-store")
	text := string(a.body)
	if !strings.Contains(text, a.Header.Get("X-Request-Id")) || strings.Contains(text, "sql") || strings.Contains(text, "<script") || !strings.Contains(text, "/assets/main-c3.css") {
		t.Error(text)
	}

	w.ana.get("/").is(http.StatusInternalServerError, "internal")
	if log := w.log.String(); !strings.Contains(log, "request failed") || !strings.Contains(log, a.Header.Get("X-Request-Id")) {
		t.Error(log)
	}
}
