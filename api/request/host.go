package request

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// requestHost is the name and port of the URLs in answers when no public URL is
// configured. A client may send any Host header, so the name counts only when
// it is this machine's, one of a private network, or passed on by a trusted
// proxy. Otherwise host is the address the connection came in on.
func (o *Origin) requestHost(r *http.Request) string {
	if o.fromTrustedProxy(r) || isPrivateHost(r.Host) {
		return r.Host
	}

	at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return "localhost"
	}
	if r.Host == at.String() {
		return r.Host
	}

	o.hostWarnOnce.Do(func() {
		o.log.Warn("a request names a host that may be anybody's: set public-url to the one people use", "host", r.Host)
	})

	return at.String()
}

// privateZones are domains that cannot be registered: RFC 6761, RFC 6762, RFC
// 8375, and those that ICANN has reserved or home routers use.
var privateZones = []string{".localhost", ".local", ".home.arpa", ".internal", ".lan", ".home", ".corp"}

// isPrivateHost reports whether host[:port] is well formed and no public name.
func isPrivateHost(hostport string) bool {
	name := hostport
	if h, port, err := net.SplitHostPort(hostport); err == nil {
		if !IsPort(port) {
			return false
		}
		name = h
	} else if strings.ContainsAny(strings.Trim(hostport, "[]"), ":") && !strings.HasPrefix(hostport, "[") {
		return false
	}

	name = strings.ToLower(strings.Trim(name, "[]"))
	if at, err := netip.ParseAddr(name); err == nil {
		at = at.Unmap()
		return at.Zone() == "" && (at.IsLoopback() || at.IsPrivate() || at.IsLinkLocalUnicast())
	}
	if !IsHostName(name) {
		return false
	}
	if !strings.Contains(name, ".") {
		return true // "localhost", "nas": a name without a dot is no public one
	}

	for _, zone := range privateZones {
		if strings.HasSuffix(name, zone) {
			return true
		}
	}

	return false
}

// IsHostName reports whether name has the letters of a host name (RFC 1123
// section 2.1, and the underscore of container names).
func IsHostName(name string) bool {
	if name == "" || len(name) > 253 || strings.HasPrefix(name, ".") || strings.Contains(name, "..") {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
	})
}

// IsPort reports whether text may be a port: one to five digits.
func IsPort(text string) bool {
	return text != "" && len(text) <= 5 && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}
