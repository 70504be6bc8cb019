package api

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

func publicURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("public URL: %q is not http(s)://host", text)
	}
	return u, nil
}

// ipExtractor believes the connection's address, or X-Forwarded-For from the
// proxies named and nobody else.
func ipExtractor(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		p = p.Masked()
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP: net.IP(p.Addr().AsSlice()), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// peer is the address at the other end of the connection.
func peer(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

func (s *server) fromProxy(r *http.Request) bool {
	at := peer(r)
	for _, p := range s.TrustedProxies {
		if p.Contains(at) {
			return true
		}
	}
	return false
}

// https reports whether the browser speaks https, as far as we can tell.
func (s *server) https(r *http.Request) bool {
	switch {
	case r.TLS != nil:
		return true
	case s.fromProxy(r) && r.Header.Get("X-Forwarded-Proto") != "":
		return r.Header.Get("X-Forwarded-Proto") == "https"
	}
	return s.public != nil && s.public.Scheme == "https" && strings.EqualFold(r.Host, s.public.Host)
}

// base is the URL people reach us by, without a slash at the end.
func (s *server) base(r *http.Request, secure bool) string {
	if s.public != nil {
		return s.public.String()
	}
	if secure {
		return "https://" + s.host(r)
	}
	return "http://" + s.host(r)
}

// local reports whether the request was made on this very machine by somebody
// who may be its operator: over loopback, to a loopback name (a page of another
// site cannot send that: DNS rebinding), and not handed on by a proxy.
func local(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}

	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}

	host = strings.Trim(host, "[]")
	at, err := netip.ParseAddr(host)
	named := strings.EqualFold(host, "localhost") || err == nil && at.Unmap().IsLoopback()
	return named && peer(r).IsLoopback()
}
