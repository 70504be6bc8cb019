package api_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

func TestSession(t *testing.T) {
	w := newTestServer(t)
	a := w.anonymousClient().do("POST", "/api/v1/session", map[string]any{"email": "ANA@example.org", "password": password}).is(http.StatusOK, "").has("Cache-Control: no-store")
	cookie := a.Header.Get("Set-Cookie")
	for _, part := range []string{"tidings=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("no %s in %s", part, cookie)
		}
	}

	if strings.Contains(cookie, "Secure") {
		t.Errorf("a plain cookie is secure: %s", cookie)
	}

	ana := w.signIn("ana@example.org")
	ana.get("/api/v1/me").is(http.StatusOK, "")
	ana.do("DELETE", "/api/v1/session", nil).is(http.StatusNoContent, "")
	ana.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated").has(`WWW-Authenticate: Bearer realm="tidings"`)

	late := w.signIn("ana@example.org")
	w.clock.Advance(31 * 24 * time.Hour)
	late.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated")
	late.get("/").is(http.StatusSeeOther, "").has("Location: /login")
}

func TestRefusedSessions(t *testing.T) {
	w := newTestServer(t)
	wrong := w.anonymousClient().do("POST", "/api/v1/session", map[string]any{"email": "ana@example.org", "password": "wrong"}).is(http.StatusUnauthorized, "unauthenticated").decodeProblem()
	none := w.anonymousClient().do("POST", "/api/v1/session", map[string]any{"email": "none@example.org", "password": "wrong"}).is(http.StatusUnauthorized, "unauthenticated").decodeProblem()
	if wrong.Detail != none.Detail {
		t.Errorf("%q tells %q who exists", wrong.Detail, none.Detail)
	}

	planted := w.anonymousClient().withHeaders("Cookie: tidings=planted")
	got := planted.do("POST", "/api/v1/session", map[string]any{"email": "ana@example.org", "password": password}).is(http.StatusOK, "")
	if strings.Contains(got.Header.Get("Set-Cookie"), "planted") {
		t.Error("a planted session became Ana's")
	}

	planted.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated")
}

func TestSecureCookieBehindProxy(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		c.PublicURL = "https://tidings.example"
	})
	a := w.anonymousClient().do("POST", "/api/v1/session", map[string]any{"email": "ana@example.org", "password": password}, "X-Forwarded-Proto: https")
	if c := a.is(http.StatusOK, "").Header.Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-tidings=") || !strings.Contains(c, "Secure") {
		t.Error(c)
	}

	if clip := w.ana.createClip(); clip.ShareURL != "https://tidings.example/c/"+string(clip.ID) {
		t.Error(clip.ShareURL)
	}
}

