package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/oidc"
	"tidings.example/tidings/oidc/oidctest"
	"tidings.example/tidings/tidings"
)

// oidcServer is a test server with an OpenID provider.
type oidcServer struct {
	*testServer
	provider *oidctest.Provider
}

func newOIDCServer(t *testing.T, rules auth.OIDCRules) oidcServer {
	t.Helper()
	id := oidctest.New(t)
	o, err := oidc.New(oidc.Config{Issuer: id.URL, ClientID: oidctest.Client, ClientSecret: oidctest.Secret, Name: "Harbour ID"})
	if err != nil {
		t.Fatal(err)
	}
	return oidcServer{provider: id, testServer: newTestServer(t, func(c *api.Config, d *api.Deps, _ *source.Config) {
		c.Rules, d.OIDC, d.Web = rules, o, webFiles()
	})}
}

// startLogin starts a sign-in and returns the client with its state cookie and
// the provider's URL.
func (h oidcServer) startLogin(c *client, next string) (*client, string) {
	h.Helper()
	a := c.get("/auth/oidc/start?next="+url.QueryEscape(next)).is(http.StatusSeeOther, "").has("Cache-Control: no-store")
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	if cookie != "" {
		c = c.withHeaders("Cookie: " + cookie)
	}
	return c, a.Header.Get("Location")
}

// followCallback requests the callback with the query. It returns the client with
// the cookies that were set, and the address it is redirected to.
func (h oidcServer) followCallback(c *client, query url.Values) (*client, string) {
	h.Helper()
	a := c.get("/auth/oidc/callback?"+query.Encode()).is(http.StatusSeeOther, "")
	for _, line := range a.Header.Values("Set-Cookie") {
		cookie, _, _ := strings.Cut(line, ";")
		c = c.withHeaders("Cookie: " + cookie)
	}
	return c, a.Header.Get("Location")
}

// completeLogin signs in at the provider and returns with its answer.
func (h oidcServer) completeLogin(next string) (*client, string) {
	h.Helper()
	c, at := h.startLogin(h.anonymousClient(), next)
	return h.followCallback(c, h.provider.Visit(at))
}

// connectIdentity connects the provider's account with that subject to the
// client's user.
func (h oidcServer) connectIdentity(c *client, subject string) (to string) {
	h.Helper()
	h.provider.Bend(func(claims oidctest.Claims) { claims["sub"] = subject })
	defer h.provider.Bend(nil)
	a := c.do("POST", "/api/v1/identities", nil).is(http.StatusOK, "")
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	_, to = h.followCallback(c.withHeaders("Cookie: "+cookie), h.provider.Visit(decodeJSON[struct{ URL string }](a).URL))
	return to
}

// TestOIDCConnect: an account at the provider signs in to a user here once the
// user has connected it, whatever its email address.
func TestOIDCConnect(t *testing.T) {
	h := newOIDCServer(t, auth.OIDCRules{})
	if _, to := h.completeLogin("/library"); to != "/login?next=%2Flibrary&problem=unknown" {
		t.Error(to)
	}

	ana := h.signIn("ana@example.org")
	if to := h.connectIdentity(ana, "person-1"); to != "/settings/security" {
		t.Fatal(to)
	}

	h.provider.Bend(func(c oidctest.Claims) { c["email"], c["email_verified"] = "other@example.org", false })
	in, to := h.completeLogin("/library?view=mine")
	if to != "/library?view=mine" {
		t.Error(to)
	}

	me := decodeJSON[struct{ User struct{ Email string } }](in.get("/api/v1/me").is(http.StatusOK, ""))
	if me.User.Email != "ana@example.org" {
		t.Errorf("%+v", me)
	}

	bo := h.addPerson("bo", tidings.RoleMember)
	bea, _, err := h.store.UserByEmail(t.Context(), "bo-"+strings.ToLower(string(bo.user))+"@example.org")
	h.ok(err)
	if to := h.connectIdentity(h.signIn(bea.Email), "person-1"); to != "/settings/security?problem=someone_else" {
		t.Error(to)
	}

	list := decodeJSON[struct {
		Items []struct {
			ID, Email string
			Current   bool
		}
		Password bool
	}](ana.get("/api/v1/identities").is(http.StatusOK, ""))
	if len(list.Items) != 1 || !list.Items[0].Current || !list.Password || list.Items[0].Email != "other@example.org" {
		t.Fatalf("%+v", list)
	}

	ana.do("DELETE", "/api/v1/identities/"+list.Items[0].ID, nil).is(http.StatusNoContent, "")

	if _, to := h.completeLogin(""); to != "/login?problem=unknown" {
		t.Error(to)
	}

	for _, action := range []string{"identity.linked", "identity.unlinked"} {
		if got := h.ana.listAudit("action=" + action); len(got) != 1 || got[0].Detail["issuer"] != h.provider.URL {
			t.Errorf("%s: %+v", action, got)
		}
	}
}

