package main

import (
	"fmt"
	"math/rand"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// killCount is how often the server is killed while it indexes: ten times, or
// TIDINGS_TEST_KILLS (make test-kills: fifty).
func killCount(t *testing.T) int {
	text := os.Getenv("TIDINGS_TEST_KILLS")
	if text == "" {
		return 10
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("TIDINGS_TEST_KILLS is %q", text)
	}
	return n
}

// TestKilledWhileIndexing kills the server again and again while titles and
// comments change and, every other time, while a new index is filled.
// Afterwards database and index agree, and acknowledged changes are found.
func TestKilledWhileIndexing(t *testing.T) {
	s := startServer(t, t.TempDir(), "--roles", "api,index").signIn()
	var clips []string
	titles := map[string]string{}

	for range 12 {
		var c struct{ ID string }
		s.callAPI(http.MethodPost, "/api/v1/clips", map[string]any{"workspace_id": s.ws, "kind": "voice"}, &c)
		clips = append(clips, c.ID)
	}

	for round := range killCount(t) {
		var reindex *exec.Cmd
		if round%2 == 1 {
			reindex = exec.Command(programPath(t), "reindex", "--data", s.data)
			if err := reindex.Start(); err != nil {
				t.Fatal(err)
			}
		}

		for i := range 1 + rand.Intn(15) { // each is being indexed when the next is answered
			id := clips[rand.Intn(len(clips))]
			if i%4 == 3 {
				s.callAPI(http.MethodPost, "/api/v1/clips/"+id+"/comments", map[string]any{"body": fmt.Sprintf("remark %d of %d", i, round)}, nil)
				continue
			}

			title := fmt.Sprintf("round%d change%d of %s", round, i, strings.ToLower(id))
			s.callAPI(http.MethodPatch, "/api/v1/clips/"+id, map[string]any{"title": title}, nil)
			titles[id] = title
		}

		s.kill()

		if reindex != nil {
			// It has ended by itself, with the server's answer or without.
			_ = reindex.Wait()
		}

		s = s.restart("--roles", "api,index")
	}

	s.awaitSettled()
	for id, title := range titles {
		var found struct {
			Items []struct{ Clip struct{ ID string } }
		}
		s.callAPI(http.MethodGet, "/api/v1/search?workspace="+s.ws+"&q="+url.QueryEscape(`"`+title+`"`), nil, &found)
		if len(found.Items) != 1 || found.Items[0].Clip.ID != id {
			t.Errorf("%q was answered, and %v is found", title, found.Items)
		}
	}

	s.stop()
	if out, err := runCommand(t, "audit", "--data", s.data); err != nil || !strings.Contains(out, "index: 0 stale, 0 pending") {
		t.Errorf("audit: %v\n%s", err, out)
	}
}

// awaitSettled returns when the outbox of the index is empty.
func (s *testServer) awaitSettled() {
	s.t.Helper()
	last := ""
	for range 100 {
		out, err := runCommand(s.t, "audit", "--data", s.data)
		if err == nil && strings.Contains(out, "index: 0 stale, 0 pending") {
			return
		}
		last = out
	}
	s.t.Fatalf("the index does not come to rest: %s", last)
}
