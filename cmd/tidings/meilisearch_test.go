package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"tidings.example/tidings/search/searchtest/fakemeili"
)

// searchClips searches by the API and returns the ids of clips.
func (s *testServer) searchClips(words string) (status int, engine string, clips []string) {
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

// pushFile uploads a file under a title and returns the id of its clip.
func (s *testServer) pushFile(file, title string) string {
	s.t.Helper()
	out, err := runCommandEnv(s.t, []string{"TIDINGS_URL=" + s.base, "TIDINGS_TOKEN=" + s.token}, "push", file, "--title", title)
	if err != nil {
		s.t.Fatalf("push: %v\n%s\n%s", err, out, s.log)
	}
	return strings.TrimSpace(out[strings.LastIndex(out, "/c/")+3:])
}

// TestServerWithMeilisearch: search works with Meilisearch; while that is down
// all else works and search reports it; when it is back, what was recorded
// meanwhile is found.
func TestServerWithMeilisearch(t *testing.T) {
	meili := fakemeili.New(t)
	flags := []string{"--search", "meilisearch", "--meili-url", meili.URL, "--meili-key", fakemeili.MasterKey}
	meili.Down() // the server starts all the same
	s := startServer(t, t.TempDir(), flags...).signIn()
	doctor := func() (string, error) {
		return runCommand(t, append([]string{"doctor", "--data", s.data, "--speech", speechDir()}, flags...)...)
	}

	if res, b := s.request(http.MethodGet, "/readyz", nil, nil); res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(b), `"search":"failing"`) {
		t.Errorf("readyz: %s %s", res.Status, b)
	}

	if out, err := doctor(); err == nil || !strings.Contains(out, "does not answer") || !strings.Contains(out, "\n                 fix: Start Meilisearch") {
		t.Errorf("doctor: %v\n%s", err, out)
	}

	first := s.pushFile("../../media/testdata/voice.webm", "Quarterly figures")
	s.awaitClip(first, "playable", func(c clipView) bool { return c.State == "ready" && c.Steps["transcode"].State == "done" })
	s.callAPI(http.MethodPost, "/api/v1/clips/"+first+"/comments", map[string]any{"body": "what about the throughput"}, nil)
	if status, _, _ := s.searchClips("quarterly"); status != http.StatusServiceUnavailable {
		t.Errorf("search without Meilisearch: %d", status)
	}

	if c := s.loadClip(first); c.Steps["index"].State == "done" {
		t.Error("a clip is called indexed that is not")
	}

	meili.Up()
	s.awaitFinished(first)
	if status, engine, clips := s.searchClips("quarterly%20throughput"); status != http.StatusOK || engine != "meilisearch" || len(clips) != 1 || clips[0] != first {
		t.Errorf("search: %d %s %v\n%s", status, engine, clips, s.log)
	}

	if res, b := s.request(http.MethodGet, "/readyz", nil, nil); res.StatusCode != http.StatusOK {
		t.Errorf("readyz: %s %s", res.Status, b)
	}

	if out, err := doctor(); err != nil || !strings.Contains(out, "Meilisearch 1.50.0") {
		t.Errorf("doctor: %v\n%s", err, out)
	}

	for _, name := range []string{"audit", "reindex", "audit"} {
		if out, err := runCommand(t, append([]string{name, "--data", s.data}, flags...)...); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}

	meili.Restore(fakemeili.Backup{})              // the index was emptied
	s.request(http.MethodGet, "/readyz", nil, nil) // the readiness check detects it
	meili.AwaitDocument(t, "clips", first+"_0")
	if _, _, clips := s.searchClips("quarterly"); len(clips) != 1 || clips[0] != first {
		t.Errorf("search after the loss: %v\n%s", clips, s.log)
	}

	if strings.Contains(s.log.String(), fakemeili.MasterKey) {
		t.Error("the master key is in the log")
	}
}
