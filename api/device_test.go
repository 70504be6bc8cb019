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

// limitLogins allows three password attempts. The server's clock does not
// advance, so that no further attempt is granted however long the test takes.
func limitLogins(c *api.Config, _ *api.Deps, _ *source.Config) {
	now := time.Now()
	c.LoginBurst, c.SignInDelay, c.Clock = 3, time.Millisecond, func() time.Time { return now }
}

// logIn posts an email address and a password.
func (c *client) logIn(email, password string) *response {
	c.w.Helper()
	return c.do("POST", "/api/v1/session", map[string]any{"email": email, "password": password})
}

// deviceCookie is the device cookie that the response sets.
func (a *response) deviceCookie() string {
	a.Helper()
	for _, c := range a.Cookies() {
		if strings.HasSuffix(c.Name, "tidings-device") {
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge < 1 {
				a.Errorf("%+v", c)
			}
			return "Cookie: " + c.Name + "=" + c.Value
		}
	}

	a.Fatalf("%s: no device cookie in %v", a.label, a.Header["Set-Cookie"])
	return ""
}

const anaEmail = "ana@example.org"

// newRateLimitedServer is a server on which other clients have used up the
// password attempts for Ana's account and for the address that all clients of
// these tests share. device is the cookie of Ana's known device.
func newRateLimitedServer(t *testing.T) (w *testServer, device string) {
	t.Helper()
	w = newTestServer(t, limitLogins)
	device = w.anonymousClient().logIn(anaEmail, password).is(http.StatusOK, "").deviceCookie()
	for range 3 {
		w.anonymousClient().logIn(anaEmail, "wrong").is(http.StatusUnauthorized, "unauthenticated")
	}
	w.anonymousClient().logIn(anaEmail, password).is(http.StatusTooManyRequests, "rate_limited")
	return w, device
}

// TestGuessingLocksOutNoKnownDevice: a device that signed in before can do so
// while others guess the password, and a passkey needs no password.
func TestGuessingLocksOutNoKnownDevice(t *testing.T) {
	w, device := newRateLimitedServer(t)
	a := w.anonymousClient().withHeaders(device).logIn(anaEmail, password).is(http.StatusOK, "")
	if next := a.deviceCookie(); next == device || strings.Count(next, ".") != 1 {
		t.Errorf("%s, then %s", device, next)
	}

	w.anonymousClient().logIn(anaEmail, password).is(http.StatusTooManyRequests, "rate_limited")

	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	ana, key := w.anonymousClient().withHeaders("Cookie: "+cookie, localhost), newAuthenticator(w)
	ana.registerPasskey(key).is(http.StatusCreated, "")
	b, o := w.passkeyBrowser()
	b.answerChallenge(key.createAssertion(o)).is(http.StatusOK, "").deviceCookie()
}

// TestKnownDeviceRateLimit: a known device has its own limit, equal to that of
// other clients, and only for its own account.
func TestKnownDeviceRateLimit(t *testing.T) {
	w, device := newRateLimitedServer(t)
	other := w.anonymousClient().withHeaders(device).logIn(anaEmail, password).is(http.StatusOK, "").deviceCookie()

	for range 3 {
		w.anonymousClient().withHeaders(device).logIn(anaEmail, "wrong").is(http.StatusUnauthorized, "unauthenticated")
	}

	w.anonymousClient().withHeaders(device).logIn(anaEmail, password).is(http.StatusTooManyRequests, "rate_limited").has("Retry-After: 6")
	w.anonymousClient().withHeaders(other).logIn(anaEmail, password).is(http.StatusOK, "") // her other known device

	bo, err := w.store.User(t.Context(), w.addPerson("bo", tidings.RoleMember).user)
	w.ok(err)
	for range 3 {
		w.anonymousClient().withHeaders(other).logIn(bo.Email, "wrong").is(http.StatusUnauthorized, "unauthenticated")
	}
	w.anonymousClient().withHeaders(other).logIn(bo.Email, password).is(http.StatusTooManyRequests, "rate_limited")
	name, value, _ := strings.Cut(other, "=")
	for what, forged := range map[string]string{"another name": "!" + value[1:], "another seal": value[:len(value)-1] + "x", "no seal": strings.Split(value, ".")[0] + ".",
		"nothing": "", "much": strings.Repeat("x.y_", 500), "odd": "...___"} {
		if a := w.anonymousClient().withHeaders(name+"="+forged).logIn(anaEmail, password); a.StatusCode != http.StatusTooManyRequests {
			t.Errorf("%s: %d", what, a.StatusCode)
		}
	}
}

// TestPasswordChangeForgetsDevices: all devices except the browser that changed
// the password.
func TestPasswordChangeForgetsDevices(t *testing.T) {
	w, device := newRateLimitedServer(t)
	a := w.anonymousClient().withHeaders(device).logIn(anaEmail, password).is(http.StatusOK, "")
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	const next = "staple battery"
	renewed := w.anonymousClient().withHeaders("Cookie: "+cookie).do("PUT", "/api/v1/password", map[string]any{"current_password": password, "new_password": next}).is(http.StatusNoContent, "").deviceCookie()
	w.anonymousClient().withHeaders(device).logIn(anaEmail, next).is(http.StatusTooManyRequests, "rate_limited")
	w.anonymousClient().withHeaders(renewed).logIn(anaEmail, next).is(http.StatusOK, "")
}

// TestDeviceCookieOfSeveralAccounts: the cookie of a browser knows the last
// four accounts that signed in.
func TestDeviceCookieOfSeveralAccounts(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, d *api.Deps, s *source.Config) {
		limitLogins(c, d, s)
		c.TrustedProxies, c.PublicURL = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "https://tidings.example"
	})

	device, people := "X-None: none", []string{}
	for i := range 6 {
		u, err := w.store.User(t.Context(), w.addPerson("p", tidings.RoleMember).user)
		w.ok(err)
		people = append(people, u.Email)
		// Each from another address, forwarded by a proxy.
		device = w.anonymousClient().withHeaders(device, "X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2."+itoa(i)).logIn(u.Email, password).is(http.StatusOK, "").deviceCookie()
	}

	if !strings.HasPrefix(device, "Cookie: __Host-tidings-device=") || strings.Count(device, ".") != 4 {
		t.Error(device)
	}

	at := []string{"X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.99"}
	for i, email := range people {
		for range 3 {
			w.anonymousClient().withHeaders(at...).logIn(email, "wrong")
		}

		want := http.StatusOK
		if i < 2 {
			want = http.StatusTooManyRequests // the oldest are evicted
		}

		w.anonymousClient().withHeaders(append(at, device)...).logIn(email, password).is(want, "")
	}
}
