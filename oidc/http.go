package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	patience = 10 * time.Second // for one request to the provider
	maxBody  = 1 << 20          // bytes of an answer
)

// guard keeps requests to the provider on the straight path. The documents a
// provider publishes name further URLs; whoever writes those must not be able
// to reach what only this machine can reach (server-side request forgery).
type guard struct {
	issuer string // host name, whose address the operator has chosen
	// private: the issuer itself is in a private network, so its other hosts may be too.
	private atomic.Bool
}

// client follows no redirect, waits patience and reads maxBody.
func (g *guard) client() *http.Client {
	dial := func(issuer bool) func(context.Context, string, string) (net.Conn, error) {
		d := net.Dialer{Timeout: patience / 2, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error { return g.check(address, issuer) }}
		return d.DialContext
	}
	toIssuer, toOthers := dial(true), dial(false)
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if host, _, err := net.SplitHostPort(address); err == nil && host == g.issuer {
				return toIssuer(ctx, network, address)
			}
			return toOthers(ctx, network, address)
		},
		TLSHandshakeTimeout: patience / 2, ResponseHeaderTimeout: patience, IdleConnTimeout: time.Minute, MaxIdleConns: 10, ForceAttemptHTTP2: true,
	}

	return &http.Client{
		Transport: limited{transport}, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// check is asked with the address a name has led to, before the connection.
func (g *guard) check(address string, issuer bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}

	at := ap.Addr().Unmap().WithZone("")
	inside := at.IsLoopback() || at.IsPrivate()
	switch {
	case at.IsUnspecified(), at.IsMulticast(), at.IsLinkLocalUnicast(): // the latter is where clouds keep a machine's secrets
		return fmt.Errorf("%s is no address of a provider", at)
	case issuer:
		g.private.Store(inside)
	case inside && !g.private.Load():
		return fmt.Errorf("the provider is public, but names %s in a private network", at)
	}

	return nil
}

// limited refuses answers that are too long, and anything but https, except
// towards this very machine.
type limited struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := secure(r.URL); err != nil {
		return nil, err
	}
	res, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = &body{res.Body, maxBody}
	return res, nil
}

type body struct {
	io.ReadCloser
	left int
}

var errTooLong = errors.New("the provider's answer is too long")

func (b *body) Read(p []byte) (int, error) {
	if b.left <= 0 {
		var one [1]byte
		if n, err := b.ReadCloser.Read(one[:]); n == 0 {
			return 0, err
		}
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
