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
	w.ok(conn.SetReadDeadline(time.Now().Add(20 * time.Second)))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	w.ok(err)
	defer res.Body.Close()
	return res.StatusCode
}

// statusWithin is the status of the next answer, or 0 if there is none in time.
func (w *testServer) statusWithin(conn net.Conn, d time.Duration) int {
	w.Helper()
	w.ok(conn.SetReadDeadline(time.Now().Add(d)))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	return res.StatusCode
}

// halfSignIn is the beginning of a sign-in with a body of size bytes.
func halfSignIn(size int) string {
	return fmt.Sprintf("POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{", size)
}

// TestHalfSentBodies: a body that does not come is given up after a time, and
// what one address holds meanwhile is bounded, also while others are served.
func TestHalfSentBodies(t *testing.T) {
	w := newTestServer(t, func(c *api.Config, _ *api.Deps, _ *source.Config) { c.BodyTimeout = 6 * time.Second })
	var held []net.Conn
	for range 64 {
		held = append(held, w.dial(halfSignIn(100)))
	}

	// Any of them may be the first beyond the budget; from then on each further one is.
	for start := time.Now(); ; {
		conn := w.dial(halfSignIn(100))
		if w.statusWithin(conn, 500*time.Millisecond) == http.StatusTooManyRequests {
			break
		}
		if held = append(held, conn); time.Since(start) > 5*time.Second {
			t.Fatal("more than the budget is held")
		}
	}

	w.ana.do("POST", "/api/v1/clips", map[string]any{"workspace_id": w.ws, "kind": "voice"}).is(http.StatusCreated, "")
	for _, conn := range held {
		if got := w.readStatus(conn); got != http.StatusRequestTimeout && got != http.StatusTooManyRequests {
			t.Fatalf("after the deadline: %d", got)
		}
	}
	w.anonymousClient().logIn(anaEmail, password).is(http.StatusOK, "")
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
