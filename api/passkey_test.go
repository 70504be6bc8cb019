package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

const localhost = "Host: localhost"

// passkeyBrowser is an anonymous client on http://localhost that has begun a
// passkey sign-in.
func (w *testServer) passkeyBrowser() (*client, credentialOptions) {
	w.Helper()
	a := w.anonymousClient().withHeaders(localhost).do("POST", "/api/v1/session/passkey/options", nil).is(http.StatusOK, "").has("Cache-Control: no-store")
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	return w.anonymousClient().withHeaders(localhost, "Cookie: "+cookie), decodeJSON[credentialOptions](a)
}

func (c *client) answerChallenge(credential any) *response {
	c.w.Helper()
	return c.do("POST", "/api/v1/session/passkey", map[string]any{"credential": credential})
}

// registerPasskey creates a passkey for the client's user.
func (c *client) registerPasskey(a *authenticator) *response {
	c.w.Helper()
	o := decodeJSON[credentialOptions](c.do("POST", "/api/v1/passkeys/options", nil).is(http.StatusOK, ""))
	return c.do("POST", "/api/v1/passkeys", map[string]any{"name": "Laptop", "credential": a.createCredential(o)})
}

type passkeyJSON struct {
	ID, Name        string
	RpID            string `json:"rp_id"`
	Usable, Suspect bool
	UsedAt          *time.Time `json:"used_at"`
}

func (c *client) listPasskeys() []passkeyJSON {
	c.w.Helper()
	return decodeJSON[struct{ Items []passkeyJSON }](c.get("/api/v1/passkeys").is(http.StatusOK, "")).Items
}

// TestPasskey: created, listed, renamed, used to sign in, deleted.
func TestPasskey(t *testing.T) {
	w := newTestServer(t)
	ana, key := w.signIn("ana@example.org").withHeaders(localhost), newAuthenticator(w)
	ana.registerPasskey(key).is(http.StatusCreated, "")
	all := ana.listPasskeys()
	if len(all) != 1 || all[0].Name != "Laptop" || all[0].RpID != "localhost" || !all[0].Usable || all[0].UsedAt != nil {
		t.Fatalf("%+v", all)
	}

	ana.do("PATCH", "/api/v1/passkeys/"+all[0].ID, map[string]any{"name": " "}).is(400, "invalid")
	ana.do("PATCH", "/api/v1/passkeys/"+all[0].ID, map[string]any{"name": "Desk"}).is(http.StatusNoContent, "")

	b, o := w.passkeyBrowser()
	if o.PublicKey.RpID != "localhost" || o.PublicKey.UserVerification != "required" {
		t.Errorf("%+v", o)
	}

	a := b.answerChallenge(key.createAssertion(o)).is(http.StatusOK, "")
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	in := w.anonymousClient().withHeaders(localhost, "Cookie: "+cookie)
	in.get("/api/v1/me").is(http.StatusOK, "")
	if all = in.listPasskeys(); all[0].Name != "Desk" || all[0].UsedAt == nil {
		t.Errorf("%+v", all)
	}

	if list := in.listSessions(); list[0].Method != "passkey" && list[1].Method != "passkey" {
		t.Errorf("%+v", list)
	}

	ana.do("DELETE", "/api/v1/passkeys/"+all[0].ID, nil).is(http.StatusNoContent, "")
	b, o = w.passkeyBrowser()
	b.answerChallenge(key.createAssertion(o)).is(http.StatusUnauthorized, "unauthenticated")
}

// TestForgedPasskeys: every forged credential is refused and starts no session.
func TestForgedPasskeys(t *testing.T) {
	w := newTestServer(t)
	ana, key := w.signIn("ana@example.org").withHeaders(localhost), newAuthenticator(w)
	ana.registerPasskey(key).is(http.StatusCreated, "")
	bo := w.addPerson("bo", tidings.RoleMember)
	for name, forgery := range map[string]struct {
		modify func(a *authenticator)
		status int
		change func(credential map[string]any)
	}{
		"another origin":      {modify: func(a *authenticator) { a.origin = "http://evil.example" }, status: 401},
		"another port's page": {modify: func(a *authenticator) { a.origin = "http://localhost:9999" }, status: 401},
		"https for http":      {modify: func(a *authenticator) { a.origin = "https://localhost" }, status: 401},
		"another host's key":  {modify: func(a *authenticator) { a.rpID = "evil.example" }, status: 401},
		"somebody else":       {modify: func(a *authenticator) { a.user = []byte(bo.user) }, status: 401},
		"nobody":              {modify: func(a *authenticator) { a.user = nil }, status: 401},
		"not verified":        {modify: func(a *authenticator) { a.userVerified = false }, status: 401},
		"unknown key":         {modify: func(a *authenticator) { a.id = []byte("somebody's key that is not here") }, status: 401},
		"another's signature": {modify: func(a *authenticator) { a.key = newAuthenticator(w).key }, status: 401},
		"a registration": {status: 401, change: func(c map[string]any) {
			c["response"].(map[string]any)["clientDataJSON"] = encodeBase64URL([]byte(`{"type":"webauthn.create","challenge":"` + c["challenge"].(string) + `","origin":"http://localhost"}`))
		}},
		"no credential": {status: 400, change: func(c map[string]any) { clear(c) }},
		"no signature":  {status: 401, change: func(c map[string]any) { c["response"].(map[string]any)["signature"] = "" }},
	} {
		b, o := w.passkeyBrowser()
		forged := *key
		if forgery.modify != nil {
			forgery.modify(&forged)
		}

		credential := forged.createAssertion(o)
		if forgery.change != nil {
			credential["challenge"] = o.PublicKey.Challenge
			forgery.change(credential)
			delete(credential, "challenge")
		}

		a := b.answerChallenge(credential)
		if a.StatusCode != forgery.status || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s %v", name, a.StatusCode, a.body, a.Header)
		}
	}

	key.counter += 100
	b, o := w.passkeyBrowser()
	b.answerChallenge(key.createAssertion(o)).is(http.StatusOK, "")
}

