package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// attackSize is how much one stranger asks for: so much that each budget is
// exceeded, or with TIDINGS_TEST_ATTACK=long (make test-attack) what once
// starved the members.
func attackSize() (reads, streams, bodies, views int) {
	if os.Getenv("TIDINGS_TEST_ATTACK") == "long" {
		return 1500, 4150, 1000, 8000
	}
	return 150, 300, 150, 400
}

// attackMemory is by how much the server's memory may grow during the attack.
// In make test the server runs under the race detector, which multiplies what a
// goroutine and a connection cost.
func attackMemory() int64 {
	if os.Getenv("TIDINGS_TEST_ATTACK") == "long" {
		return 700 << 20
	}
	return 1200 << 20
}

// stranger is one visitor of one link who takes as much as they get.
type stranger struct {
	t      *testing.T
	server *testServer
	clip   string
	token  string
	mu     sync.Mutex
	open   []net.Conn
}

// dial opens a connection on which little is received before it is read.
func (a *stranger) dial() (net.Conn, error) {
	d := net.Dialer{Timeout: time.Minute, Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 16<<10) })
	}}
	conn, err := d.Dial("tcp", strings.TrimPrefix(a.server.base, "http://"))
	if err != nil {
		return nil, err
	}

	a.mu.Lock()
	defer a.mu.Unlock()
	a.open = append(a.open, conn)
	return conn, nil
}

// hold sends a request on a connection of its own, reads the status line of the
// answer and keeps the connection open. A connection that the server has closed
// counts as 0.
func (a *stranger) hold(head, body string) int {
	conn, err := a.dial()
	if err != nil {
		return 0
	}

	conn.SetDeadline(time.Now().Add(2 * time.Minute))
	if _, err := io.WriteString(conn, head+"\r\nHost: localhost\r\n"+body); err != nil {
		return 0
	}
	return readStatusCode(conn)
}

// readStatusCode reads the beginning of an answer; 0 = there is
// none.
func readStatusCode(conn net.Conn) int {
	head := make([]byte, len("HTTP/1.1 200"))
	if _, err := io.ReadFull(conn, head); err != nil {
		return 0
	}
	n, _ := strconv.Atoi(string(head[len("HTTP/1.1 "):]))
	return n
}

// repeat does something n times, some at a time, and counts the results.
func repeat(n, together int, do func(i int) int) map[int]int {
	var next atomic.Int64
	var mu sync.Mutex
	var all sync.WaitGroup
	counts := map[int]int{}
	for range together {
		all.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				code := do(int(i))
				mu.Lock()
				counts[code]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return counts
}

// post sends a small JSON call, and returns the status and the length of the
// answer.
func (a *stranger) post(path, body string) (int, int) {
	res, err := http.Post(a.server.base+path, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, 0
	}
	defer res.Body.Close()

	n, _ := io.Copy(io.Discard, res.Body)
	return res.StatusCode, int(n)
}

// unknownKeys is a JSON object of about size bytes that has no known field.
func unknownKeys(size int) string {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `"unknown%d":1,`, i)
	}
	return strings.TrimSuffix(b.String(), ",") + "}"
}

// attack does all at once, and returns when everything that is given is held.
func (a *stranger) attack() {
	reads, streams, bodies, views := attackSize()
	var all sync.WaitGroup
	check := func(what string, n, together int, do func(i int) int) {
		all.Go(func() {
			counts := repeat(n, together, do)
			a.t.Logf("%d %s: %v", n, what, counts)
			if counts[http.StatusTooManyRequests]+counts[http.StatusServiceUnavailable] == 0 {
				a.t.Errorf("none of %d %s was refused: %v", n, what, counts)
			}
		})
	}

	check("stalled reads", reads, 16, func(int) int {
		return a.hold("GET /api/v1/clips/"+a.clip+"/media/original?share="+a.token+" HTTP/1.1", "\r\n")
	})
	check("event streams", streams, 16, func(int) int { return a.hold("GET /api/v1/events?share="+a.token+" HTTP/1.1", "\r\n") })
	check("half-sent bodies", bodies, bodies, a.sendHalf)
	check("views", views, 16, func(i int) int {
		code, _ := a.post("/api/v1/clips/"+a.clip+"/views?share="+a.token, fmt.Sprintf(`{"session":"s%08d","ranges":[[0,100]]}`, i))
		return code
	})
	all.Go(func() {
		for path, size := range map[string]int{"/api/v1/session": 900_000, "/api/v1/setup": 15_000, "/api/v1/clips/" + a.clip + "/views?share=" + a.token: 60_000} {
			if code, n := a.post(path, unknownKeys(size)); code < 400 || code >= 500 || n > 8000 {
				a.t.Errorf("%d bytes of unknown keys to %s: %d, %d bytes", size, path, code, n)
			}
		}
	})
	all.Wait()
}

