package client

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPushCaptions: the file beside the pushed one goes to the transcript of
// its clip, in its own format; a refusal says which file it is about.
func TestPushCaptions(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.Path + " " + r.Header.Get("Content-Type") + " " + r.Header.Get("Authorization") + " " + string(body)
		if strings.Contains(string(body), "wrong") {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"code":"invalid","detail":"Line 1: wrong."}`)
		}
	}))
	defer server.Close()

	c := New(Config{URL: server.URL, Token: "tdg_x", HTTP: server.Client()})
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	film := filepath.Join(dir, "talk.final.mp4")
	if name, err := c.pushCaptions(t.Context(), "C1", film); name != "" || err != nil || got != "" {
		t.Errorf("without captions: %q %v %q", name, err, got)
	}

	write("talk.final.srt", "1\n…")
	name, err := c.pushCaptions(t.Context(), "C1", film)
	if err != nil || filepath.Base(name) != "talk.final.srt" || got != "PUT /api/v1/clips/C1/transcript application/x-subrip Bearer tdg_x 1\n…" {
		t.Errorf("%q %v %q", name, err, got)
	}

	write("talk.final.vtt", "wrong")

	if name, err = c.pushCaptions(t.Context(), "C1", film); err == nil || !strings.Contains(err.Error(), "Line 1") || filepath.Base(name) != "talk.final.vtt" || !strings.Contains(got, "text/vtt") {
		t.Errorf("%q %v %q", name, err, got)
	}
}
