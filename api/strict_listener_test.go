package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// sendRaw writes text to a new connection, pieceSize bytes at a time, and
// returns the statuses of the answers until the server closes.
func (w *testServer) sendRaw(text string, pieceSize int) (statuses []int) {
	w.Helper()
	conn, err := net.Dial("tcp", w.server.Listener.Addr().String())
	w.ok(err)
	defer conn.Close()
	w.ok(conn.SetDeadline(time.Now().Add(patience)))

	for rest := text; rest != ""; {
		n := min(pieceSize, len(rest))
		if _, err := io.WriteString(conn, rest[:n]); err != nil {
			break // the server has refused it
		}
		rest = rest[n:]
	}

	for answers := bufio.NewReader(conn); ; {
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			return statuses
		}
		io.Copy(io.Discard, answer.Body)
		if statuses = append(statuses, answer.StatusCode); answer.Close {
			return statuses
		}
	}
}

// TestAmbiguousRequestsAreRefused: requests whose end a proxy may see elsewhere
// than net/http get 400, also behind another one on the connection; ordinary
// requests of every framing pass.
func TestAmbiguousRequestsAreRefused(t *testing.T) {
	w := newTestServer(t)
	const (
		good = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
		last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
		post = "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	)

	for name, c := range map[string]struct{ text, want string }{
		"two requests":               {good + last, "[200 200]"},
		"a body":                     {post + "Content-Length: 2\r\n\r\n{}" + last, "[400 200]"},
		"chunks, with a trailer":     {post + "Transfer-Encoding: chunked\r\n\r\n1;x=y\r\n{\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n" + last, "[400 200]"},
		"an absolute URI":            {"GET http://tidings.example/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "[200]"},
		"both lengths":               {"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + last, "[400]"},
		"both lengths, reversed":     {"GET /healthz HTTP/1.1\r\nHost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n" + last, "[400]"},
		"both, behind another":       {"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n\nGET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400]"},
		"chunks in HTTP/1.0":         {"GET /healthz HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "[400]"},
		"a bare LF, request line":    {"GET /healthz HTTP/1.1\nHost: x\r\nConnection: close\r\n\r\n", "[400]"},
		"a bare LF, header":          {"GET /healthz HTTP/1.1\r\nHost: x\nConnection: close\r\n\r\n", "[400]"},
		"a bare LF at the end":       {"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\n", "[400]"},
		"a bare CR":                  {"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\rb\r\nConnection: close\r\n\r\n", "[400]"},
		"a folded header":            {"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\nConnection: close\r\n\r\n", "[400]"},
		"loopback in the URI":        {"GET http://127.0.0.1/metrics HTTP/1.1\r\nHost: tidings.example\r\nConnection: close\r\n\r\n", "[400]"},
		"localhost in the URI":       {"GET http://LocalHost:8080/metrics HTTP/1.1\r\nHost: tidings.example\r\nConnection: close\r\n\r\n", "[400]"},
		"IPv6 loopback in the URI":   {"GET http://[::1]/healthz HTTP/1.1\r\nHost: tidings.example\r\nConnection: close\r\n\r\n", "[400]"},
		"the machine itself":         {"GET /metrics HTTP/1.1\r\nHost: localhost:8080\r\nConnection: close\r\n\r\n", "[200]"},
		"HTTP/1.0, as of bare nginx": {"GET /metrics HTTP/1.0\r\nHost: 127.0.0.1:8080\r\n\r\n", "[401]"},
	} {
		for _, pieceSize := range []int{len(c.text), 1} {
			if got := fmt.Sprint(w.sendRaw(c.text, pieceSize)); !strings.HasSuffix(got, c.want) {
				t.Errorf("%s, in pieces of %d: %s, want %s", name, pieceSize, got, c.want)
			}
		}
	}
}
