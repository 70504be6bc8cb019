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

// three lets three guesses through, and its clock stands still: however long
// they take, there are no more.
func three(c *api.Config, _ *api.Deps, _ *source.Config) {
	now := time.Now()
	c.LoginBurst, c.Clock = 3, func() time.Time { return now }
}

// logIn tries to sign in with a password.
func (c *client) logIn(email, password string) *answer {
	c.w.Helper()
	return c.do("POST", "/api/v1/session", map[string]any{"email": email, "password": password})
}

// deviceOf is the device cookie that an answer sets.
func (a *answer) deviceOf() string {
	a.Helper()
	for _, c := range a.Cookies() {
		if strings.HasSuffix(c.Name, "tidings-device") {
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge < 1 {
				a.Errorf("%+v", c)
			}
			return "Cookie: " + c.Name + "=" + c.Value
		}
	}

	a.Fatalf("%s: no device cookie in %v", a.what, a.Header["Set-Cookie"])
	return ""
}

const anas = "ana@example.org"

// besieged is a world in which a stranger has used up the tries for Ana's
// account and for the address that everybody in these tests has.
func besieged(t *testing.T) (w *world, device string) {
	t.Helper()
	w = newWorld(t, three)
	device = w.stranger().logIn(anas, password).is(http.StatusOK, "").deviceOf()
	for range 2 {
		w.stranger().logIn(anas, "wrong").is(http.StatusUnauthorized, "unauthenticated")
	}
	w.stranger().logIn(anas, password).is(http.StatusTooManyRequests, "rate_limited")
	return w, device
}

// TestStrangersShutNobodyOut: whoever has signed in before does so while
// somebody else guesses, and a passkey needs no password.
func TestStrangersShutNobodyOut(t *testing.T) {
	w, device := besieged(t)
	a := w.stranger().with(device).logIn(anas, password).is(http.StatusOK, "")
	if next := a.deviceOf(); next == device || strings.Count(next, ".") != 1 {
		t.Errorf("%s, then %s", device, next)
	}

	w.stranger().logIn(anas, password).is(http.StatusTooManyRequests, "rate_limited")

	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	ana, key := w.stranger().with("Cookie: "+cookie, localhost), newAuthenticator(w)
	ana.register(key).is(http.StatusCreated, "")
	b, o := w.browser()
	b.answers(key.get(o)).is(http.StatusOK, "").deviceOf()
}

// TestGuessingOnADeviceIsSlow: a device has its own tries, no more of them
// than others, and only for its own account.
func TestGuessingOnADeviceIsSlow(t *testing.T) {
	w, device := besieged(t)
	other := w.stranger().with(device).logIn(anas, password).is(http.StatusOK, "").deviceOf()

	for range 2 {
		w.stranger().with(device).logIn(anas, "wrong").is(http.StatusUnauthorized, "unauthenticated")
	}

	w.stranger().with(device).logIn(anas, password).is(http.StatusTooManyRequests, "rate_limited").has("Retry-After: 6")
	w.stranger().with(other).logIn(anas, password).is(http.StatusOK, "") // her other device

	bo, err := w.store.User(t.Context(), w.person("bo", tidings.RoleMember).user)
	w.ok(err)
	w.stranger().with(other).logIn(bo.Email, password).is(http.StatusTooManyRequests, "rate_limited")
	name, value, _ := strings.Cut(other, "=")
	for what, forged := range map[string]string{"another name": "!" + value[1:], "another seal": value[:len(value)-1] + "x", "no seal": strings.Split(value, ".")[0] + ".",
		"nothing": "", "much": strings.Repeat("x.y_", 500), "odd": "...___"} {
		if a := w.stranger().with(name+"="+forged).logIn(anas, password); a.StatusCode != http.StatusTooManyRequests {
			t.Errorf("%s: %d", what, a.StatusCode)
		}
	}
}

// TestANewPasswordForgetsDevices: but not the browser it is set in.
func TestANewPasswordForgetsDevices(t *testing.T) {
	w, device := besieged(t)
	a := w.stranger().with(device).logIn(anas, password).is(http.StatusOK, "")
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	const next = "staple battery"
	renewed := w.stranger().with("Cookie: "+cookie).do("PUT", "/api/v1/password", map[string]any{"current_password": password, "new_password": next}).is(http.StatusNoContent, "").deviceOf()
	w.stranger().with(device).logIn(anas, next).is(http.StatusTooManyRequests, "rate_limited")
	w.stranger().with(renewed).logIn(anas, next).is(http.StatusOK, "")
}

// TestOneBrowserOfSeveralPeople keeps a device for each of them.
func TestOneBrowserOfSeveralPeople(t *testing.T) {
	w := newWorld(t, func(c *api.Config, d *api.Deps, s *source.Config) {
		three(c, d, s)
		c.TrustedProxies, c.PublicURL = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "https://tidings.example"
	})

	device, people := "X-None: none", []string{}
	for i := range 6 {
		u, err := w.store.User(t.Context(), w.person("p", tidings.RoleMember).user)
		w.ok(err)
		people = append(people, u.Email)
		// Each from another address, passed on by a proxy.
		device = w.stranger().with(device, "X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2."+itoa(i)).logIn(u.Email, password).is(http.StatusOK, "").deviceOf()
	}

	if !strings.HasPrefix(device, "Cookie: __Host-tidings-device=") || strings.Count(device, ".") != 4 {
		t.Error(device)
	}

	at := []string{"X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.99"}
	for i, email := range people {
		for range 3 {
			w.stranger().with(at...).logIn(email, "wrong")
		}

		want := http.StatusOK
		if i < 2 {
			want = http.StatusTooManyRequests // the oldest are forgotten
		}

		w.stranger().with(append(at, device)...).logIn(email, password).is(want, "")
	}
}