// TestProxyHeaders: what proxies write, and what the server takes the client's
// scheme and address to be.
func TestProxyHeaders(t *testing.T) {
	const public, session, secure = "https://tidings.example", "tidings=", "__Host-tidings="
	for _, c := range []struct {
		name, public string
		trusted      bool
		header       []string
		cookie, ip   string
	}{
		{"no proxy", "", false, nil, session, "127.0.0.1"},
		{"a stranger's headers", "", false, []string{"X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.7", "Forwarded: for=192.0.2.7;proto=https"}, session, "127.0.0.1"},
		{"nginx as documented", public, true, []string{"Host: tidings.example", "X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.7"}, secure, "192.0.2.7"},
		{"nginx, bare proxy_pass", public, true, nil, secure, "127.0.0.1"},
		{"TLS ends before the last proxy", public, true, []string{"Host: tidings.example", "X-Forwarded-Proto: http"}, secure, "127.0.0.1"},
		{"two proxies", "", true, []string{"X-Forwarded-Proto: https, http", "X-Forwarded-For: 198.51.100.1, 192.0.2.7, 127.0.0.2"}, secure, "192.0.2.7"},
		{"two lines", "", true, []string{"X-Forwarded-Proto: https", "X-Forwarded-For: 198.51.100.1", "X-Forwarded-For: 192.0.2.7"}, secure, "192.0.2.7"},
		{"upper case", "", true, []string{"X-Forwarded-Proto: HTTPS"}, secure, "127.0.0.1"},
		{"plain HTTP", "", true, []string{"X-Forwarded-Proto: http, https"}, session, "127.0.0.1"},
		{"a port", "", true, []string{"X-Forwarded-For: 192.0.2.7:50123"}, session, "192.0.2.7"},
		{"brackets", "", true, []string{"X-Forwarded-For: [2001:db8::7]"}, session, "2001:db8::7"},
		{"brackets and a port", "", true, []string{"X-Forwarded-For: [2001:db8::7]:50123"}, session, "2001:db8::7"},
		{"IPv4 in IPv6", "", true, []string{"X-Forwarded-For: ::ffff:192.0.2.7"}, session, "192.0.2.7"},
		{"no address", "", true, []string{"X-Forwarded-For: 192.0.2.7, unknown"}, session, "127.0.0.1"},
		{"empty elements", "", true, []string{"X-Forwarded-For: 192.0.2.7, ,"}, session, "192.0.2.7"},
		{"Forwarded", "", true, []string{`Forwarded: for=192.0.2.7;proto=https;host="a,b;c"`}, secure, "192.0.2.7"},
		{"Forwarded, quoted", "", true, []string{`Forwarded: For="[2001:db8::7]:47\11"; Proto=HTTPS, for=127.0.0.2;proto=http`}, secure, "2001:db8::7"},
		{"Forwarded, obfuscated port", "", true, []string{`Forwarded: for="192.0.2.7:_x"`}, session, "192.0.2.7"},
		{"Forwarded, unknown", "", true, []string{"Forwarded: for=192.0.2.7, for=unknown"}, session, "127.0.0.1"},
		{"a client's Forwarded through a proxy that writes the others", "", true, []string{"X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: http", "Forwarded: for=198.51.100.1;proto=https"}, session, "192.0.2.7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestServer(t, func(cfg *api.Config, _ *api.Deps, _ *source.Config) {
				cfg.PublicURL = c.public
				if c.trusted {
					cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
				}
			})

			got := w.anonymousClient().do("POST", "/api/v1/session", map[string]any{"email": "ana@example.org", "password": password}, c.header...).is(http.StatusOK, "")
			for _, cookie := range got.Header.Values("Set-Cookie") {
				if strings.HasPrefix(cookie, "__Host-") != (c.cookie == secure) || strings.Contains(cookie, "; Secure") != (c.cookie == secure) {
					t.Errorf("cookie %q, want %s", cookie, c.cookie)
				}
			}

			if log := w.log.String(); !strings.Contains(log, " ip="+c.ip+" ") || strings.Count(log, " ip=") != strings.Count(log, " ip="+c.ip+" ") {
				t.Errorf("not the address %s: %s", c.ip, log)
			}
		})
	}
}

// TestRefusedOriginIsNamed: the answer and the log say which origin was
// compared with which host.
func TestRefusedOriginIsNamed(t *testing.T) {
	w := newTestServer(t)
	p := w.anonymousClient().do("POST", "/api/v1/session", map[string]any{"email": "ana@example.org", "password": password}, "Host: tidings.example", "Origin: https://tidings.example:8443").
		is(http.StatusForbidden, "forbidden").decodeProblem()
	for _, value := range []string{"https://tidings.example:8443", `"tidings.example"`} {
		if !strings.Contains(p.Detail, value) {
			t.Errorf("%q without %s", p.Detail, value)
		}
	}

	if log := w.log.String(); !strings.Contains(log, "https://tidings.example:8443") || !strings.Contains(log, "host") {
		t.Error(log)
	}
}

func TestLoginRateLimit(t *testing.T) {
	w := newTestServer(t, limitLogins)
	try := func(c *client, email, password string) *response {
		return c.do("POST", "/api/v1/session", map[string]any{"email": email, "password": password})
	}
	for range 3 {
		try(w.anonymousClient(), "ana@example.org", "wrong").is(http.StatusUnauthorized, "unauthenticated")
	}

	a := try(w.anonymousClient(), "ana@example.org", password).is(http.StatusTooManyRequests, "rate_limited").has("Retry-After: 6")
	if a.decodeProblem().Detail == "" {
		t.Error("no word why")
	}

	try(w.anonymousClient().withHeaders("X-Forwarded-For: 192.0.2.7"), "ana@example.org", "x").is(http.StatusTooManyRequests, "rate_limited") // the header of an untrusted proxy
}

