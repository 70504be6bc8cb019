package api_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
)

// dial opens a connection and sends text.
func (w *testServer) dial(text string) net.Conn {
	w.Helper()
	conn, err := net.Dial("tcp", w.server.Listener.Addr().String())
	w.ok(err)
	w.Cleanup(func() { conn.Close() })
	_, err = conn.Write([]byte(text))
	w.ok(err)
	return conn
}

// readStatus is the status of the next answer on the connection.
func (w *testServer) readStatus(conn net.Conn) int {
	w.Helper()
	w.ok(conn.SetReadDeadline(time.Now().Add(patience)))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	w.ok(err)
	defer res.Body.Close()
	return res.StatusCode
}

// waitForStatus repeats an anonymous request until it is answered as it should
// be.
func (w *testServer) waitForStatus(method, path string, status int) {
	w.Helper()
	for start := time.Now(); w.anonymousClient().requestStatus(method, path, nil) != status; {
		if time.Since(start) > patience {
			w.Fatalf("%s %s: still not %d", method, path, status)
		}
	}
}

// halfSignIn is the beginning of a sign-in with a body of size bytes.
func halfSignIn(size int) string {
	return fmt.Sprintf("POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{", size)
}

// TestHalfSentBodies: what one address holds is bounded, also while others are
// served.
func TestHalfSentBodies(t *testing.T) {
	const held, refused = 64, 36 // of one address
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.BodyTimeout = patience })
	statuses := make(chan int, held+refused)
	var conns []net.Conn
	for range held + refused {
		conn := w.dial(halfSignIn(100))
		conns = append(conns, conn)
		go func() {
			if res, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
				statuses <- res.StatusCode
			}
		}()
	}

	for range refused {
		select {
		case got := <-statuses:
			if got != http.StatusTooManyRequests {
				t.Errorf("beyond the budget: %d", got)
			}
		case <-time.After(patience / 2):
			t.Fatal("more than the budget is held")
		}
	}

	w.ana.do("POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "voice"}).is(http.StatusCreated, "")
	if len(statuses) > 0 {
		t.Errorf("within the budget: %d", <-statuses)
	}
	for _, conn := range conns {
		conn.Close()
	}
}

// TestUnfinishedBodyEnds: a body that does not come is given up after a time.
func TestUnfinishedBodyEnds(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.BodyTimeout = 100 * time.Millisecond })
	if got := w.requestStatusOf(halfSignIn(100)); got != http.StatusRequestTimeout {
		t.Errorf("after the deadline: %d", got)
	}
	w.anonymousClient().get("/api/v1/setup").is(http.StatusOK, "")
}

// requestStatusOf sends text on a connection of its own.
func (w *testServer) requestStatusOf(text string) int {
	w.Helper()
	conn := w.dial(text)
	defer conn.Close()
	return w.readStatus(conn)
}

// TestBodyLimits: a route takes no more than its callers have to send, and the
// answer does not wait for the body.
func TestBodyLimits(t *testing.T) {
	w := newTestServer(t)
	if got := w.requestStatusOf(halfSignIn(17 << 10)); got != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %d", got)
	}
	w.anonymousClient().logIn(anaEmail, strings.Repeat("x", 17<<10)).is(http.StatusRequestEntityTooLarge, "too_large")
	comments := "/api/v1/clips/" + string(w.ana.createClip().ID) + "/comments"
	w.ana.do("POST", comments, map[string]any{"body": strings.Repeat("\U0001F600", 10_000)}).is(http.StatusCreated, "")
	w.ana.do("POST", comments, map[string]any{"body": strings.Repeat("x", 129<<10)}).is(http.StatusRequestEntityTooLarge, "too_large")
}

// TestUnknownFieldsAreFew: the answer to a body with many faults is small.
func TestUnknownFieldsAreFew(t *testing.T) {
	w := newTestServer(t)
	body := map[string]any{}
	for i := range 3000 {
		body[fmt.Sprintf("unknown%d", i)] = 1
	}
	body[strings.Repeat("é", 5000)] = "\x00"
	for range 20 { // maps have no order
		a := w.ana.do("POST", "/api/v1/clips", body).is(http.StatusBadRequest, "invalid")
		if n := len(a.decodeProblem().Fields); n == 0 || n > 20 || len(a.body) > 5000 {
			t.Fatalf("%d fields, %d bytes", n, len(a.body))
		}
	}
}
