package postgrestest

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Proxy is a network between a process and a server, which can be cut.
type Proxy struct {
	listener net.Listener
	socket   string // of the server

	mu    sync.Mutex
	isCut bool
	conns []net.Conn
}

// NewProxy makes a network to the server; it goes when the test ends.
func (s *Server) NewProxy(t testing.TB) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	p := &Proxy{listener: l, socket: filepath.Join(s.dir, ".s.PGSQL.5432")}
	t.Cleanup(func() {
		l.Close()
		p.Cut()
	})
	go p.acceptConnections()
	return p
}

// Address is that of a database of the server by way of the network.
func (p *Proxy) Address(database string) string {
	host, port, _ := strings.Cut(p.listener.Addr().String(), ":")
	return fmt.Sprintf("%s host=%s port=%s sslmode=disable", database, host, port)
}

// Cut ends all connections, and those that are made until Mend.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isCut = true
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

// Mend lets connections through again.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isCut = false
}

func (p *Proxy) acceptConnections() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		if err := p.forwardConnection(client); err != nil {
			client.Close()
		}
	}
}

func (p *Proxy) forwardConnection(client net.Conn) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isCut {
		return net.ErrClosed
	}

	server, err := net.Dial("unix", p.socket)
	if err != nil {
		return err
	}
	p.conns = append(p.conns, client, server)

	for _, pair := range [][2]net.Conn{{client, server}, {server, client}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1]) // ends with either connection
			client.Close()
			server.Close()
		}()
	}
	return nil
}
