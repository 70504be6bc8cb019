package api_test

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// withMail is a server that sends mail and knows its public URL.
func withMail(c *api.Config, _ *api.Deps, _ *source.Config) {
	c.CanMail, c.PublicURL, c.LoginBurst = true, "https://tidings.example", 1000
}

// accountMails are the mails about accounts that are due.
func (w *testServer) accountMails() (out []tidings.Delivery) {
	w.Helper()
	due, err := w.store.DueDeliveries(w.Context(), tidings.DeliverMail, 50)
	w.ok(err)
	for _, d := range due {
		if d.Account != nil {
			out = append(out, d)
		}
	}
	return out
}

// mailedToken is the token of the next mail with a link.
func (w *testServer) mailedToken() string {
	w.Helper()
	for _, d := range w.accountMails() {
		if d.Account.Kind == tidings.MailReset {
			token := rand.Text()
			w.ok(w.store.AddResetToken(w.Context(), d.Account.ResetID, auth.HashSecret(token)))
			w.ok(w.store.DeliverySent(w.Context(), d))
			return token
		}
	}
	w.Fatal("no mail with a link is due")
	return ""
}

func (c *client) forgot(email string, header ...string) *response {
	return c.do("POST", "/api/v1/password/forgot", map[string]any{"email": email}, header...)
}

func (c *client) reset(token, password string) *response {
	return c.do("POST", "/api/v1/password/reset", map[string]any{"token": token, "new_password": password})
}

// bootState is the state of the link on the page.
func (c *client) bootState(path string, status int) (state, email string) {
	c.w.Helper()
	a := c.get(path, "Accept: text/html").is(status, "")
	_, text, _ := strings.Cut(string(a.body), `id="boot">`)
	text, _, _ = strings.Cut(text, "</script>")
	var b struct {
		Reset struct {
			State string
			Email *string
		}
	}
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		c.w.Fatal(err)
	}
	if b.Reset.Email != nil {
		email = *b.Reset.Email
	}
	return b.Reset.State, email
}

// TestForgotPassword: from the request to the new password, which ends sessions
// and tokens.
func TestForgotPassword(t *testing.T) {
	w := newTestServer(t, withMail)
	session, script, visitor := w.signIn("ana@example.org"), w.newTokenClient(w.ana.user, tidings.ScopeAdmin), w.anonymousClient()
	visitor.forgot(" ANA@example.org ").is(http.StatusAccepted, "")
	if d := w.accountMails(); len(d) != 1 || d[0].Account.Email != "ana@example.org" || d[0].BaseURL != "https://tidings.example" {
		t.Fatalf("%+v", d)
	}

	token := w.mailedToken()
	for range 2 { // looking at the page uses nothing up
		if state, email := visitor.bootState("/reset/"+token, http.StatusOK); state != "open" || email != "ana@example.org" {
			t.Errorf("%s %s", state, email)
		}
	}
	visitor.get("/reset/" + token).has("Referrer-Policy: no-referrer")

	visitor.reset(token, "short").is(http.StatusBadRequest, "invalid")
	const fresh = "a lantern on the pier"
	visitor.reset(token, fresh).is(http.StatusNoContent, "")
	visitor.reset(token, fresh).is(http.StatusGone, "gone")
	if state, email := visitor.bootState("/reset/"+token, http.StatusGone); state != "used" || email != "" {
		t.Errorf("%s %s", state, email)
	}

	session.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated")
	script.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated")
	visitor.do("POST", "/api/v1/session", map[string]any{"email": "ana@example.org", "password": password}).is(http.StatusUnauthorized, "unauthenticated")
	visitor.do("POST", "/api/v1/session", map[string]any{"email": "ana@example.org", "password": fresh}).is(http.StatusOK, "")
	if d := w.accountMails(); len(d) != 1 || d[0].Account.Kind != tidings.MailPasswordReset {
		t.Errorf("the person is told: %+v", d)
	}
	if strings.Contains(w.log.String(), token) {
		t.Error("the token is in the log")
	}

	visitor.forgot("ana@example.org").is(http.StatusAccepted, "")
	late := w.mailedToken()
	w.clock.Advance(tidings.ResetMailLife)
	if state, _ := visitor.bootState("/reset/"+late, http.StatusGone); state != "over" {
		t.Error(state)
	}
	visitor.reset(late, fresh).is(http.StatusGone, "gone")
	if state, _ := visitor.bootState("/reset/none", http.StatusNotFound); state != "unknown" {
		t.Error(state)
	}
}

