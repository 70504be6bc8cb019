package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// startWorker runs `tidings worker` with a speech engine at an address.
func startWorker(t *testing.T, server, token, engine string) (w *exec.Cmd, log *lockedBuffer, ended chan error) {
	t.Helper()
	log, ended = &lockedBuffer{}, make(chan error, 1)
	w = exec.Command(programPath(t), "worker", "--roles", "transcribe", "--server", server, "--token="+token, "--engine", "openai", "--openai-url", engine,
		"--speech", speechDir(), "--data", t.TempDir())
	w.Stdout, w.Stderr = log, log
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { w.Process.Kill() })
	go func() { ended <- w.Wait() }()

	return w, log, ended
}

// workerToken makes a token named gpu, with which a worker may work.
func (s *testServer) workerToken() string {
	s.t.Helper()
	out, err := runCommand(s.t, "token", "create", "--user", ownerEmail, "--scope", "worker", "--name", "gpu", "--data", s.data)
	if err != nil {
		s.t.Fatalf("token create: %v %s", err, out)
	}
	return strings.TrimSpace(out)
}

// awaitEngineCall waits until the worker's engine was asked.
func (s *testServer) awaitEngineCall(asked <-chan struct{}, log *lockedBuffer) {
	s.t.Helper()
	select {
	case <-asked:
	case <-time.After(60 * time.Second):
		s.t.Fatalf("the worker's engine was never asked\n%s\n%s", s.log, log)
	}
}

// checkZebras waits for the transcript of a clip and expects the words of
// sayZebras, written by a worker.
func (s *testServer) checkZebras(clip string, log *lockedBuffer) {
	s.t.Helper()
	s.awaitClip(clip, "transcribed", func(c clipView) bool { return c.Steps["transcribe"].State == "done" })
	got := s.loadTranscript(clip)
	if got.Engine != "worker" || got.State != "done" || got.Draft || len(got.Segments) != 1 || got.Segments[0].Text != "Zebras, yes." {
		s.t.Errorf("%+v\n%s", got, log)
	}
}

// TestWorkerKilled: a worker on another machine is killed in the middle of a
// clip; another one does it, once. A token that is taken back ends the other.
func TestWorkerKilled(t *testing.T) {
	if _, err := os.Stat(filepath.Join(speechDir(), "silero_vad_v6.onnx")); err != nil {
		t.Skipf("no voice activity detector to test with: %v", err)
	}

	asked, alive := make(chan struct{}, 100), make(chan struct{})
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}

		select {
		case <-alive:
		default: // the request that dies with its worker
			asked <- struct{}{}
			<-alive
			return
		}

		sayZebras(w)
	}))
	defer engine.Close()

	s := startServer(t, t.TempDir(), "--speech", t.TempDir(), "--refine", "worker", "--worker-lease", "2s").signIn()
	token := s.workerToken()
	first, log, gone := startWorker(t, s.base, token, engine.URL+"/v1")
	clip := s.pushFile("../../transcribe/testdata/jfk.wav", "Ask not")
	s.awaitEngineCall(asked, log)
	first.Process.Kill()
	<-gone
	close(alive)
	_, log, gone = startWorker(t, s.base, token, engine.URL+"/v1")
	s.checkZebras(clip, log)
	var engines struct {
		Items []struct {
			Name, Model string
			Available   bool
		}
	}
	s.callAPI(http.MethodGet, "/api/v1/engines", nil, &engines)
	if len(engines.Items) == 0 || engines.Items[0].Name != "worker" || !engines.Items[0].Available || engines.Items[0].Model != "openai whisper-1" {
		t.Errorf("engines: %+v", engines)
	}

	s.revokeToken("gpu")

	select {
	case <-gone:
	case <-time.After(60 * time.Second):
		t.Fatal("the worker goes on without a token")
	}

	if !strings.Contains(log.String(), "not valid") || strings.Contains(log.String()+s.log.String(), token) {
		t.Errorf("the worker's last words:\n%s", log)
	}
}

// TestWorkerServerKilled: the server is killed while a worker has a clip. After its next start
// the same worker does the clip again, and the transcript is complete, once.
func TestWorkerServerKilled(t *testing.T) {
	if _, err := os.Stat(filepath.Join(speechDir(), "silero_vad_v6.onnx")); err != nil {
		t.Skipf("no voice activity detector to test with: %v", err)
	}

	asked, dead := make(chan struct{}, 100), make(chan struct{})
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		asked <- struct{}{}
		<-dead // its words come when the server they are for is gone
		sayZebras(w)
	}))
	defer engine.Close()

	flags := []string{"--speech", t.TempDir(), "--refine", "worker", "--worker-lease", "2s"}
	s := startServer(t, t.TempDir(), flags...).signIn()
	_, log, gone := startWorker(t, s.base, s.workerToken(), engine.URL+"/v1")
	clip := s.pushFile("../../transcribe/testdata/jfk.wav", "Ask not")
	s.awaitEngineCall(asked, log)
	s.kill()
	close(dead)
	s = s.restart(append(flags, "--listen", strings.TrimPrefix(s.base, "http://"))...)
	s.checkZebras(clip, log)

	if n := len(asked); n != 1 {
		t.Errorf("the engine was asked %d times after the server came back", n)
	}

	select {
	case err := <-gone:
		t.Errorf("the worker ended: %v\n%s", err, log)
	default:
	}
}

// revokeToken takes a token of the owner back by its name.
func (s *testServer) revokeToken(name string) {
	s.t.Helper()
	admin := *s
	admin.token = s.createToken("admin")
	var all struct{ Items []struct{ ID, Name string } }
	admin.callAPI(http.MethodGet, "/api/v1/tokens", nil, &all)
	for _, k := range all.Items {
		if k.Name == name {
			admin.callAPI(http.MethodDelete, "/api/v1/tokens/"+k.ID, nil, nil)
		}
	}
}

// TestWorkerRefuses: sound and token go through TLS or stay on the machine.
func TestWorkerRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"nothing":    {nil, "usage"},
		"no TLS":     {[]string{"--server", "http://tidings.example", "--token", "tdg_x", "--command", "true"}, "https is needed"},
		"no address": {[]string{"--server", "ftp://tidings.example", "--token", "tdg_x", "--command", "true"}, "not an address"},
		"other role": {[]string{"--server", "https://tidings.example", "--token", "tdg_x", "--roles", "api"}, "one role"},
		"no engine":  {[]string{"--server", "https://tidings.example", "--token", "tdg_x", "--engine", "watson"}, "no speech engine"},
		"slots":      {[]string{"--server", "https://tidings.example", "--token", "tdg_x", "--slots", "0"}, "--slots"},
	} {
		out, err := runCommandEnv(t, []string{"TIDINGS_URL=", "TIDINGS_TOKEN="}, append([]string{"worker", "--speech", speechDir()}, c.args...)...)
		if err == nil || !strings.Contains(out, c.says) {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
}