// TestPasskeyChallenges: a challenge is valid once, for five minutes, in one
// browser, for one purpose.
func TestPasskeyChallenges(t *testing.T) {
	w := newTestServer(t)
	ana, key := w.signIn("ana@example.org").withHeaders(localhost), newAuthenticator(w)
	ana.registerPasskey(key).is(http.StatusCreated, "")

	b, o := w.passkeyBrowser()
	credential := key.createAssertion(o)
	b.answerChallenge(credential).is(http.StatusOK, "")
	b.answerChallenge(credential).is(400, "invalid") // replayed
	b, o = w.passkeyBrowser()
	w.clock.Advance(6 * time.Minute)
	b.answerChallenge(key.createAssertion(o)).is(400, "invalid")
	_, o = w.passkeyBrowser()
	b.answerChallenge(key.createAssertion(o)).is(400, "invalid") // issued to another browser
	w.anonymousClient().withHeaders(localhost).answerChallenge(key.createAssertion(o)).is(400, "invalid")
	wrong := *key
	wrong.origin = "http://evil.example"
	b, o = w.passkeyBrowser()
	b.answerChallenge(wrong.createAssertion(o)).is(http.StatusUnauthorized, "unauthenticated")
	b.answerChallenge(key.createAssertion(o)).is(400, "invalid") // a failure uses it up
	b, _ = w.passkeyBrowser()
	o.PublicKey.Challenge = encodeBase64URL(make([]byte, 32))
	b.answerChallenge(key.createAssertion(o)).is(400, "invalid") // invented

	// A registration challenge does not sign in, and vice versa.
	made := decodeJSON[credentialOptions](ana.do("POST", "/api/v1/passkeys/options", nil).is(http.StatusOK, ""))
	b.answerChallenge(key.createAssertion(made)).is(400, "invalid")
	second := newAuthenticator(w)
	_, o = w.passkeyBrowser()
	o.PublicKey.User.ID = made.PublicKey.User.ID
	ana.do("POST", "/api/v1/passkeys", map[string]any{"name": "x", "credential": second.createCredential(o)}).is(400, "invalid")
	other := w.signIn("ana@example.org").withHeaders(localhost)
	made = decodeJSON[credentialOptions](ana.do("POST", "/api/v1/passkeys/options", nil).is(http.StatusOK, ""))
	other.do("POST", "/api/v1/passkeys", map[string]any{"name": "x", "credential": second.createCredential(made)}).is(400, "invalid")
	otherKey := newAuthenticator(w)
	otherKey.origin = "http://evil.example"
	ana.registerPasskey(otherKey).is(400, "invalid")
	ana.registerPasskey(key).is(http.StatusConflict, "conflict") // already registered
}

// TestPasskeyCounterWentBack: a counter that decreased is reported, audited,
// and refused while the user has another way to sign in.
func TestPasskeyCounterWentBack(t *testing.T) {
	w := newTestServer(t)
	ana, key := w.signIn("ana@example.org").withHeaders(localhost), newAuthenticator(w)
	ana.registerPasskey(key).is(http.StatusCreated, "")
	thief := *key

	for range 2 {
		b, o := w.passkeyBrowser()
		b.answerChallenge(key.createAssertion(o)).is(http.StatusOK, "")
	}

	b, o := w.passkeyBrowser()
	b.answerChallenge(thief.createAssertion(o)).is(http.StatusUnauthorized, "unauthenticated")

	if all := ana.listPasskeys(); !all[0].Suspect {
		t.Errorf("%+v", all)
	}

	if got := w.ana.listAudit("action=passkey.suspect"); len(got) != 1 {
		t.Errorf("%+v", got)
	}

	// Synced passkeys have no counter.
	synced := newAuthenticator(w)
	synced.counterStep = 0
	ana.registerPasskey(synced).is(http.StatusCreated, "")
	for range 2 {
		b, o := w.passkeyBrowser()
		b.answerChallenge(synced.createAssertion(o)).is(http.StatusOK, "")
	}
}