// TestOIDCConnectNeedsTheSameSession: nothing is connected when the user has
// signed out, or signed in as another user, in the meantime.
func TestOIDCConnectNeedsTheSameSession(t *testing.T) {
	h := newOIDCServer(t, auth.OIDCRules{})
	ana := h.signIn("ana@example.org")
	begin := func() (string, url.Values) {
		a := ana.do("POST", "/api/v1/identities", nil).is(http.StatusOK, "")
		cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
		return cookie, h.provider.Visit(decodeJSON[struct{ URL string }](a).URL)
	}
	cookie, query := begin()
	if _, to := h.followCallback(h.anonymousClient().withHeaders("Cookie: "+cookie), query); to != "/login?next=%2Fsettings%2Fsecurity&problem=signed_out" {
		t.Error(to)
	}

	bo := h.addPerson("bo", tidings.RoleMember)
	other, err := h.store.User(t.Context(), bo.user)
	h.ok(err)
	cookie, query = begin()
	if _, to := h.followCallback(h.signIn(other.Email).withHeaders("Cookie: "+cookie), query); to != "/settings/security?problem=signed_out" {
		t.Error(to)
	}

	for _, user := range []tidings.ID{h.ana.user, bo.user} {
		if all, err := h.store.Identities(t.Context(), user); err != nil || len(all) > 0 {
			t.Errorf("%+v %v", all, err)
		}
	}

	ana.do("POST", "/api/v1/identities", nil, "Sec-Fetch-Site: cross-site").is(http.StatusForbidden, "forbidden")
}

// TestOIDCStates: a state is valid once, for ten minutes, in one browser.
func TestOIDCStates(t *testing.T) {
	h := newOIDCServer(t, auth.OIDCRules{SignUp: tidings.RoleMember})
	const expired = "/login?problem=expired"
	c, at := h.startLogin(h.anonymousClient(), "")
	query := h.provider.Visit(at)
	without := url.Values{"code": query["code"]}
	if _, to := h.followCallback(c, without); to != expired {
		t.Errorf("no state: %s", to)
	}

	if _, to := h.followCallback(c, url.Values{"code": query["code"], "state": {"foreign"}}); to != expired {
		t.Errorf("a foreign state: %s", to)
	}

	if _, to := h.followCallback(c, query); to != "/" {
		t.Errorf("the right one: %s", to)
	}

	if _, to := h.followCallback(c, query); to != expired {
		t.Errorf("a replay: %s", to)
	}

	// A browser that is given another user's callback.
	_, at = h.startLogin(h.anonymousClient(), "")
	query = h.provider.Visit(at)
	victim, _ := h.startLogin(h.anonymousClient(), "")
	for _, who := range []*client{h.anonymousClient(), victim} {
		in, to := h.followCallback(who, query)
		if to != expired {
			t.Errorf("another browser: %s", to)
		}
		in.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated")
	}

	c, at = h.startLogin(h.anonymousClient(), "")
	query = h.provider.Visit(at)
	h.clock.Advance(11 * time.Minute)
	if _, to := h.followCallback(c, query); to != expired {
		t.Errorf("late: %s", to)
	}

	// Two tabs of one browser.
	c, one := h.startLogin(h.anonymousClient(), "/record")
	c, two := h.startLogin(c, "/library")
	for at, next := range map[string]string{one: "/record", two: "/library"} {
		if _, to := h.followCallback(c, h.provider.Visit(at)); to != next {
			t.Errorf("%s instead of %s", to, next)
		}
	}

	c, at = h.startLogin(h.anonymousClient(), "/library")
	u, err := url.Parse(at)
	h.ok(err)
	if _, to := h.followCallback(c, url.Values{"error": {"access_denied"}, "state": {u.Query().Get("state")}}); to != "/login?next=%2Flibrary&problem=denied" {
		t.Error(to)
	}
}

