package api_test

import (
	"net/http"
	"net/netip"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
)

// limitAddresses is limitLogins on a server behind a proxy, so that each client
// can have an address of its own.
func limitAddresses(c *api.Config, d *api.Deps, s *source.Config) {
	limitLogins(c, d, s)
	c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}

// clientAt is an anonymous client with the address.
func (w *testServer) clientAt(ip string) *client {
	return w.anonymousClient().withHeaders("X-Forwarded-For: " + ip)
}

// TestGuessesElsewhereLockNobodyOut: wrong passwords from other addresses, even
// many, slow a sign-in from a new browser down and do not refuse it.
func TestGuessesElsewhereLockNobodyOut(t *testing.T) {
	w := newTestServer(t, limitAddresses)
	for i := range 5 {
		for range 3 {
			w.clientAt("192.0.2."+itoa(i)).logIn(anaEmail, "wrong").is(http.StatusUnauthorized, "unauthenticated")
		}
		w.clientAt("192.0.2."+itoa(i)).logIn(anaEmail, "wrong").is(http.StatusTooManyRequests, "rate_limited")
	}
	w.clientAt("198.51.100.1").logIn(anaEmail, password).is(http.StatusOK, "")
}

// TestNeighboursLockNobodyOut: wrong passwords for other accounts from the same
// address do not refuse a sign-in, and right ones are not counted.
func TestNeighboursLockNobodyOut(t *testing.T) {
	w := newTestServer(t, limitAddresses)
	for i := range 5 {
		for range 3 {
			w.clientAt("192.0.2.1").logIn("none"+itoa(i)+"@example.org", "wrong").is(http.StatusUnauthorized, "unauthenticated")
		}
	}
	for range 10 {
		w.clientAt("192.0.2.1").logIn(anaEmail, password).is(http.StatusOK, "")
	}
}

// TestWrongLinkPasswordsLockNobodyOut: the wrong passwords of one visitor of a
// link do not refuse the right one of another.
func TestWrongLinkPasswordsLockNobodyOut(t *testing.T) {
	w := newTestServer(t, limitAddresses)
	link := w.ana.createLink(w.ana.createClip().ID, "access", "password", "password", "open sesame")
	unlock := func(ip, password string) *response {
		return w.clientAt(ip).do("POST", "/api/v1/links/"+link.Token+"/unlock", map[string]any{"password": password})
	}
	for range 3 {
		unlock("192.0.2.1", "wrong").is(http.StatusForbidden, "forbidden")
	}
	unlock("192.0.2.1", "open sesame").is(http.StatusTooManyRequests, "rate_limited")
	for range 10 {
		unlock("192.0.2.2", "open sesame").is(http.StatusNoContent, "")
	}
}

// TestUnknownInvitesLockNobodyOut: unknown invitations from an address do not
// refuse a good one.
func TestUnknownInvitesLockNobodyOut(t *testing.T) {
	w := newTestServer(t, limitLogins)
	invite := w.ana.createInvite()
	bo := w.addPerson("bo", "")
	for range 3 {
		bo.do("POST", "/api/v1/invites/none/accept", nil).is(http.StatusNotFound, "not_found")
	}
	bo.do("POST", "/api/v1/invites/none/accept", nil).is(http.StatusTooManyRequests, "rate_limited")
	bo.do("POST", "/api/v1/invites/"+invite.Token+"/accept", nil).is(http.StatusOK, "")
}
