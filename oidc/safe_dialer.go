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
	requestTimeout = 10 * time.Second // of one request to the provider
	maxResponse    = 1 << 20          // bytes of a response
)

// safeDialer prevents server-side request forgery: the provider's documents name
// further URLs, whose author must not reach hosts that only this machine can
// reach.
type safeDialer struct {
	issuer string // host name; its address is trusted, because the operator has configured it
	// The issuer itself is in a private network, so its other hosts may be too.
	issuerPrivate atomic.Bool
}

// newHTTPClient makes a client that follows no redirects and limits the time of a
// request and the size of a response.
func (d *safeDialer) newHTTPClient() *http.Client {
	dial := func(issuer bool) func(context.Context, string, string) (net.Conn, error) {
		dialer := net.Dialer{Timeout: requestTimeout / 2, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			return d.checkAddress(address, issuer)
		}}
		return dialer.DialContext
	}
	toIssuer, toOthers := dial(true), dial(false)
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if host, _, err := net.SplitHostPort(address); err == nil && host == d.issuer {
				return toIssuer(ctx, network, address)
			}
			return toOthers(ctx, network, address)
		},
		TLSHandshakeTimeout: requestTimeout / 2, ResponseHeaderTimeout: requestTimeout, IdleConnTimeout: time.Minute, MaxIdleConns: 10, ForceAttemptHTTP2: true,
	}

	return &http.Client{
		Transport: limitedTransport{transport}, Timeout: requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// checkAddress rejects an address before the connection to it. It is called after
// name resolution, so the answers of a DNS server cannot bypass it.
func (d *safeDialer) checkAddress(address string, issuer bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}

	at := ap.Addr().Unmap().WithZone("")
	internal := at.IsLoopback() || at.IsPrivate()
	switch {
	case at.IsUnspecified(), at.IsMulticast(), at.IsLinkLocalUnicast(): // link-local: metadata services of clouds
		return fmt.Errorf("%s is no address of a provider", at)
	case issuer:
		d.issuerPrivate.Store(internal)
	case internal && !d.issuerPrivate.Load():
		return fmt.Errorf("the provider is public, but names %s in a private network", at)
	}

	return nil
}

// limitedTransport limits the size of responses and requires https, except for
// this machine.
type limitedTransport struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (l limitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := requireHTTPS(r.URL); err != nil {
		return nil, err
	}
	res, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = &limitedBody{res.Body, maxResponse}
	return res, nil
}

// limitedBody returns errResponseTooLong after left bytes.
type limitedBody struct {
	io.ReadCloser
	left int
}

var errResponseTooLong = errors.New("the provider's answer is too long")

func (b *limitedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		var one [1]byte
		if n, err := b.ReadCloser.Read(one[:]); n == 0 {
			return 0, err
		}
		return 0, errResponseTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
