package main

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// modelsDir is where `make weights` puts Whisper's files.
func modelsDir() string {
	if model := os.Getenv("TIDINGS_TEST_WHISPER_MODEL"); model != "" {
		return filepath.Dir(model)
	}
	dir, err := filepath.Abs("../../bin/models")
	if err != nil {
		return ""
	}
	return dir
}

// slowMirror serves a file over TLS; its first answer stops in the middle.
type slowMirror struct {
	url    string
	halted chan struct{} // closed once the first answer stands still

	mu     sync.Mutex
	ranges []string // of the requests
}

func (m *slowMirror) requested() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.ranges...)
}

// haltingWriter sends at most left bytes, then waits until the client is gone.
type haltingWriter struct {
	http.ResponseWriter
	left   int
	gone   <-chan struct{}
	halted chan struct{}
}

// Write implements http.ResponseWriter.
func (h *haltingWriter) Write(p []byte) (int, error) {
	if h.left -= len(p); h.left < 0 {
		h.ResponseWriter.(http.Flusher).Flush()
		close(h.halted)
		<-h.gone
		panic(http.ErrAbortHandler)
	}
	return h.ResponseWriter.Write(p)
}

// startSlowMirror starts a mirror, whose certificate processes of this test trust.
func startSlowMirror(t *testing.T, dir string) *slowMirror {
	t.Helper()
	m := &slowMirror{halted: make(chan struct{})}
	files := http.FileServer(http.Dir(dir))
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		m.ranges = append(m.ranges, r.Header.Get("Range"))
		first := len(m.ranges) == 1
		m.mu.Unlock()

		if first {
			w = &haltingWriter{w, 20 << 20, r.Context().Done(), m.halted}
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)

	certificate := filepath.Join(t.TempDir(), "mirror.pem")
	if err := os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", certificate)
	m.url = srv.URL
	return m
}

// modelView is a model as the API shows it.
type modelView struct {
	Name      string
	Automatic bool
	Installed bool
	Pulling   bool
	Failure   *string
	Bytes     int64
	DoneBytes int64 `json:"done_bytes"`
}

func (s *testServer) loadModel(name string) modelView {
	s.t.Helper()
	var list struct{ Items []modelView }
	s.callAPI(http.MethodGet, "/api/v1/models", nil, &list)
	for _, m := range list.Items {
		if m.Name == name {
			return m
		}
	}
	s.t.Fatalf("no model %s", name)
	return modelView{}
}

// awaitModel waits until a model is as it should be.
func (s *testServer) awaitModel(name string, holds func(modelView) bool) {
	s.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()

	for late := time.After(2 * time.Minute); !holds(s.loadModel(name)); {
		select {
		case <-tick.C:
		case <-late:
			s.t.Fatalf("it does not come: %+v\n%s", s.loadModel(name), s.log)
		}
	}
}

// TestFetchedAfterKill: the server is ready before Whisper's weights are there,
// downloads them in the background, goes on where it was killed, and refines the
// next clip without a restart.
func TestFetchedAfterKill(t *testing.T) {
	const file = "ggml-base-q8_0.bin"
	if _, err := os.Stat(filepath.Join(modelsDir(), file)); err != nil {
		t.Skipf("no weights to test with (make weights): %v", err)
	}

	mirror := startSlowMirror(t, modelsDir())
	data := t.TempDir()
	installed := filepath.Join(data, "models")
	if err := os.MkdirAll(installed, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(modelsDir(), "whisper"), filepath.Join(installed, "whisper")); err != nil {
		t.Fatal(err)
	}

	flags := []string{"--fetch-models=true", "--model-mirror", mirror.url, "--whisper-model", "base-q8_0"}
	s := startServer(t, data, flags...).signIn()
	s.token = s.createToken("admin")
	select {
	case <-mirror.halted:
	case <-time.After(time.Minute):
		t.Fatalf("nothing is downloaded\n%s", s.log)
	}
	s.awaitModel("base-q8_0", func(m modelView) bool { return m.DoneBytes >= 10<<20 })

	if m := s.loadModel("base-q8_0"); !m.Automatic || !m.Pulling || m.Installed || m.Bytes != 81_768_585 {
		t.Errorf("on its way: %+v", m)
	}
	if out, err := runCommand(t, "doctor", "--data", data, "--speech", speechDir(), "--whisper-model", "base-q8_0", "--fetch-models=true"); !strings.Contains(out, "better transcripts are on their way") {
		t.Errorf("doctor: %v\n%s", err, out)
	}

	s.kill()
	s = s.restart(flags...)
	s.awaitModel("base-q8_0", func(m modelView) bool { return m.Installed })

	if got := mirror.requested(); len(got) != 2 || got[0] != "" || !strings.HasPrefix(got[1], "bytes=") || got[1] == "bytes=0-" {
		t.Errorf("asked for %q", got)
	}
	if out, err := runCommand(t, "models", "verify", "base-q8_0", "--data", data); err != nil {
		t.Errorf("%v\n%s", err, out)
	}

	clip := s.pushFile("../../transcribe/testdata/jfk.wav", "Ask not")
	s.awaitClip(clip, "refined", func(c clipView) bool {
		return c.Steps["transcribe"].State == "done" && s.loadTranscript(clip).Engine == "whisper"
	})
}
