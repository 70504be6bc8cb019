package api_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/metrics"
)

// farListener has clients at 127.0.0.0/8 come from elsewhere: from 127.0.0.n they
// are at 203.0.113.n, from 127.0.1.n at 2001:db8::n.
type farListener struct{ net.Listener }

func (l farListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}

	from := c.RemoteAddr().(*net.TCPAddr)
	ip := from.IP.To4()
	far := &net.TCPAddr{IP: net.IPv4(203, 0, 113, ip[3]), Port: from.Port}
	if ip[2] == 1 {
		far.IP = net.ParseIP(fmt.Sprintf("2001:db8::%d", ip[3]))
	}
	return farConn{c, far}, nil
}

type farConn struct {
	net.Conn
	from net.Addr
}

func (c farConn) RemoteAddr() net.Addr { return c.from }

// connectionServer answers "/" at once, and "/held" when held is closed.
type connectionServer struct {
	*testing.T
	address string
	begun   chan struct{} // receives for each request of "/held"
	held    chan struct{}
	release func() // closes held
}

// startConnectionServer serves with room for 40 connections: 20 of an address, 10
// of them waiting. 203.0.113.9 is a trusted proxy.
func startConnectionServer(t *testing.T) *connectionServer {
	s := &connectionServer{T: t, begun: make(chan struct{}, 100), held: make(chan struct{})}
	s.release = sync.OnceFunc(func() { close(s.held) })
	cfg := api.Config{MaxConnections: 40, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("203.0.113.9/32")}, Log: slog.New(slog.DiscardHandler)}
	server := httptest.NewUnstartedServer(nil)
	server.Config = api.NewHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/held" {
			s.begun <- struct{}{}
			<-s.held
		}
		io.WriteString(w, "ok")
	}), cfg, metrics.New())
	s.address = server.Listener.Addr().String()
	server.Listener = api.StrictListener(farListener{server.Listener})
	server.Start()
	t.Cleanup(func() {
		s.release()
		server.Close()
	})
	return s
}

const wholeRequest = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

// dial opens a connection from an address, and sends what is given.
func (s *connectionServer) dial(from, text string) net.Conn {
	s.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.Dial("tcp", s.address)
	if err != nil {
		s.Fatal(err)
	}

	s.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	io.WriteString(c, text) // fails when it is closed already
	return c
}

// isAnswered sends the rest of a request, and reports whether it is answered.
func isAnswered(c net.Conn, rest string) bool {
	io.WriteString(c, rest)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err == nil && res.StatusCode == http.StatusOK
}

// mustBeClosed waits until the server has closed a connection.
func (s *connectionServer) mustBeClosed(c net.Conn) {
	s.Helper()
	if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
		s.Fatal("the connection stays open")
	}
}

// mustCloseMany waits until the server has closed n of the connections.
func (s *connectionServer) mustCloseMany(conns []net.Conn, n int) {
	s.Helper()
	closed := make(chan struct{}, len(conns))
	for _, c := range conns {
		go func() {
			if _, err := io.Copy(io.Discard, c); !errors.Is(err, os.ErrDeadlineExceeded) {
				closed <- struct{}{}
			}
		}()
	}

	for i := range n {
		select {
		case <-closed:
		case <-time.After(patience):
			s.Fatalf("%d of %d connections are closed", i, n)
		}
	}
}

// TestWaitingConnectionsAreBounded: connections of one address that have sent no
// request, half of one, or have got their answer, are closed when they are too
// many, the oldest first; those of others and requests in progress are not.
func TestWaitingConnectionsAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		from       string // with the number of the connection
		sent, rest string
		served     bool // what is sent is answered
	}{
		"new":           {"127.0.0.1", "", wholeRequest, false},
		"half a header": {"127.0.0.1", wholeRequest[:9], wholeRequest[9:], false},
		"idle":          {"127.0.0.1", wholeRequest, wholeRequest, true},
		"an IPv6 /64":   {"127.0.1.%d", "", wholeRequest, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := startConnectionServer(t)
			neighbour := s.dial("127.0.0.2", "")
			busy := s.dial(strings.ReplaceAll(c.from, "%d", "1"), "GET /held HTTP/1.1\r\nHost: x\r\n\r\n")
			<-s.begun

			var conns []net.Conn
			for i := range 50 {
				conn := s.dial(strings.ReplaceAll(c.from, "%d", fmt.Sprint(i+1)), c.sent)
				if c.served && !isAnswered(conn, "") {
					t.Fatalf("connection %d gets no answer", i)
				}
				conns = append(conns, conn)
			}

			if c.served { // when the server knows that it is idle is not seen here, so the order is not
				s.mustCloseMany(conns[:49], 35)
			} else {
				for _, conn := range conns[:35] {
					s.mustBeClosed(conn)
				}
			}
			if !isAnswered(conns[49], c.rest) {
				t.Error("the newest connection gets no answer")
			}
			if !isAnswered(neighbour, wholeRequest) {
				t.Error("the connection of another address gets no answer")
			}
			s.release()
			if !isAnswered(busy, "") {
				t.Error("the request in progress gets no answer")
			}
		})
	}
}

// TestBusyConnectionsLeaveRoom: an address whose connections all wait for answers
// cannot take those of others.
func TestBusyConnectionsLeaveRoom(t *testing.T) {
	s := startConnectionServer(t)
	for range 20 {
		s.dial("127.0.0.1", "GET /held HTTP/1.1\r\nHost: x\r\n\r\n")
		<-s.begun
	}

	s.mustBeClosed(s.dial("127.0.0.1", ""))
	if !isAnswered(s.dial("127.0.0.2", ""), wholeRequest) {
		t.Error("another address gets no answer")
	}
}

// TestConnectionsOfProxiesAreBounded: a trusted proxy, behind which everybody may
// be, is only limited by what the process can have open; also then the newest
// connections are served.
func TestConnectionsOfProxiesAreBounded(t *testing.T) {
	s := startConnectionServer(t)
	var conns []net.Conn
	for range 100 {
		conns = append(conns, s.dial("127.0.0.9", ""))
	}

	for _, conn := range conns[:60] {
		s.mustBeClosed(conn)
	}
	for i, conn := range conns[60:] {
		if !isAnswered(conn, wholeRequest) {
			t.Errorf("connection %d of the proxy gets no answer", 60+i)
		}
	}
}