// sendHalf begins a sign-in whose body does not come to its end, and waits for
// the refusal. Every fourth body is a large one.
func (a *stranger) sendHalf(i int) int {
	conn, err := a.dial()
	if err != nil {
		return 0
	}

	size := 16_000
	if i%4 == 0 {
		size = 1_000_000
	}
	conn.SetDeadline(time.Now().Add(2 * time.Minute))
	fmt.Fprintf(conn, "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", size)
	io.WriteString(conn, strings.Repeat(" ", size*9/10)) // fails when it is refused meanwhile
	return readStatusCode(conn)
}

// leave closes all connections.
func (a *stranger) leave() {
	for _, conn := range a.open {
		conn.Close()
	}
}

var memoryLine = regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB`)

// peakMemory is the most memory that the server has had so far, in bytes.
func (s *testServer) peakMemory() int64 {
	s.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	m := memoryLine.FindSubmatch(b)
	if m == nil {
		s.t.Fatalf("no peak in %s", b)
	}
	kb, _ := strconv.ParseInt(string(m[1]), 10, 64)
	return kb << 10
}

// gauge reads a metric without labels.
func (s *testServer) gauge(name string) float64 {
	s.t.Helper()
	_, text := s.request(http.MethodGet, "/metrics", nil, nil)
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				s.t.Fatal(err)
			}
			return n
		}
	}
	s.t.Fatalf("no metric %s in %s", name, text)
	return 0
}

// awaitGauge returns once a metric is at most n.
func (s *testServer) awaitGauge(name string, n float64) {
	s.t.Helper()
	start := time.Now()
	for s.gauge(name) > n {
		if time.Since(start) > 90*time.Second {
			s.t.Fatalf("%s stays at %v", name, s.gauge(name))
		}
	}
}

// TestStrangerStarvesNobody: while one visitor of one link takes all they can
// get, members at the same address and at another go on as ever, the server's
// memory stays within a bound, and nothing remains of it afterwards.
func TestStrangerStarvesNobody(t *testing.T) {
	s := startServer(t, t.TempDir(), "--roles", "api,transcode,index").signIn()
	watched, upload := s.createRecording("camera", "video/webm")
	recording := readRecording(t, "vp8-opus.webm")
	if _, err := s.patchUpload(upload, 0, recording, int64(len(recording))); err != nil {
		t.Fatal(err)
	}
	s.awaitClip(watched, "playable", func(c clipView) bool { return c.Media["master"] != nil && c.Steps["transcode"].State == "done" })

	large, upload := s.createRecording("camera", "video/webm")
	if _, err := s.patchUpload(upload, 0, append(bytes.Clone(recording), make([]byte, 8<<20)...), 0); err != nil {
		t.Fatal(err)
	}
	var link struct{ Token string }
	s.callAPI(http.MethodPost, "/api/v1/clips/"+large+"/links", map[string]any{"allow_download": true}, &link)

	goroutines, memory := s.gauge("tidings_goroutines"), s.peakMemory()
	a := &stranger{t: t, server: s, clip: large, token: link.Token}
	held := make(chan struct{})
	var members sync.WaitGroup
	for _, address := range []string{"127.0.0.1", "127.0.0.2"} {
		m := newBusyMember(s, address, watched)
		members.Go(func() { m.work(held) })
	}
	a.attack()
	close(held)
	members.Wait()

	if grown := s.peakMemory() - memory; grown > attackMemory() {
		t.Errorf("the server's memory has grown by %d MiB", grown>>20)
	} else {
		t.Logf("the server's memory has grown by %d MiB", grown>>20)
	}

	a.leave()
	http.DefaultClient.CloseIdleConnections()
	for _, name := range []string{"tidings_event_streams", "tidings_media_reads", "tidings_request_bodies"} {
		s.awaitGauge(name, 0)
	}
	s.awaitGauge("tidings_goroutines", goroutines+200) // those of connections to the storage stay a while
	if code := a.hold("GET /api/v1/clips/"+large+"/media/original?share="+link.Token+" HTTP/1.1", "\r\n"); code != http.StatusOK {
		t.Errorf("the visitor's next read: %d", code)
	}
}