// TestForgotSaysNothing: the answer is the same for every address, and so is
// what the server does before it; a forged host reaches no mail.
func TestForgotSaysNothing(t *testing.T) {
	w := newTestServer(t, withMail)
	visitor := w.anonymousClient()
	known, none := visitor.forgot("ana@example.org"), visitor.forgot("none@example.org")
	known.is(http.StatusAccepted, "")
	none.is(http.StatusAccepted, "")
	if string(known.body) != string(none.body) || len(known.Header) != len(none.Header) {
		t.Errorf("%v %q, %v %q", known.Header, known.body, none.Header, none.body)
	}

	for range 5 {
		visitor.forgot("ana@example.org", "Host: evil.local", "X-Forwarded-Host: evil.local").is(http.StatusAccepted, "")
	}
	due := w.accountMails()
	if len(due) != tidings.MaxResetMails {
		t.Errorf("%d mails", len(due))
	}
	for _, d := range due {
		if d.BaseURL != "https://tidings.example" {
			t.Errorf("a link to %s", d.BaseURL)
		}
	}

	for _, email := range []string{"", "ana", "ana@example.org\r\nBcc: eve@example.org", "Ana <ana@example.org>", "ana@example.org, eve@example.org", strings.Repeat("a", 250) + "@example.org"} {
		visitor.forgot(email).is(http.StatusBadRequest, "invalid")
	}
	for _, token := range []string{"", "x", "../..", "%00", strings.Repeat("x", 100), "' OR 1=1 --"} {
		visitor.reset(token, password).is(http.StatusNotFound, "not_found")
	}
	visitor.reset(strings.Repeat("x", 101), password).is(http.StatusBadRequest, "invalid")
}

// TestForgotWithoutMail: a server that sends no mail, or does not know its own
// URL (that of a stranger's request may be forged), says who can help.
func TestForgotWithoutMail(t *testing.T) {
	for _, change := range []func(c *api.Config){func(*api.Config) {}, func(c *api.Config) { c.CanMail = true }} {
		w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { change(c) })
		p := w.anonymousClient().forgot("ana@example.org").is(http.StatusConflict, "conflict").decodeProblem()
		if !strings.Contains(p.Detail, "owner") || len(w.accountMails()) > 0 {
			t.Errorf("%q", p.Detail)
		}
	}
}

// TestForgotRateLimit: requests are limited by address; wrong tokens do not
// refuse a right one.
func TestForgotRateLimit(t *testing.T) {
	w := newTestServer(t, withMail, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.LoginBurst = 3 })
	visitor := w.anonymousClient()
	_, err := w.store.CreateOperatorResetLink(t.Context(), w.ana.user, auth.HashSecret("right"), false)
	w.ok(err)
	for range 3 {
		visitor.forgot("none@example.org").is(http.StatusAccepted, "")
		visitor.reset("wrong", password).is(http.StatusNotFound, "not_found")
	}

	visitor.forgot("ana@example.org").is(http.StatusTooManyRequests, "rate_limited")
	visitor.reset("wrong", password).is(http.StatusTooManyRequests, "rate_limited")
	visitor.reset("right", password).is(http.StatusNoContent, "")
}

// TestResetLink: an owner makes a link in a browser, for those whom nobody else
// would lose to them.
func TestResetLink(t *testing.T) {
	w := newTestServer(t)
	owner := w.signIn("ana@example.org")
	adm := w.addPerson("adm", tidings.RoleAdmin)
	w.addPerson("bo", tidings.RoleMember)
	all, err := w.store.Members(t.Context(), w.ws)
	w.ok(err)
	bo := string(all[slices.IndexFunc(all, func(m tidings.Member) bool { return m.Name == "bo" })].ID)
	path := func(user string) string {
		return "/api/v1/workspaces/" + string(w.ws) + "/members/" + user + "/password-reset"
	}

	made := decodeJSON[struct {
		URL       string
		ExpiresAt time.Time `json:"expires_at"`
	}](owner.do("POST", path(bo), nil).is(http.StatusCreated, ""))
	_, token, ok := strings.Cut(made.URL, "/reset/")
	if !ok || made.ExpiresAt.Sub(w.clock.Now()).Round(time.Minute) != 24*time.Hour {
		t.Fatalf("%+v", made)
	}

	w.anonymousClient().reset(token, "a lantern on the pier").is(http.StatusNoContent, "")
	adm.do("POST", path(string(w.ana.user)), nil).is(http.StatusForbidden, "forbidden")
	owner.do("POST", path("me"), nil).is(http.StatusForbidden, "forbidden")
	w.newTokenClient(w.ana.user, tidings.ScopeAdmin).do("POST", path(bo), nil).is(http.StatusForbidden, "forbidden")
	owner.do("POST", path("nobody"), nil).is(http.StatusNotFound, "not_found")
	owner.do("POST", path(string(tidings.NewID(time.Now()))), nil).is(http.StatusNotFound, "not_found")
}

// TestPasswordChangeAndTokens: a change keeps API tokens, unless asked to end
// them.
func TestPasswordChangeAndTokens(t *testing.T) {
	w := newTestServer(t)
	script, browser := w.newTokenClient(w.ana.user, tidings.ScopeRead), w.signIn("ana@example.org")
	change := func(body map[string]any) {
		t.Helper()
		browser.do("PUT", "/api/v1/password", body).is(http.StatusNoContent, "")
	}
	change(map[string]any{"current_password": password, "new_password": "another password"})
	script.get("/api/v1/me").is(http.StatusOK, "")
	change(map[string]any{"current_password": "another password", "new_password": password, "revoke_tokens": true})
	script.get("/api/v1/me").is(http.StatusUnauthorized, "unauthenticated")
	browser.get("/api/v1/me").is(http.StatusOK, "")
}