func TestCrossSiteRequests(t *testing.T) {
	w := newTestServer(t)
	ana := w.signIn("ana@example.org")
	body := map[string]any{"workspace_id": w.ws, "kind": "voice"}
	for _, header := range [][]string{{"Sec-Fetch-Site: cross-site"}, {"Sec-Fetch-Site: same-site"}, {"Origin: https://evil.example"}, {"Origin: null"}} {
		ana.do("POST", "/api/v1/clips", body, header...).is(http.StatusForbidden, "forbidden")
		ana.do("DELETE", "/api/v1/session", nil, header...).is(http.StatusForbidden, "forbidden")
		w.anonymousClient().do("POST", "/api/v1/session", map[string]any{"email": "ana@example.org", "password": password}, header...).is(http.StatusForbidden, "forbidden")
	}

	ana.do("POST", "/api/v1/clips", body, "Sec-Fetch-Site: same-origin").is(http.StatusCreated, "")
	ana.do("POST", "/api/v1/clips", body, "Origin: "+w.server.URL).is(http.StatusCreated, "")
	w.ana.do("POST", "/api/v1/clips", body, "Origin: https://tool.example").is(http.StatusCreated, "") // tokens are not sent by browsers on their own
	ana.get("/api/v1/me", "Sec-Fetch-Site: cross-site").is(http.StatusOK, "")
}

var ownerSetup = map[string]any{"workspace_name": "Ocean", "name": "Ana", "email": "Ana@Example.org", "password": password, "time_zone": "Europe/Vienna"}

func TestSetupOnce(t *testing.T) {
	w := newServerBeforeSetup(t)
	state := func() map[string]bool {
		return decodeJSON[map[string]bool](w.anonymousClient().get("/api/v1/setup").is(http.StatusOK, ""))
	}
	if s := state(); !s["needed"] || s["token_required"] {
		t.Errorf("%v", s)
	}

	p := w.anonymousClient().do("POST", "/api/v1/setup", map[string]any{"workspace_name": " ", "name": " ", "email": "ana at home", "password": password, "time_zone": "x"}).is(400, "invalid").decodeProblem()
	for _, name := range []string{"workspace_name", "name", "email", "time_zone"} {
		if p.Fields[name] == "" {
			t.Errorf("nothing is said of %s: %v", name, p.Fields)
		}
	}

	w.anonymousClient().do("POST", "/api/v1/setup", map[string]any{"workspace_name": "W", "name": "N", "email": "n@example.org", "password": "short"}).is(400, "invalid")
	a := w.anonymousClient().do("POST", "/api/v1/setup", ownerSetup).is(http.StatusCreated, "")
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	me := decodeJSON[struct {
		Workspaces []struct{ Name, Role string }
	}](w.anonymousClient().withHeaders("Cookie: "+cookie).get("/api/v1/me").is(http.StatusOK, ""))
	if len(me.Workspaces) != 1 || me.Workspaces[0].Role != "owner" || me.Workspaces[0].Name != "Ocean" {
		t.Errorf("%+v", me)
	}

	if u, hash, err := w.store.UserByEmail(t.Context(), "ana@example.org"); err != nil || u.TimeZone != "Europe/Vienna" || !strings.HasPrefix(hash, "$argon2id$") {
		t.Errorf("%+v %q %v", u, hash, err)
	}

	w.anonymousClient().do("POST", "/api/v1/setup", ownerSetup).is(http.StatusGone, "gone")

	if s := state(); s["needed"] {
		t.Errorf("%v", s)
	}
}

func TestRemoteSetupNeedsToken(t *testing.T) {
	w := newServerBeforeSetup(t)
	for _, far := range []*client{w.anonymousClient().withHeaders("X-Forwarded-For: 192.0.2.1"), w.anonymousClient().withHeaders("Host: tidings.example"), w.anonymousClient().withHeaders("Via: 1.1 proxy")} {
		if s := decodeJSON[map[string]bool](far.get("/api/v1/setup")); !s["token_required"] {
			t.Errorf("%v", s)
		}
		if p := far.do("POST", "/api/v1/setup", ownerSetup).is(http.StatusForbidden, "forbidden").decodeProblem(); p.Fields["setup_token"] == "" {
			t.Errorf("%+v", p)
		}
	}

	with := map[string]any{"setup_token": "setup-secret-canary"}
	for name, value := range ownerSetup {
		with[name] = value
	}

	w.anonymousClient().withHeaders("Host: tidings.example").do("POST", "/api/v1/setup", with).is(http.StatusCreated, "")
}

