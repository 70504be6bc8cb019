package api

import (
	"context"
	"net"
	"syscall"
)

const (
	tcpNotSentLowAt = 25        // TCP_NOTSENT_LOWAT of linux/tcp.h
	maxUnsent       = 128 << 10 // bytes
)

// limitSendBuffer bounds what the kernel keeps of answers that the client has no
// room for. By default that may be 4 MB a connection, of which a third has to
// drain before a write goes on: memory that stalled readers hold, and many
// seconds in which a slow reader seems to take nothing. Bytes on their way to the
// client do not count, so that fast connections stay fast.
func limitSendBuffer(ctx context.Context, conn net.Conn) context.Context {
	raw, ok := conn.(syscall.Conn)
	if !ok {
		return ctx
	}
	if c, err := raw.SyscallConn(); err == nil {
		// The option is an optimization: an old kernel does without.
		_ = c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpNotSentLowAt, maxUnsent) })
	}
	return ctx
}