// TestOIDCRedirectsToOwnPages and to no other address.
func TestOIDCRedirectsToOwnPages(t *testing.T) {
	h := newOIDCServer(t, auth.OIDCRules{SignUp: tidings.RoleMember})
	for _, next := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "/\t/evil.example", "javascript:alert(1)", "evil", "\\\\evil.example"} {
		if _, to := h.completeLogin(next); to != "/" {
			t.Errorf("%q leads to %s", next, to)
		}
	}
	if _, to := h.completeLogin("/c/01J0000000000000000000000A?t=9.5"); to != "/c/01J0000000000000000000000A?t=9.5" {
		t.Error(to)
	}
}

// TestOIDCUnknownAccounts: which accounts may join, with which role, and which
// may not.
func TestOIDCUnknownAccounts(t *testing.T) {
	unverified := func(c oidctest.Claims) { c["email_verified"] = false }
	hers := func(c oidctest.Claims) { c["email"] = "ANA@example.org" }
	for name, c := range map[string]struct {
		rules auth.OIDCRules
		bend  func(oidctest.Claims)
		want  string // the problem, "" for a new user, or "ana" for her account
	}{
		"off":                           {want: "unknown"},
		"members join":                  {rules: auth.OIDCRules{SignUp: tidings.RoleMember}},
		"guests join":                   {rules: auth.OIDCRules{SignUp: tidings.RoleGuest}},
		"an address not confirmed":      {rules: auth.OIDCRules{SignUp: tidings.RoleMember}, bend: unverified, want: "unverified"},
		"no address":                    {rules: auth.OIDCRules{SignUp: tidings.RoleMember}, bend: func(c oidctest.Claims) { c["email"] = "not an address" }, want: "unverified"},
		"a taken address":               {rules: auth.OIDCRules{SignUp: tidings.RoleMember}, bend: hers, want: "taken"},
		"a taken address, linked":       {rules: auth.OIDCRules{LinkVerified: true}, bend: hers, want: "ana"},
		"a taken one, not confirmed":    {rules: auth.OIDCRules{LinkVerified: true}, bend: func(c oidctest.Claims) { hers(c); unverified(c) }, want: "unverified"},
		"linked only, and unknown":      {rules: auth.OIDCRules{LinkVerified: true}, want: "unknown"},
		"the domain":                    {rules: auth.OIDCRules{SignUp: tidings.RoleMember, Domains: []string{"example.org"}}},
		"another domain":                {rules: auth.OIDCRules{SignUp: tidings.RoleMember, Domains: []string{"harbour.example"}}, want: "domain"},
		"a domain that only ends so":    {rules: auth.OIDCRules{SignUp: tidings.RoleMember, Domains: []string{"ample.org"}}, want: "domain"},
		"the domain, but not confirmed": {rules: auth.OIDCRules{SignUp: tidings.RoleMember, Domains: []string{"example.org"}}, bend: unverified, want: "unverified"},
		"a workspace that is gone":      {rules: auth.OIDCRules{SignUp: tidings.RoleMember, Workspace: "01J0000000000000000000000A"}, want: "500"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newOIDCServer(t, c.rules)
			h.provider.Bend(c.bend)
			if c.want == "500" {
				b, at := h.startLogin(h.anonymousClient(), "")
				b.get("/auth/oidc/callback?"+h.provider.Visit(at).Encode()).is(http.StatusInternalServerError, "")
				return
			}

			in, to := h.completeLogin("")
			if c.want != "" && c.want != "ana" {
				if to != "/login?problem="+c.want {
					t.Error(to)
				}
				in.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated")
				return
			}

			me := decodeJSON[struct {
				User       struct{ Email, Name string }
				Workspaces []struct{ Role string }
			}](in.get("/api/v1/me").is(http.StatusOK, ""))
			if c.want == "ana" {
				if me.User.Email != "ana@example.org" {
					t.Errorf("%+v", me)
				}
				return
			}

			if me.User.Email != "noa@example.org" || me.User.Name != "Noa" || me.Workspaces[0].Role != string(c.rules.SignUp) {
				t.Errorf("%+v", me)
			}

			// The missing password is refused.
			h.anonymousClient().do("POST", "/api/v1/session", map[string]any{"email": "noa@example.org", "password": ""}).is(http.StatusUnauthorized, "unauthenticated")
			again, _ := h.completeLogin("")
			id := decodeJSON[struct{ Items []struct{ ID string } }](again.get("/api/v1/identities").is(http.StatusOK, "")).Items[0].ID
			again.do("DELETE", "/api/v1/identities/"+id, nil).is(http.StatusConflict, "conflict") // the only credential
		})
	}
}

