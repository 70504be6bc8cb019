package client

import (
	"strings"
	"testing"
)

// TestCheckURL: audio and token are sent over TLS, unless the server is local or
// the operator allows it.
func TestCheckURL(t *testing.T) {
	for _, c := range []struct {
		url   string
		plain bool
		want  string // "" = an error
		says  string
	}{
		{"https://tidings.example/", false, "https://tidings.example", ""},
		{"http://localhost:8080", false, "http://localhost:8080", ""},
		{"http://127.0.0.1:8080", false, "http://127.0.0.1:8080", ""},
		{"http://[::1]:8080", false, "http://[::1]:8080", ""},
		{"http://10.0.0.2", true, "http://10.0.0.2", ""},
		{"http://10.0.0.2", false, "", "https is needed"},
		{"http://localhost.example", false, "", "https is needed"},
		{"ftp://tidings.example", false, "", "is not an address"},
		{"tidings.example", false, "https://tidings.example", ""},
		{"localhost:8080", false, "http://localhost:8080", ""},
		{"10.0.0.2:8080", false, "", "https is needed"},
		{"https://ana:x@tidings.example", false, "", "is not an address"},
		{"https://tidings.example?x=1", false, "", "is not an address"},
	} {
		got, err := CheckURL(c.url, c.plain)
		if got != c.want || (err == nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q %v", c.url, got, err)
		}
	}
}
