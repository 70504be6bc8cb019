package client

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"tidings.example/tidings/tidings"
)

// limitedUpload answers PATCH as a server behind a proxy that takes at most
// limit bytes in one request.
type limitedUpload struct {
	limit    int64
	silent   bool // it cuts the connection instead of answering 413
	received atomic.Int64
	refused  atomic.Int64
}

func (u *limitedUpload) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > u.limit {
		u.refused.Add(1)
		if u.silent {
			panic(http.ErrAbortHandler)
		}
		http.Error(w, "<html>413 Request Entity Too Large</html>", http.StatusRequestEntityTooLarge)
		return
	}

	n, _ := io.Copy(io.Discard, r.Body)
	w.Header().Set("Upload-Offset", strconv.FormatInt(u.received.Add(n), 10))
	w.WriteHeader(http.StatusNoContent)
}

// TestProxyLimit: an upload through a proxy with a limit goes on in smaller
// parts, the next one begins with these, and where even the smallest is refused
// the error names the proxy's setting.
func TestProxyLimit(t *testing.T) {
	const size = 5 << 20
	u := &limitedUpload{limit: 1 << 20}
	server := httptest.NewServer(u)
	defer server.Close()

	var log bytes.Buffer
	cl := New(Config{URL: server.URL, HTTP: server.Client()})
	for round := range int64(2) {
		if err := cl.sendChunks(t.Context(), &log, server.URL, strings.NewReader(strings.Repeat("x", size)), 0, size); err != nil {
			t.Fatal(err)
		}
		if got := u.received.Swap(0); got != size || u.refused.Load() != 3 {
			t.Errorf("round %d: %d bytes, %d refused", round, got, u.refused.Load())
		}
	}

	if !strings.Contains(log.String(), "the proxy in front of the server refuses 5120 KB in one request: sending smaller parts\n") {
		t.Error(log.String())
	}

	u.limit = 1000
	err := cl.sendChunks(t.Context(), &log, server.URL, strings.NewReader(strings.Repeat("x", size)), 0, size)
	if tidings.KindOf(err) != tidings.KindTooLarge || !strings.Contains(err.Error(), "client_max_body_size") {
		t.Error(err)
	}
}

// TestSilentProxyLimit: parts that a proxy cuts off get through when they are
// smaller.
func TestSilentProxyLimit(t *testing.T) {
	const size = 3 << 20
	u := &limitedUpload{limit: 1 << 20, silent: true}
	server := httptest.NewServer(u)
	defer server.Close()

	cl := New(Config{URL: server.URL, HTTP: server.Client()})
	cl.chunkSize.Store(4 << 20)
	err := cl.sendChunks(t.Context(), io.Discard, server.URL, strings.NewReader(strings.Repeat("x", size)), 0, size)
	if got := u.received.Load(); err != nil || got != size || u.refused.Load() != 2 {
		t.Errorf("%d bytes, %d refused: %v", got, u.refused.Load(), err)
	}
}
