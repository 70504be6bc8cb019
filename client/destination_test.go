package client

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/media"
	"tidings.example/tidings/tidings"
)

// TestPushChannel: a channel is meant by its name in whichever workspace it
// is, over all pages of them, or by its id.
func TestPushChannel(t *testing.T) {
	const id = "01K00000000000000000000001"
	answers := map[string]string{
		"/api/v1/me":                                        `{"workspaces":[{"id":"W1"},{"id":"W2"}]}`,
		"/api/v1/channels/" + id:                            `{"id":"` + id + `","workspace_id":"W2","name":"Ops"}`,
		"/api/v1/workspaces/W1/channels?limit=100":          `{"items":[{"id":"C1","workspace_id":"W1","name":"design"}],"next_cursor":"x"}`,
		"/api/v1/workspaces/W1/channels?cursor=x&limit=100": `{"items":[{"id":"C2","workspace_id":"W1","name":"Deck"}],"next_cursor":null}`,
		"/api/v1/workspaces/W2/channels?limit=100":          `{"items":[{"id":"` + id + `","workspace_id":"W2","name":"Ops"},{"id":"C3","workspace_id":"W2","name":"Design"}],"next_cursor":null}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, known := answers[r.URL.RequestURI()]
		if !known {
			w.WriteHeader(http.StatusNotFound)
			body = `{"code":"not_found","detail":"Nothing is here."}`
		}
		io.WriteString(w, body)
	}))
	defer server.Close()

	c := New(Config{URL: server.URL, Token: "tdg_x", HTTP: server.Client(), Sniff: media.Sniff})
	for which, want := range map[string]destination{
		"": {WorkspaceID: "W1"}, "#ops": {"W2", id, "Ops"}, id: {"W2", id, "Ops"}, "deck": {"W1", "C2", "Deck"}, "#DÉCK": {"W1", "C2", "Deck"},
	} {
		if got, err := c.resolveDestination(t.Context(), which); err != nil || got != want {
			t.Errorf("%q: %+v %v, want %+v", which, got, err, want)
		}
	}

	for which, say := range map[string]string{"design": "C1 or C3", "nothing": `no channel "nothing"`, "01K00000000000000000000009": "no channel"} {
		if _, err := c.resolveDestination(t.Context(), which); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%q: %v", which, err)
		}
	}
}

// TestPushNoRecording: of a file that is no recording nothing is made.
func TestPushNoRecording(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) }))
	defer server.Close()

	cl := New(Config{URL: server.URL, Token: "tdg_x", HTTP: server.Client(), Sniff: media.Sniff})
	for _, text := range []string{"", "minutes of the meeting"} {
		name := filepath.Join(t.TempDir(), "talk.mp4")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := cl.pushFile(t.Context(), PushConfig{Out: io.Discard, Log: io.Discard}, destination{WorkspaceID: "W1"}, name); tidings.KindOf(err) != tidings.KindUnsupported {
			t.Errorf("%q: %v", text, err)
		}
	}
}
