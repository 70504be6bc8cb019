package models_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/tidings/models"
	"tidings.example/tidings/tidings"
)

// modelContent is a model of n bytes.
func modelContent(n int) []byte {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// modelServer is a strict TLS server of model files, and the folders of a
// manager that downloads from it.
type modelServer struct {
	*testing.T
	srv      *httptest.Server
	model    []byte
	dir      string
	requests []string // path and range of each request
}

func startModelServer(t *testing.T, handle func(s *modelServer, w http.ResponseWriter, r *http.Request)) *modelServer {
	s := &modelServer{T: t, model: modelContent(300_000), dir: t.TempDir()}
	s.srv = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests = append(s.requests, strings.TrimSpace(r.URL.Path+" "+r.Header.Get("Range")))
		handle(s, w, r)
	}))
	s.srv.Config.ErrorLog = nil
	t.Cleanup(s.srv.Close)
	return s
}

// serveModel responds with the model, by range, as http.ServeContent does.
func serveModel(s *modelServer, w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.model))
}

func (s *modelServer) newModel(paths ...string) models.Model {
	m := models.Model{Name: "tiny", Engine: "whisper", Folder: models.InModels, Target: "ggml-tiny.bin",
		Files: []models.File{{Size: int64(len(s.model)), SHA256: sumOf(s.model)}}}
	for _, p := range paths {
		m.Sources = append(m.Sources, models.Source{URL: s.srv.URL + p})
	}
	return m
}

func (s *modelServer) newManager(m models.Model, change ...func(*models.Config)) *models.Manager {
	client := s.srv.Client()
	client.CheckRedirect = models.OnlyHTTPS
	c := models.Config{Models: filepath.Join(s.dir, "models"), Speech: filepath.Join(s.dir, "speech"), Table: []models.Model{m}, Fetch: client, Pause: time.Millisecond, Idle: 10 * time.Second,
		Package: func(context.Context, string) (string, error) { return s.srv.URL + "/package.tgz", nil }}
	for _, f := range change {
		f(&c)
	}
	return models.New(c)
}

// modelFiles are the files in the models folder.
func (s *modelServer) modelFiles() string {
	all, err := os.ReadDir(filepath.Join(s.dir, "models"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.Fatal(err)
	}

	var names []string
	for _, f := range all {
		if !strings.HasSuffix(f.Name(), ".lock") {
			names = append(names, f.Name())
		}
	}

	return strings.Join(names, " ")
}

// cutWriter sends at most n bytes of a response and then closes the connection.
type cutWriter struct {
	http.ResponseWriter
	left int
}

func (c *cutWriter) Write(p []byte) (int, error) {
	if len(p) > c.left {
		c.ResponseWriter.Write(p[:c.left])
		c.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	c.left -= len(p)
	return c.ResponseWriter.Write(p)
}

// pulls are behaviours of servers, with the expected result.
var pulls = map[string]struct {
	handle func(s *modelServer, w http.ResponseWriter, r *http.Request)
	paths  []string
	fails  string // a part of the error; "" = the model is installed
	asked  string // the requests, if it matters which
}{
	"as it should be": {handle: serveModel, asked: "/a"},
	"cut again and again": {handle: func(s *modelServer, w http.ResponseWriter, r *http.Request) { serveModel(s, &cutWriter{w, 100_000}, r) },
		asked: "/a|/a bytes=100000-|/a bytes=200000-"},
	"no ranges": {handle: func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "" {
			w = &cutWriter{w, 1000}
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(s.model)))
		w.Write(s.model)
	}, asked: "/a|/a bytes=1000-"},
	"the second source": {handle: func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a" {
			http.NotFound(w, r)
			return
		}
		serveModel(s, w, r)
	}, paths: []string{"/a", "/b"}, asked: "/a|/b"},
	"nowhere": {handle: func(_ *modelServer, w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, paths: []string{"/a", "/b"}, fails: "404", asked: "/a|/b"},
	"other bytes": {handle: func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		s2 := *s
		s2.model = append([]byte{^s.model[0]}, s.model[1:]...)
		serveModel(&s2, w, r)
	}, paths: []string{"/a", "/b"}, fails: "sum", asked: "/a|/b"},
	"other bytes, then the right ones": {handle: func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		s2 := *s
		if r.URL.Path == "/a" {
			s2.model = append([]byte{^s.model[0]}, s.model[1:]...)
		}
		serveModel(&s2, w, r)
	}, paths: []string{"/a", "/b"}, asked: "/a|/b"},
	"too short": {handle: func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		s2 := *s
		s2.model = s.model[1:]
		serveModel(&s2, w, r)
	}, fails: "not 300000"},
	"without end": {handle: func(_ *modelServer, w http.ResponseWriter, r *http.Request) {
		for _, err := w.Write(modelContent(1 << 16)); err == nil; _, err = w.Write(modelContent(1 << 16)) {
		}
	}, fails: "more than"},
	"another range": {handle: func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "" {
			serveModel(s, &cutWriter{w, 10}, r)
		}
		w.Header().Set("Content-Range", "bytes 0-299999/300000")
		w.WriteHeader(http.StatusPartialContent)
	}, fails: "other bytes"},
	"the range is none": {handle: func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "" && len(s.requests) == 1 {
			serveModel(s, &cutWriter{w, 10}, r)
		}
		if r.Header.Get("Range") != "" {
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return
		}
		serveModel(s, w, r)
	}, asked: "/a|/a bytes=10-|/a"},
	"busy at first": {handle: func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		if len(s.requests) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		serveModel(s, w, r)
	}, asked: "/a|/a|/a"},
	"busy for ever": {handle: func(_ *modelServer, w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTooManyRequests)
	}, fails: "does not go on"},
	"sent on": {handle: func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a" {
			http.Redirect(w, r, "/real", http.StatusFound)
			return
		}
		serveModel(s, w, r)
	}, asked: "/a|/real"},
	"sent away from TLS": {handle: func(_ *modelServer, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1:1/real", http.StatusFound)
	}, fails: "does not go on"},
}

