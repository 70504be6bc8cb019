package api

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// host is the name and port that go into addresses we hand out, when no public
// URL is set. Whoever sends a request may write any name into it, so a name
// counts only when it cannot be a stranger's: this machine's, one of a private
// network, or one that a trusted proxy passes on. Else it is the address the
// connection came in on.
func (s *server) host(r *http.Request) string {
	if s.fromProxy(r) || private(r.Host) {
		return r.Host
	}

	at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return "localhost"
	}
	if r.Host == at.String() {
		return r.Host
	}

	s.odd.Do(func() {
		s.Log.Warn("a request names a host that may be anybody's: set public-url to the one people use", "host", r.Host)
	})

	return at.String()
}

// privateZones are names that nobody can own on the Internet: RFC 6761, RFC
// 6762, RFC 8375, and those ICANN has set aside or home routers use.
var privateZones = []string{".localhost", ".local", ".home.arpa", ".internal", ".lan", ".home", ".corp"}

// private reports whether host[:port] is well formed and no public name.
func private(hostport string) bool {
	name := hostport
	if h, port, err := net.SplitHostPort(hostport); err == nil {
		if !digits(port) {
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
	if !wellFormed(name) {
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

// wellFormed reports whether name has the letters of a host name (RFC 1123
// section 2.1, and the underscore of container names).
func wellFormed(name string) bool {
	if name == "" || len(name) > 253 || strings.HasPrefix(name, ".") || strings.Contains(name, "..") {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
	})
}

func digits(text string) bool {
	return text != "" && len(text) <= 5 && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}
