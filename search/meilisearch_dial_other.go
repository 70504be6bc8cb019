//go:build !linux

package search

import (
	"context"
	"net"
)

// dialPrompt opens ordinary connections: only Linux has TCP_QUICKACK.
func dialPrompt(ctx context.Context, network, address string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, address)
}
