package search

import (
	"context"
	"net"
	"syscall"
)

// dialPrompt opens connections whose answers are acknowledged at once.
// Meilisearch sends an answer of more than a few hits in two pieces, and the
// second one only when the first is acknowledged (Nagle's algorithm, RFC 9293,
// 3.7.4), which Linux otherwise puts off for 40 ms.
func dialPrompt(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		if raw, err := tcp.SyscallConn(); err == nil {
			return &promptConn{tcp, raw}, nil
		}
	}
	return conn, nil
}

// promptConn asks for prompt acknowledgement with each request: the kernel
// forgets the wish when data is sent (tcp(7), TCP_QUICKACK).
type promptConn struct {
	*net.TCPConn
	raw syscall.RawConn
}

func (c *promptConn) Write(p []byte) (int, error) {
	n, err := c.TCPConn.Write(p)
	_ = c.raw.Control(func(fd uintptr) { // without it, responses only take longer
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
	return n, err
}
