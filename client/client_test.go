package client

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestServerURL: a server is named by its URL, or by host and port as listen
// addresses are written.
func TestServerURL(t *testing.T) {
	for given, want := range map[string]string{
		"":                         DefaultURL,
		"https://tidings.example/": "https://tidings.example",
		"https://tidings.example/library?sort=new#top": "https://tidings.example",
		"HTTP://10.0.0.7:8080/api/v1/":                 "http://10.0.0.7:8080",
		"//127.0.0.1:8080":                             "http://127.0.0.1:8080",
		"localhost:8080/library":                       "http://localhost:8080",
		"http://10.0.0.7:8080":                         "http://10.0.0.7:8080",
		"localhost:8080":                               "http://localhost:8080",
		" 127.0.0.1:8080/ ":                            "http://127.0.0.1:8080",
		"[::1]:8080":                                   "http://[::1]:8080",
		"192.168.1.5:8080":                             "http://192.168.1.5:8080",
		"nas:8080":                                     "http://nas:8080",
		"nas.local:8080":                               "http://nas.local:8080",
		"nas:443":                                      "https://nas:443",
		"tidings.example":                              "https://tidings.example",
		"tidings.example:8443":                         "https://tidings.example:8443",
		"192.0.2.7:8443":                               "https://192.0.2.7:8443",
	} {
		if got := New(Config{URL: given}).URL(); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"workspaces":[{"id":"W1"}]}`)
	}))
	defer server.Close()

	if ws, err := New(Config{URL: server.Listener.Addr().String(), Token: "tdg_x"}).firstWorkspace(t.Context()); ws != "W1" || err != nil {
		t.Errorf("%q %v", ws, err)
	}
}
