package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain lets the test binary be the product: the server of these stories,
// its guarded children and its commands are this very program.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-test.") {
		main()
	}
	if os.Getenv("TIDINGS_FETCH_MODELS") == "" { // servers of tests download nothing unless they are asked to
		os.Setenv("TIDINGS_FETCH_MODELS", "false")
	}
	os.Exit(m.Run())
}

const (
	ownerEmail    = "ana@example.org"
	ownerPassword = "correct horse"
)

// testServer is a server process of a story, and a client of it.
type testServer struct {
	t     testing.TB
	cmd   *exec.Cmd
	log   *lockedBuffer
	data  string
	base  string
	token string
	ws    string
	ended chan struct{}
}

// programPath is what to run: TIDINGS_BIN, or this test binary as the product.
func programPath(t testing.TB) string {
	if bin := os.Getenv("TIDINGS_BIN"); bin != "" {
		return bin
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self
}

// startServer runs `tidings serve` on a data folder and waits for its line.
func startServer(t testing.TB, data string, flags ...string) *testServer {
	t.Helper()
	s := &testServer{t: t, data: data, log: &lockedBuffer{}, ended: make(chan struct{})}
	args := append([]string{"serve", "--listen", "127.0.0.1:0", "--data", data, "--speech", speechDir(), "--fsync=true"}, flags...)
	s.cmd = exec.Command(programPath(t), args...)
	s.cmd.Env = append(os.Environ(), "TIDINGS_SETUP_EMAIL="+ownerEmail, "TIDINGS_SETUP_PASSWORD="+ownerPassword)
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		s.kill()
		s.checkRaces()
	})
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(out).ReadString('\n')
		line <- text
		io.Copy(io.Discard, out)
		s.cmd.Wait()
		close(s.ended)
	}()

	select {
	case text := <-line:
		_, at, ok := strings.Cut(strings.TrimSpace(text), "ready at ")
		if !ok {
			t.Fatalf("the server said %q\n%s", text, s.log)
		}
		s.base = at
	case <-time.After(60 * time.Second):
		t.Fatalf("the server did not start\n%s", s.log)
	}

	return s
}

// speechDir is where `make` put the speech engine.
func speechDir() string {
	if dir := os.Getenv("TIDINGS_SPEECH_DIR"); dir != "" {
		return dir
	}
	dir, err := filepath.Abs("../../bin/speech")
	if err != nil {
		return ""
	}
	return dir
}

// kill ends the server as a power cut would.
func (s *testServer) kill() {
	s.cmd.Process.Kill()
	<-s.ended
}

// checkRaces fails when the race detector has found something in the server, whose
// exit status nobody sees.
func (s *testServer) checkRaces() {
	s.t.Helper()
	if log := s.log.String(); strings.Contains(log, "WARNING: DATA RACE") {
		s.t.Errorf("a data race in the server:\n%s", log)
	}
}

// stop ends the server as an operator does.
func (s *testServer) stop() {
	s.cmd.Process.Signal(os.Interrupt)
	<-s.ended
}

// restart starts a server on the same folder; the token stays good.
func (s *testServer) restart(flags ...string) *testServer {
	s.t.Helper()
	n := startServer(s.t, s.data, flags...)
	n.token, n.ws = s.token, s.ws
	return n
}

// createToken makes a token of the owner by the command line, as an operator would.
func (s *testServer) createToken(scope string) string {
	s.t.Helper()
	out, err := runCommand(s.t, "token", "create", "--user", ownerEmail, "--scope", scope, "--data", s.data)
	if err != nil {
		s.t.Fatalf("token create: %v %s", err, out)
	}
	return strings.TrimSpace(out)
}

// signIn gives the server a token of its owner.
func (s *testServer) signIn() *testServer {
	s.t.Helper()
	s.token = s.createToken("write")
	var me struct {
		Workspaces []struct{ ID string } `json:"workspaces"`
	}
	s.callAPI(http.MethodGet, "/api/v1/me", nil, &me)
	s.ws = me.Workspaces[0].ID
	return s
}

// runCommand runs a subcommand of the product to its end.
func runCommand(t testing.TB, args ...string) (string, error) { return runCommandEnv(t, nil, args...) }

func runCommandEnv(t testing.TB, env []string, args ...string) (string, error) {
	cmd := exec.Command(programPath(t), args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// request sends a request with the token and returns the response and its body.
func (s *testServer) request(method, path string, header map[string]string, body io.Reader) (*http.Response, []byte) {
	s.t.Helper()
	res, b, err := s.tryRequest(method, path, header, body)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, s.log)
	}
	return res, b
}

