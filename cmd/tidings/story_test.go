package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"tidings.example/tidings/admin"
)

// readRecording is a real clip of Chromium's recorder.
func readRecording(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../media/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestKilledServer kills the server again and again while a recording comes in.
func TestKilledServer(t *testing.T) {
	s := startServer(t, t.TempDir()).signIn()
	recordAmidKills(t, s, func(_ int, s *testServer) *testServer { s.kill(); return s.restart() })
}

// recordAmidKills sends a recording, in the middle of whose pieces disturb kills
// something and returns the server that answers then: every acknowledged byte is
// there afterwards, the same upload goes on, and in the end the clip is complete and
// the audit finds no drift.
func recordAmidKills(t *testing.T, s *testServer, disturb func(round int, s *testServer) *testServer) {
	t.Helper()
	whole := readRecording(t, "vp8-opus.webm")
	clip, upload := s.createRecording("camera", "video/webm")
	const rounds = 4
	piece := len(whole)/(3*rounds) + 1
	var acked int64
	for round := range rounds {
		for range 2 {
			end := min(int(acked)+piece, len(whole)-1)
			n, err := s.patchUpload(upload, acked, whole[acked:end], 0)
			if err != nil {
				t.Fatalf("round %d: %v\n%s", round, err, s.log)
			}
			acked = n
		}

		// The next piece is under way at the kill.
		broken := make(chan struct{})
		go func() {
			defer close(broken)

			s.patchUpload(upload, acked, whole[acked:min(int(acked)+piece, len(whole)-1)], 0)
		}()

		next := disturb(round, s)
		<-broken
		s = next
		at := s.uploadOffset(upload)
		if at < acked {
			t.Fatalf("round %d: %d bytes were acknowledged, %d are there", round, acked, at)
		}

		acked = at
	}

	if n, err := s.patchUpload(upload, acked, whole[acked:], int64(len(whole))); err != nil || n != int64(len(whole)) {
		t.Fatalf("last piece: %d %v", n, err)
	}

	s.checkWhole(clip, whole)
	if out, err := runCommand(t, "audit", "--data", s.data); err != nil {
		t.Errorf("audit with the server running: %v\n%s", err, out)
	}

	s.stop()
	if out, err := runCommand(t, "audit", "--data", s.data); err != nil {
		t.Errorf("audit without a server: %v\n%s", err, out)
	}
}

// checkWhole waits until a clip is finished, and compares its original.
func (s *testServer) checkWhole(clip string, original []byte) {
	s.t.Helper()
	c := s.awaitFinished(clip)
	if c.DurationMS == nil || *c.DurationMS < 1000 {
		s.t.Errorf("duration %v", c.DurationMS)
	}

	_, got := s.request(http.MethodGet, "/api/v1/clips/"+clip+"/media/original", nil, nil)
	if !bytes.Equal(got, original) {
		s.t.Errorf("the original has %d bytes that are not the %d sent", len(got), len(original))
	}

	if res, list := s.request(http.MethodGet, *c.Media["master"], nil, nil); res.StatusCode != http.StatusOK || !bytes.Contains(list, []byte("#EXT-X-STREAM-INF")) {
		s.t.Errorf("master playlist: %s %s", res.Status, list)
	}
}

// TestCommands uses the command line as an operator and a user would.
func TestCommands(t *testing.T) {
	s := startServer(t, t.TempDir()).signIn()
	env := []string{"TIDINGS_URL=" + s.base, "TIDINGS_TOKEN=" + s.token}
	out, err := runCommandEnv(t, env, "push", "../../media/testdata/voice.webm", "--title", "Quarterly figures")
	if err != nil || !strings.Contains(out, s.base+"/c/") {
		t.Fatalf("push: %v\n%s", err, out)
	}

	clip := strings.TrimSpace(out[strings.LastIndex(out, "/c/")+3:])
	s.awaitFinished(clip)

	if out, err = runCommandEnv(t, env, "search", "quarterly"); err != nil || !strings.Contains(out, "Quarterly figures") {
		t.Errorf("search: %v\n%s", err, out)
	}

	if out, err = runCommand(t, "doctor", "--json", "--data", s.data, "--speech", speechDir()); err != nil {
		t.Errorf("doctor: %v\n%s", err, out)
	}

	var found []admin.Finding
	if err := json.Unmarshal([]byte(out), &found); err != nil || len(found) < 6 {
		t.Errorf("doctor --json: %v\n%s", err, out)
	}

	if out, err = runCommand(t, "reindex", "--data", s.data); err != nil || !strings.Contains(out, "1 clips") {
		t.Errorf("reindex: %v\n%s", err, out)
	}

	if out, err = runCommand(t, "serve", "--listen", "127.0.0.1:0", "--data", s.data); err == nil || !strings.Contains(out, "Another Tidings process") {
		t.Errorf("a second server on the folder: %v\n%s", err, out)
	}

	if out, err = runCommand(t, "migrate", "--data", t.TempDir()); err != nil {
		t.Errorf("migrate: %v\n%s", err, out)
	}

	if out, err = runCommand(t, "nonsense"); err == nil || !strings.Contains(out, "no command") {
		t.Errorf("nonsense: %v\n%s", err, out)
	}
}
