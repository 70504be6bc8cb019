package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestPushWatchKilled kills the watcher while it waits for an answer, before
// or after the server has carried the request out: the next one continues.
func TestPushWatchKilled(t *testing.T) {
	s := startServer(t, t.TempDir()).signIn()
	target, err := url.Parse(s.base)
	if err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct {
		title, at string // of the file; the request whose answer gets lost
		done      bool   // by the server, before the answer is lost
		ended     bool   // the upload, by the server, meanwhile
	}{
		{"clip", "POST /api/v1/clips", true, false},
		{"upload", "POST /api/v1/uploads", true, false},
		{"bytes", "PATCH /api/v1/uploads/", true, false},
		{"no bytes", "PATCH /api/v1/uploads/", false, false},
		{"silent for long", "PATCH /api/v1/uploads/", false, true},
	} {
		t.Run(c.title, func(t *testing.T) {
			p := &lossyProxy{to: httputil.NewSingleHostReverseProxy(target), at: c.at, done: c.done, caught: make(chan string, 1)}
			front := httptest.NewServer(p)
			defer front.Close()

			dir := t.TempDir()
			copyFile(t, "voice.webm", filepath.Join(dir, c.title+".webm"))
			w := s.startWatch(t, front.URL, dir)
			var path string
			select {
			case path = <-p.caught:
			case <-time.After(time.Minute):
				t.Fatalf("no %s", c.at)
			}

			w.cmd.Process.Kill()
			w.cmd.Wait()

			if c.ended {
				s.request(http.MethodDelete, path, map[string]string{"Tus-Resumable": "1.0.0"}, nil)
			}

			w = s.startWatch(t, front.URL, dir)
			id := w.nextLink()
			w.stopWatch()

			if _, got := s.request(http.MethodGet, "/api/v1/clips/"+id+"/media/original", nil, nil); string(got) != string(readRecording(t, "voice.webm")) {
				t.Errorf("%d bytes arrived", len(got))
			}
		})
	}

	checkTitles(t, s, "clip", "upload", "bytes", "no bytes", "silent for long")
}

// lossyProxy is a proxy that drops the first response to a request.
type lossyProxy struct {
	to     http.Handler
	at     string // method and beginning of the path
	done   bool   // the request itself arrives
	lost   atomic.Bool
	caught chan string // the path of the lost request
}

func (l *lossyProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.Method+" "+r.URL.Path, l.at) || !l.lost.CompareAndSwap(false, true) {
		l.to.ServeHTTP(w, r)
		return
	}

	if l.done {
		l.to.ServeHTTP(discardAnswer{http.Header{}}, r)
	} else {
		io.Copy(io.Discard, r.Body)
	}

	l.caught <- r.URL.Path
	<-r.Context().Done()
}

// discardAnswer drops a response.
type discardAnswer struct{ header http.Header }

func (d discardAnswer) Header() http.Header         { return d.header }
func (d discardAnswer) WriteHeader(int)             {}
func (d discardAnswer) Write(p []byte) (int, error) { return len(p), nil }

// TestPushWatchResumes: the bytes that the server has are not sent again.
func TestPushWatchResumes(t *testing.T) {
	s, dir := startServer(t, t.TempDir()).signIn(), t.TempDir()
	target, err := url.Parse(s.base)
	if err != nil {
		t.Fatal(err)
	}

	whole := append(readRecording(t, "voice.webm"), make([]byte, 8<<20)...) // two pieces
	if err := os.WriteFile(filepath.Join(dir, "long.webm"), whole, 0o600); err != nil {
		t.Fatal(err)
	}

	to, offsets, caught := httputil.NewSingleHostReverseProxy(target), make(chan string, 10), make(chan struct{})
	var pieces atomic.Int32
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			offsets <- r.Header.Get("Upload-Offset")
			if pieces.Add(1) == 2 {
				io.Copy(io.Discard, r.Body)
				close(caught)
				<-r.Context().Done()
				return
			}
		}

		to.ServeHTTP(w, r)
	}))
	defer front.Close()

	w := s.startWatch(t, front.URL, dir)

	select {
	case <-caught:
	case <-time.After(time.Minute):
		t.Fatal("no second piece")
	}

	if rest := w.stopWatch(); strings.Contains(rest, "again") {
		t.Errorf("stopped amid an upload: %s", rest)
	}

	w = s.startWatch(t, front.URL, dir)
	id := w.nextLink()
	w.stopWatch()
	close(offsets)
	var got []string
	for o := range offsets {
		got = append(got, o)
	}

	if strings.Join(got, " ") != "0 8388608 8388608" {
		t.Errorf("pieces were sent at %v", got)
	}

	if _, b := s.request(http.MethodGet, "/api/v1/clips/"+id+"/media/original", nil, nil); string(b) != string(whole) {
		t.Errorf("%d bytes arrived, not the %d sent", len(b), len(whole))
	}
}