func (s *testServer) tryRequest(method, path string, header map[string]string, body io.Reader) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()

	req, err := http.NewRequestWithContext(ctx, method, s.base+path, body)
	if err != nil {
		return nil, nil, err
	}

	req.Header.Set("Authorization", "Bearer "+s.token)
	for k, v := range header {
		req.Header.Set(k, v)
	}

	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()

	b, err := io.ReadAll(res.Body)
	return res, b, err
}

// callAPI sends JSON and expects success.
func (s *testServer) callAPI(method, path string, in, out any) {
	s.t.Helper()
	var body io.Reader
	header := map[string]string{}
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			s.t.Fatal(err)
		}
		body, header["Content-Type"] = bytes.NewReader(b), "application/json"
	}

	res, b := s.request(method, path, header, body)
	if res.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %s %s", method, path, res.Status, b)
	}

	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			s.t.Fatalf("%s %s: %v in %s", method, path, err, b)
		}
	}
}

// createRecording creates a clip and the live upload of its original.
func (s *testServer) createRecording(kind, filetype string) (clip, upload string) {
	s.t.Helper()
	var c struct{ ID string }
	s.callAPI(http.MethodPost, "/api/v1/clips", map[string]any{"workspace_id": s.ws, "kind": kind}, &c)
	return c.ID, s.createUpload(c.ID, filetype)
}

// createUpload creates the live upload of a clip's original.
func (s *testServer) createUpload(clip, filetype string) (upload string) {
	s.t.Helper()
	b64 := func(v string) string { return base64.StdEncoding.EncodeToString([]byte(v)) }
	res, b := s.request(http.MethodPost, "/api/v1/uploads", map[string]string{
		"Tus-Resumable": "1.0.0", "Upload-Defer-Length": "1", "Upload-Metadata": "clip_id " + b64(clip) + ",filetype " + b64(filetype),
	}, nil)
	if res.StatusCode != http.StatusCreated {
		s.t.Fatalf("create upload: %s %s", res.Status, b)
	}

	at, err := res.Location()
	if err != nil {
		s.t.Fatal(err)
	}

	return at.Path
}

// patchUpload appends bytes and returns the acknowledged offset; length seals.
func (s *testServer) patchUpload(upload string, offset int64, body []byte, length int64) (int64, error) {
	header := map[string]string{"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": strconv.FormatInt(offset, 10)}
	if length > 0 {
		header["Upload-Length"] = strconv.FormatInt(length, 10)
	}

	res, b, err := s.tryRequest(http.MethodPatch, upload, header, bytes.NewReader(body))
	if err != nil {
		return offset, err
	}
	if res.StatusCode != http.StatusNoContent {
		return offset, fmt.Errorf("%s %s", res.Status, b)
	}

	return strconv.ParseInt(res.Header.Get("Upload-Offset"), 10, 64)
}

// uploadOffset returns the offset of the upload.
func (s *testServer) uploadOffset(upload string) int64 {
	s.t.Helper()
	res, _ := s.request(http.MethodHead, upload, map[string]string{"Tus-Resumable": "1.0.0"}, nil)
	n, err := strconv.ParseInt(res.Header.Get("Upload-Offset"), 10, 64)
	if err != nil {
		s.t.Fatalf("HEAD %s: %s %v", upload, res.Status, err)
	}
	return n
}

// clipView is what stories look at in a clip.
type clipView struct {
	State      string
	Failure    *string
	Language   *string
	DurationMS *int64 `json:"duration_ms"`
	Steps      map[string]struct {
		State   string
		Failure *string
	}
	Media map[string]*string
}

func (s *testServer) loadClip(id string) (c clipView) {
	s.t.Helper()
	s.callAPI(http.MethodGet, "/api/v1/clips/"+id, nil, &c)
	return c
}

// awaitClip returns once the clip is as it should be: it looks again after each
// live event.
func (s *testServer) awaitClip(id string, what string, ok func(clipView) bool) clipView {
	s.t.Helper()
	return s.awaitClipWithin(whisperLimit, id, what, ok)
}

// awaitClipWithin is awaitClip with another limit of time.
func (s *testServer) awaitClipWithin(limit time.Duration, id string, what string, ok func(clipView) bool) clipView {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/api/v1/events?workspace="+s.ws, nil)
	if err != nil {
		s.t.Fatal(err)
	}

	req.Header.Set("Authorization", "Bearer "+s.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()

	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for {
		c := s.loadClip(id)
		if ok(c) {
			return c
		}
		if !lines.Scan() {
			s.t.Fatalf("clip %s is never %s: %+v\n%s", id, what, c, s.log)
		}
	}
}

func (s *testServer) awaitFinished(id string) clipView {
	s.t.Helper()
	return s.awaitClip(id, "whole", func(c clipView) bool {
		return c.State == "ready" && c.Steps["transcribe"].State != "running" && c.Steps["transcribe"].State != "waiting" && c.Steps["index"].State == "done"
	})
}

// lockedBuffer collects a process's log.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