// TestLastCredentialIsKept: a user without a password cannot delete the last
// working passkey.
func TestLastCredentialIsKept(t *testing.T) {
	w := newTestServer(t)
	ana, key := w.signIn("ana@example.org").withHeaders(localhost), newAuthenticator(w)
	ana.registerPasskey(key).is(http.StatusCreated, "")
	me, hash, err := w.store.UserByEmail(t.Context(), "ana@example.org")
	w.ok(err)
	w.ok(w.store.ChangePassword(t.Context(), me.ID, hash, "", ana.sessionHash(), false))
	id := ana.listPasskeys()[0].ID
	ana.do("DELETE", "/api/v1/passkeys/"+id, nil).is(http.StatusConflict, "conflict")
	w.addCredential(me.ID, "{identity}") // of a provider that is not configured
	ana.do("DELETE", "/api/v1/passkeys/"+id, nil).is(http.StatusConflict, "conflict")
	if len(ana.listPasskeys()) != 1 {
		t.Error("it is gone all the same")
	}

	ana.registerPasskey(newAuthenticator(w)).is(http.StatusCreated, "")
	ana.do("DELETE", "/api/v1/passkeys/"+id, nil).is(http.StatusNoContent, "")

	// Setting a first password needs no current one, but a session.
	w.ana.do("PUT", "/api/v1/password", map[string]any{"new_password": "better horse"}).is(http.StatusForbidden, "forbidden")
	ana.do("PUT", "/api/v1/password", map[string]any{"new_password": "better horse"}).is(http.StatusNoContent, "")
}

// TestPasskeysNeedHostName: where browsers would refuse passkeys, the server
// says why.
func TestPasskeysNeedHostName(t *testing.T) {
	public := func(c *api.Config, _ *api.Deps, _ *source.Config) { c.PublicURL = "https://tidings.example" }
	for host, public := range map[string][]serverOption{"127.0.0.1": nil, "tidings.example": nil, "localhost": {public}} {
		w := newTestServer(t, public...)
		a := w.anonymousClient().withHeaders("Host: "+host).do("POST", "/api/v1/session/passkey/options", nil).is(http.StatusConflict, "conflict")
		if why := a.decodeProblem().Detail; !strings.Contains(why, "assk") {
			t.Errorf("%s: %s", host, why)
		}
	}
	w := newTestServer(t, public)
	w.anonymousClient().withHeaders("Host: tidings.example").do("POST", "/api/v1/session/passkey/options", nil).is(http.StatusOK, "")
}

// TestChallengeLimit: an address that begins many sign-ins is slowed down, not
// refused.
func TestChallengeLimit(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.LoginBurst, c.SignInDelay = 1, time.Millisecond })
	for range 6 {
		w.passkeyBrowser()
	}
}

// TestWaitingChallengesAreLimited: as few sign-ins of an address wait at once
// that open challenges stay few; further ones are refused.
func TestWaitingChallengesAreLimited(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.LoginBurst, c.SignInDelay = 1, time.Hour })
	for range 3 {
		w.passkeyBrowser()
	}

	ctx, leave := context.WithCancel(t.Context())
	answers := make(chan string, 40)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			r, _ := http.NewRequestWithContext(ctx, http.MethodPost, w.server.URL+"/api/v1/session/passkey/options", nil)
			r.Host = "localhost"
			if res, err := http.DefaultClient.Do(r); err == nil {
				res.Body.Close()
				answers <- fmt.Sprint(res.StatusCode, " ", res.Header.Get("Retry-After"))
			}
		})
	}

	for range 24 {
		if got := <-answers; got != "429 6" {
			t.Error(got)
		}
	}
	leave()
	all.Wait()
	if n := len(answers); n > 0 {
		t.Errorf("%d of those that wait got an answer", n)
	}
}

// TestPasskeysBehindOneAddress: right answers are never counted, and wrong ones
// refuse only the passkey they were for.
func TestPasskeysBehindOneAddress(t *testing.T) {
	w := newTestServer(t, limitLogins)
	key, other := newAuthenticator(w), newAuthenticator(w)
	w.signIn("ana@example.org").withHeaders(localhost).registerPasskey(key).is(http.StatusCreated, "")
	forged := *key
	forged.origin = "http://evil.example"
	for i := range 4 {
		b, o := w.passkeyBrowser()
		key.counter++
		b.answerChallenge(key.createAssertion(o)).is(http.StatusOK, "")
		if i < 3 {
			other.id = []byte("somebody's key that is not here")
			b.answerChallenge(other.createAssertion(o))
		}
	}

	b, o := w.passkeyBrowser()
	for range 3 {
		b.answerChallenge(forged.createAssertion(o))
	}
	b.answerChallenge(forged.createAssertion(o)).is(http.StatusTooManyRequests, "rate_limited")
}
