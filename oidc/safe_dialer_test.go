package oidc

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestSafeDialer: which addresses the hosts of a provider may have.
func TestSafeDialer(t *testing.T) {
	for _, c := range []struct {
		issuerAt string // address of the issuer itself
		address  string
		issuer   bool
		ok       bool
	}{
		{"", "203.0.113.7:443", true, true},
		{"", "127.0.0.1:443", true, true},
		{"", "169.254.169.254:80", true, false}, // a cloud's metadata
		{"", "[fe80::1]:443", true, false},
		{"", "0.0.0.0:443", true, false},
		{"", "224.0.0.1:443", true, false},
		{"203.0.113.7:443", "198.51.100.1:443", false, true},
		{"203.0.113.7:443", "10.0.0.1:443", false, false},
		{"203.0.113.7:443", "127.0.0.1:6379", false, false},
		{"203.0.113.7:443", "[::1]:6379", false, false},
		{"203.0.113.7:443", "[::ffff:127.0.0.1]:6379", false, false},
		{"203.0.113.7:443", "[fd00::1]:443", false, false},
		{"10.0.0.2:443", "10.0.0.1:443", false, true}, // all of it is private
		{"10.0.0.2:443", "169.254.169.254:80", false, false},
		{"", "not an address", false, false},
	} {
		d := &safeDialer{}
		if c.issuerAt != "" {
			if err := d.checkAddress(c.issuerAt, true); err != nil {
				t.Fatal(err)
			}
		}

		if err := d.checkAddress(c.address, c.issuer); (err == nil) != c.ok {
			t.Errorf("%s of an issuer at %q: %v", c.address, c.issuerAt, err)
		}
	}
}

// TestClientRejectsPrivate: the client does not connect to a private address in
// the name of a public issuer.
func TestClientRejectsPrivate(t *testing.T) {
	asked := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer inside.Close()

	d := &safeDialer{issuer: "id.example"}
	if res, err := d.newHTTPClient().Get(inside.URL); err == nil || asked {
		res.Body.Close()
		t.Error("it was reached")
	} else if !strings.Contains(err.Error(), "private network") {
		t.Error(err)
	}

	d.issuerPrivate.Store(true)
	res, err := d.newHTTPClient().Get(inside.URL)
	if err != nil || !asked {
		t.Fatal(err)
	}

	res.Body.Close()
}
