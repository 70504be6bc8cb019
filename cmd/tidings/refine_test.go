package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sayZebras answers like OpenAI's transcription API, with two words that do not
// occur in the recording.
func sayZebras(w io.Writer) {
	json.NewEncoder(w).Encode(map[string]any{"text": "Zebras, yes.", "language": "english", "duration": 11,
		"segments": []map[string]any{{"start": 0.5, "end": 2.5, "text": " Zebras, yes."}},
		"words":    []map[string]any{{"word": "Zebras", "start": 0.5, "end": 1.5}, {"word": "yes", "start": 2, "end": 2.5}}})
}

// TestRefinedAfterKill: a server that is killed while a better engine refines
// a transcript still has the draft, and refines it after its next start; the
// words can be found then, and the engine's key is in no log.
func TestRefinedAfterKill(t *testing.T) {
	if _, err := os.Stat(filepath.Join(speechDir(), "libvosk.so")); err != nil {
		t.Skipf("no speech engine to test: %v", err)
	}

	asked, ended := make(chan struct{}, 100), make(chan struct{})
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil || r.Header.Get("Authorization") != "Bearer sk-canary" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}

		select {
		case <-ended:
		default: // the request that dies with its server
			asked <- struct{}{}
			<-ended
			return
		}

		sayZebras(w)
	}))
	defer engine.Close()

	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("sk-canary\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	flags := []string{"--refine", "openai", "--openai-url", engine.URL + "/v1", "--openai-key-file", key, "--log-level", "debug"}
	s := startServer(t, t.TempDir(), flags...).signIn()
	clip := s.pushFile("../../transcribe/testdata/jfk.wav", "Ask not")

	select {
	case <-asked:
	case <-time.After(60 * time.Second):
		t.Fatalf("the better engine was never asked\n%s", s.log)
	}

	draft := s.loadTranscript(clip)
	if !draft.Draft || draft.Engine != "vosk" || draft.State != "done" || len(draft.Segments) == 0 {
		t.Errorf("while it is refined: %+v", draft)
	}

	log := s.log
	s.kill()
	close(ended)
	s = s.restart(flags...)
	s.awaitClip(clip, "the refined transcript", func(clipView) bool { return !s.loadTranscript(clip).Draft })
	fine := s.loadTranscript(clip)
	if fine.Engine != "openai" || fine.State != "done" || len(fine.Segments) != 1 || fine.Segments[0].Text != "Zebras, yes." || fine.Segments[0].StartMS < 500 {
		t.Errorf("refined: %+v", fine)
	}

	s.awaitClip(clip, "the index", func(clipView) bool {
		out, err := runCommandEnv(t, []string{"TIDINGS_URL=" + s.base, "TIDINGS_TOKEN=" + s.token}, "search", "zebras")
		return err == nil && strings.Contains(out, "Ask not")
	})
	s.stop()
	if all := log.String() + s.log.String(); strings.Contains(all, "canary") {
		t.Errorf("the key is in the log:\n%s", all)
	}
}

// transcriptView is a transcript as the API answers it.
type transcriptView struct {
	State    string
	Draft    bool
	Engine   string
	Language string
	Segments []struct {
		Text    string
		StartMS int64 `json:"start_ms"`
	}
}

func (s *testServer) loadTranscript(clip string) (v transcriptView) {
	s.t.Helper()
	s.callAPI(http.MethodGet, "/api/v1/clips/"+clip+"/transcript", nil, &v)
	return v
}
