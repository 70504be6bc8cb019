package search

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// nagled accepts connections as servers do that leave TCP_NODELAY alone.
type nagled struct{ net.Listener }

func (l nagled) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return conn, conn.(*net.TCPConn).SetNoDelay(false)
}

// inTwo answers as Meilisearch does, in two pieces.
func inTwo(t testing.TB) *httptest.Server {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		io.WriteString(w, "the rest")
	}))
	srv.Listener = nagled{srv.Listener}
	srv.Start()
	t.Cleanup(srv.Close)
	return srv
}

func askInTwo(t testing.TB, c *http.Client, url string) {
	t.Helper()
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || string(body) != "the rest" {
		t.Fatalf("%q, %v", body, err)
	}
}

// TestDialPrompt: a connection is used for many answers, and a server that is
// not there is an error.
func TestDialPrompt(t *testing.T) {
	srv := inTwo(t)
	c := &http.Client{Transport: &http.Transport{DialContext: dialPrompt}}
	for range 20 {
		askInTwo(t, c, srv.URL)
	}

	if conn, err := dialPrompt(t.Context(), "tcp", srv.Listener.Addr().String()); err != nil {
		t.Error(err)
	} else if err := conn.Close(); err != nil {
		t.Error(err)
	}

	if _, err := dialPrompt(t.Context(), "tcp", "127.0.0.1:1"); err == nil {
		t.Error("nobody answered")
	}
}

// BenchmarkDialPrompt prints what an answer in two pieces takes, beside an
// ordinary connection.
func BenchmarkDialPrompt(b *testing.B) {
	for name, transport := range map[string]*http.Transport{"prompt": {DialContext: dialPrompt}, "ordinary": {}} {
		b.Run(name, func(b *testing.B) {
			srv := inTwo(b)
			c := &http.Client{Transport: transport}
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				askInTwo(b, c, srv.URL)
				took = append(took, time.Since(start))
			}

			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50_ms")
		})
	}
}
