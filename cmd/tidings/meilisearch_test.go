package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"tidings.example/tidings/search/searchtest/fakemeili"
)

// searched asks the server's search; clips are ids.
func (s *running) searched(words string) (status int, engine string, clips []string) {
	s.t.Helper()
	res, b := s.request(http.MethodGet, "/api/v1/search?workspace="+s.ws+"&q="+words, nil, nil)
	var out struct {
		Engine string
		Items  []struct{ Clip struct{ ID string } }
	}
	if res.StatusCode == http.StatusOK {
		if err := json.Unmarshal(b, &out); err != nil {
			s.t.Fatalf("search: %v in %s", err, b)
		}
	}

	for _, i := range out.Items {
		clips = append(clips, i.Clip.ID)
	}

	return res.StatusCode, out.Engine, clips
}

// pushed uploads a file under a title and answers its clip.
func (s *running) pushed(file, title string) string {
	s.t.Helper()
	out, err := invokeEnv(s.t, []string{"TIDINGS_URL=" + s.base, "TIDINGS_TOKEN=" + s.token}, "push", file, "--title", title)
	if err != nil {
		s.t.Fatalf("push: %v\n%s\n%s", err, out, s.log)
	}
	return strings.TrimSpace(out[strings.LastIndex(out, "/c/")+3:])
}

// TestServerWithMeilisearch: search works with Meilisearch; while that is down
// everything else goes on and people are told; when it is back, what was
// recorded meanwhile is found.
func TestServerWithMeilisearch(t *testing.T) {
	meili := fakemeili.New(t)
	flags := []string{"--search", "meilisearch", "--meili-url", meili.URL, "--meili-key", fakemeili.MasterKey}
	meili.Down() // the server starts all the same
	s := startServer(t, t.TempDir(), flags...).signIn()
	doctor := func() (string, error) {
		return invoke(t, append([]string{"doctor", "--data", s.data, "--speech", speechDir()}, flags...)...)
	}

	if res, b := s.request(http.MethodGet, "/readyz", nil, nil); res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(b), `"search":"failing"`) {
		t.Errorf("readyz: %s %s", res.Status, b)
	}

	if out, err := doctor(); err == nil || !strings.Contains(out, "does not answer") {
		t.Errorf("doctor: %v\n%s", err, out)
	}

	first := s.pushed("../../media/testdata/voice.webm", "Quarterly figures")
	s.await(first, "playable", func(c clipView) bool { return c.State == "ready" && c.Steps["transcode"].State == "done" })
	s.call(http.MethodPost, "/api/v1/clips/"+first+"/comments", map[string]any{"body": "what about the throughput"}, nil)
	if status, _, _ := s.searched("quarterly"); status != http.StatusServiceUnavailable {
		t.Errorf("search without Meilisearch: %d", status)
	}

	if c := s.clip(first); c.Steps["index"].State == "done" {
		t.Error("a clip is called indexed that is not")
	}

	meili.Up()
	s.awaitWhole(first)
	if status, engine, clips := s.searched("quarterly%20throughput"); status != http.StatusOK || engine != "meilisearch" || len(clips) != 1 || clips[0] != first {
		t.Errorf("search: %d %s %v\n%s", status, engine, clips, s.log)
	}

	if res, b := s.request(http.MethodGet, "/readyz", nil, nil); res.StatusCode != http.StatusOK {
		t.Errorf("readyz: %s %s", res.Status, b)
	}

	if out, err := doctor(); err != nil || !strings.Contains(out, "Meilisearch 1.50.0") {
		t.Errorf("doctor: %v\n%s", err, out)
	}

	for _, name := range []string{"audit", "reindex", "audit"} {
		if out, err := invoke(t, append([]string{name, "--data", s.data}, flags...)...); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}

	meili.Restore(fakemeili.Backup{})              // somebody has emptied it
	s.request(http.MethodGet, "/readyz", nil, nil) // whoever looks notices
	meili.AwaitDocument(t, "clips", first+"_0")
	if _, _, clips := s.searched("quarterly"); len(clips) != 1 || clips[0] != first {
		t.Errorf("search after the loss: %v\n%s", clips, s.log)
	}

	if strings.Contains(s.log.String(), fakemeili.MasterKey) {
		t.Error("the master key is in the log")
	}
}
