package client

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestSearch: the first workspace is searched, and a moment has text and time
// for a terminal.
func TestSearch(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.RequestURI() {
		case "/api/v1/me":
			io.WriteString(w, `{"workspaces":[{"id":"W1"},{"id":"W2"}]}`)
		case "/api/v1/search?q=a+%26+b&workspace=W1":
			io.WriteString(w, `{"items":[{"clip":{"title":"Talk"},"moments":[{"start_ms":3725000,"snippet_html":"say <mark>a</mark> &amp; &lt;b&gt;","url":"/c/1?t=3725"},{"start_ms":65999}]}]}`)
		default:
			t.Errorf("asked for %s", r.URL)
		}
	}))
	defer server.Close()

	hits, err := New(Config{URL: server.URL + "/", Token: "tdg_x"}).Search(t.Context(), "a & b")
	if err != nil || len(hits) != 1 || hits[0].Clip.Title != "Talk" || len(hits[0].Moments) != 2 {
		t.Fatalf("%+v %v", hits, err)
	}

	m := hits[0].Moments
	if m[0].Text() != "say *a* & <b>" || m[0].Time() != "1:02:05" || m[1].Time() != "1:05" {
		t.Errorf("%q %s %s", m[0].Text(), m[0].Time(), m[1].Time())
	}
}