// TestPull: whatever the servers do, either the model is installed with its
// checksums, or nothing is.
func TestPull(t *testing.T) {
	for name, c := range pulls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startModelServer(t, c.handle)

			if c.paths == nil {
				c.paths = []string{"/a"}
			}

			e := s.newModel(c.paths...)
			m := s.newManager(e)
			last := int64(-1)
			err := m.Pull(t.Context(), e, func(done, total int64) {
				if last = done; total != int64(len(s.model)) {
					t.Errorf("of %d bytes", total)
				}
			})

			want := ""
			if c.fails == "" {
				want = "ggml-tiny.bin"
				if err != nil || m.Verify(t.Context(), e) != nil || last != int64(len(s.model)) {
					t.Errorf("%v; %d bytes", err, last)
				}
			} else if tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%v", err)
			}

			if got := s.modelFiles(); got != want {
				t.Errorf("in the folder: %q", got)
			}

			if got := strings.Join(s.requests, "|"); c.asked != "" && got != c.asked {
				t.Errorf("asked for %s", got)
			}
		})
	}
}

// TestPullGoesOn: an interrupted download continues where it was, also in
// another process; meanwhile another download of the same model is refused.
func TestPullGoesOn(t *testing.T) {
	stop, cancel := context.WithCancel(t.Context())
	var m *models.Manager
	s := startModelServer(t, func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "" {
			w.Header().Set("Content-Length", fmt.Sprint(len(s.model)))
			w.Write(s.model[:100_000])
			w.(http.Flusher).Flush()
			<-stop.Done()
			panic(http.ErrAbortHandler)
		}

		serveModel(s, w, r)
	})
	e := s.newModel("/a")
	m = s.newManager(e)
	err := m.Pull(stop, e, func(done, _ int64) {
		if done == 100_000 {
			if err := s.newManager(e).Pull(t.Context(), e, nil); tidings.KindOf(err) != tidings.KindConflict {
				t.Errorf("twice at once: %v", err)
			}
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || m.PartialBytes(e) != 100_000 || m.Installed(e) {
		t.Fatalf("%v, %d bytes", err, m.PartialBytes(e))
	}

	if err := s.newManager(e).Pull(t.Context(), e, nil); err != nil || strings.Join(s.requests, "|") != "/a|/a bytes=100000-" {
		t.Errorf("%v, asked for %v", err, s.requests)
	}

	if err := m.Pull(t.Context(), e, nil); err != nil || len(s.requests) != 2 {
		t.Errorf("again: %v, asked for %v", err, s.requests)
	}
}

// TestPullSilent: a server that sends nothing is given up.
func TestPullSilent(t *testing.T) {
	var times atomic.Int64
	s := startModelServer(t, func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		if times.Add(1) == 1 {
			<-r.Context().Done()
			return
		}
		serveModel(s, w, r)
	})
	e := s.newModel("/a")
	if err := s.newManager(e, func(c *models.Config) { c.Idle = 50 * time.Millisecond }).Pull(t.Context(), e, nil); err != nil {
		t.Error(err)
	}
}

// TestMirror: the mirror is tried first.
func TestMirror(t *testing.T) {
	s := startModelServer(t, serveModel)
	e := s.newModel("/a")
	if err := s.newManager(e, func(c *models.Config) { c.Mirror = s.srv.URL + "/mine/" }).Pull(t.Context(), e, nil); err != nil || s.requests[0] != "/mine/ggml-tiny.bin" {
		t.Errorf("%v, asked for %v", err, s.requests)
	}

	plain := s.newModel()
	plain.Sources = []models.Source{{URL: "http://127.0.0.1:1/a"}}
	plain.Name = "plain"
	plain.Target = "plain"
	if err := s.newManager(plain).Pull(t.Context(), plain, nil); err == nil || !strings.Contains(err.Error(), "https") {
		t.Errorf("without TLS: %v", err)
	}
}
