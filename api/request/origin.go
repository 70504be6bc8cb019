package request

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
)

// Origin is the URL clients reach this server by, and the trusted proxies in
// front of it.
type Origin struct {
	public         *url.URL // nil = as the request says
	trustedProxies []netip.Prefix
	log            *slog.Logger
	hostWarnOnce   sync.Once // the warning about an untrusted Host header
}

// NewOrigin parses the public URL ("" = as each request says). The X-Forwarded
// headers of trustedProxies, and their Forwarded, are believed.
func NewOrigin(publicURL string, trustedProxies []netip.Prefix, log *slog.Logger) (*Origin, error) {
	public, err := parsePublicURL(publicURL)
	return &Origin{public: public, trustedProxies: trustedProxies, log: log}, err
}

// PublicURL is the configured URL of this server, and nil when there is none.
func (o *Origin) PublicURL() *url.URL { return o.public }

func parsePublicURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("public URL: %q is not http(s)://host", text)
	}
	return u, nil
}

// peerAddr is the address at the other end of the connection.
func peerAddr(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

// fromTrustedProxy reports whether the connection is one of a trusted proxy.
func (o *Origin) fromTrustedProxy(r *http.Request) bool { return o.isTrustedProxy(peerAddr(r)) }

func (o *Origin) isTrustedProxy(at netip.Addr) bool {
	for _, p := range o.trustedProxies {
		if p.Contains(at) {
			return true
		}
	}
	return false
}

// IsBehindProxy reports whether the settings name a proxy that the request may
// have come through: one at its address, or any that serves a public URL. A
// proxy need not mark what it passes on (nginx does not by itself), so such a
// request proves nothing by coming over loopback.
func (o *Origin) IsBehindProxy(r *http.Request) bool {
	return o.fromTrustedProxy(r) || o.public != nil && !IsLoopbackHost(o.public.Host)
}

// IsHTTPS reports whether the client speaks https, at least up to the proxy. An
// https public URL says so for every request: the proxy may say nothing, or
// pass on what an inner proxy said. (Browsers keep Secure cookies of
// http://localhost too.)
func (o *Origin) IsHTTPS(r *http.Request) bool {
	if r.TLS != nil || o.public != nil && o.public.Scheme == "https" {
		return true
	}
	return o.fromTrustedProxy(r) && forwardedProto(r.Header) == "https"
}

// BaseURL is the URL clients reach this server by, without a slash at the end.
func (o *Origin) BaseURL(r *http.Request, secure bool) string {
	if o.public != nil {
		return o.public.String()
	}
	if secure {
		return "https://" + o.requestHost(r)
	}
	return "http://" + o.requestHost(r)
}

// IsLocal reports whether the request was made on this machine, by a client
// that may be its operator: over loopback, to a loopback name (a page of another
// site cannot send that: DNS rebinding), and not passed on by a proxy. nginx
// without settings marks what it passes on by HTTP/1.0 alone.
func IsLocal(r *http.Request) bool {
	if r.URL.Host != "" || !r.ProtoAtLeast(1, 1) {
		return false
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}

	return IsLoopbackHost(r.Host) && peerAddr(r).IsLoopback()
}

// IsLoopbackHost reports whether host[:port] is "localhost" or an address of
// loopback.
func IsLoopbackHost(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}

	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	at, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && at.Unmap().IsLoopback()
}