// TestOIDCProviderErrors: when the provider is down or sends invalid data, a
// page says so and sign-in by password still works.
func TestOIDCProviderErrors(t *testing.T) {
	h := newOIDCServer(t, auth.OIDCRules{})
	h.provider.Answer(http.StatusBadGateway)
	a := h.anonymousClient().get("/auth/oidc/start?next=/library").is(http.StatusSeeOther, "").has("Location: /login?next=%2Flibrary&problem=down")
	page := string(h.anonymousClient().get(a.Header.Get("Location")).is(http.StatusOK, "").body)
	for _, part := range []string{`"oidc_name":"Harbour ID"`, "Harbour ID cannot be reached just now", `"next":"/library"`} {
		if !strings.Contains(page, part) {
			t.Errorf("no %s in %s", part, page)
		}
	}

	if page := string(h.anonymousClient().get("/login?problem=<script>").is(http.StatusOK, "").body); !strings.Contains(page, `"problem":null`) {
		t.Error("a problem of somebody's own words")
	}

	h.signIn("ana@example.org").get("/api/v1/me").is(http.StatusOK, "")
}

func TestOIDCForgedClaims(t *testing.T) {
	h := newOIDCServer(t, auth.OIDCRules{SignUp: tidings.RoleMember})
	h.provider.SignWith(oidctest.Unsigned)
	in, to := h.completeLogin("")
	if to != "/login?problem=untrusted" {
		t.Error(to)
	}

	in.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated")

	for _, canary := range []string{oidctest.Secret, "access-canary"} {
		if strings.Contains(h.log.String(), canary) {
			t.Errorf("%s stands in the log", canary)
		}
	}
}

// TestForeignStatesRefuseNobody: an address that sends unknown states gets 429
// for further ones, and can sign in by a right one.
func TestForeignStatesRefuseNobody(t *testing.T) {
	h := newOIDCServer(t, auth.OIDCRules{SignUp: tidings.RoleMember})
	c, at := h.startLogin(h.anonymousClient(), "/")
	query := h.provider.Visit(at)
	for refused := false; !refused; {
		refused = h.anonymousClient().requestStatus("GET", "/auth/oidc/callback?code=x&state=foreign", nil) == http.StatusTooManyRequests
	}
	if _, to := h.followCallback(c, query); to != "/" {
		t.Error(to)
	}
}