// TestSetupBehindUnmarkedProxy: where the settings name a proxy, a request over
// loopback may be a stranger's that the proxy passed on without saying so.
func TestSetupBehindUnmarkedProxy(t *testing.T) {
	for _, c := range []struct {
		public, trusted string
		needsToken      bool
	}{
		{"", "10.0.0.0/8", false},
		{"http://localhost:8080", "10.0.0.0/8", false},
		{"https://tidings.example", "10.0.0.0/8", true},
		{"", "127.0.0.0/8", true},
	} {
		w := newServerBeforeSetup(t, func(cfg *api.Config, _ *api.Deps, _ *source.Config) {
			cfg.PublicURL, cfg.TrustedProxies = c.public, []netip.Prefix{netip.MustParsePrefix(c.trusted)}
		})
		if s := decodeJSON[map[string]bool](w.anonymousClient().get("/api/v1/setup")); s["token_required"] != c.needsToken {
			t.Errorf("%+v: %v", c, s)
		}

		status, code := http.StatusCreated, ""
		if c.needsToken {
			status, code = http.StatusForbidden, "forbidden"
		}

		w.anonymousClient().do("POST", "/api/v1/setup", ownerSetup).is(status, code)
	}
}

func TestTokensAreShownOnce(t *testing.T) {
	w := newTestServer(t)
	made := decodeJSON[struct{ ID, Secret string }](w.ana.do("POST", "/api/v1/tokens", map[string]any{"name": "ci", "scope": "read", "expires_at": w.clock.Now().Add(time.Hour)}).is(http.StatusCreated, ""))
	if !strings.HasPrefix(made.Secret, "tdg_") || len(made.Secret) < 40 {
		t.Errorf("%q", made.Secret)
	}

	bot := w.anonymousClient().withHeaders("Authorization: Bearer " + made.Secret)
	bot.get("/api/v1/me").is(http.StatusOK, "")
	if list := w.ana.get("/api/v1/tokens").is(http.StatusOK, ""); strings.Contains(string(list.body), made.Secret) || !strings.Contains(string(list.body), made.ID) {
		t.Errorf("%s", list.body)
	}

	w.clock.Advance(2 * time.Hour)
	bot.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated")

	if rows, err := w.store.Tokens(t.Context(), w.ana.user); err != nil || len(rows) != 2 {
		t.Errorf("%v %v", rows, err)
	}
}

// TestSecretsNeverReachTheLog sends every secret through every route that
// accepts one, also in failing requests, and reads the log.
func TestSecretsNeverReachTheLog(t *testing.T) {
	w := newTestServer(t)
	clip := w.ana.recordClip(10)
	link := w.ana.createLink(clip.ID)
	secret := decodeJSON[struct{ Secret string }](w.ana.do("POST", "/api/v1/tokens", map[string]any{"name": "x", "scope": "read"})).Secret
	ana := w.signIn("ana@example.org")
	_, session, _ := strings.Cut(ana.header[0], "=")
	canaries := []string{secret, link.Token, session, password, "wrong-canary-password", "tdg_canarycanarycanary", "query-canary"}
	w.anonymousClient().withHeaders("Authorization: Bearer "+secret).get("/api/v1/me").is(http.StatusOK, "")
	w.anonymousClient().withHeaders("Authorization: Bearer tdg_canarycanarycanary").get("/api/v1/me").is(http.StatusUnauthorized, "")
	w.anonymousClient().do("POST", "/api/v1/session", map[string]any{"email": "ana@example.org", "password": "wrong-canary-password"}).is(http.StatusUnauthorized, "")
	w.anonymousClient().get("/s/"+link.Token).is(http.StatusOK, "")
	w.anonymousClient().get("/embed/"+link.Token+"?x=query-canary").is(http.StatusOK, "")
	w.anonymousClient().get("/api/v1/clips/" + string(clip.ID) + "/media/poster.jpg?share=" + link.Token)
	w.anonymousClient().do("POST", "/api/v1/links/"+link.Token+"/unlock", map[string]any{"password": "wrong-canary-password"})
	w.anonymousClient().do("PUT", "/s/"+link.Token, nil).is(http.StatusMethodNotAllowed, "")
	w.anonymousClient().get("/nowhere/" + link.Token + "?share=query-canary")
	ana.get("/api/v1/search?q=query-canary").is(http.StatusOK, "")
	ana.get("/api/v1/me").is(http.StatusOK, "")
	log := w.log.String()
	if !strings.Contains(log, "/s/***") || !strings.Contains(log, string(w.ana.user)) {
		t.Errorf("the log tells nothing: %s", log)
	}

	for _, canary := range canaries {
		if strings.Contains(log, canary) {
			t.Errorf("%q stands in the log", canary)
		}
	}

	if _, err := w.store.LinkByHash(t.Context(), []byte("x")); tidings.KindOf(err) != tidings.KindNotFound {
		t.Error(err)
	}
}
