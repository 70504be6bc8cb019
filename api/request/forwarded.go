package request

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"
)

// ClientIP is the address of the client: of the connection, or, when a trusted
// proxy sent the request, of the last one in X-Forwarded-For (or Forwarded)
// that is no trusted proxy. An entry that is no address ends the search, since
// what stands before it cannot be attributed.
func (o *Origin) ClientIP(r *http.Request) string {
	at := peerAddr(r)
	if !at.IsValid() {
		return echo.ExtractIPDirect()(r)
	}

	nodes := forwardedNodes(r.Header)
	for i := len(nodes) - 1; i >= 0 && o.isTrustedProxy(at); i-- {
		before := parseNode(nodes[i])
		if !before.IsValid() {
			break
		}
		at = before
	}

	return at.String()
}

// forwardedProto is the scheme that the client used, as the outermost proxy
// says it: the first of X-Forwarded-Proto, or of Forwarded; "" when none says.
func forwardedProto(h http.Header) string {
	if list := splitList(h.Values("X-Forwarded-Proto"), ','); len(list) > 0 {
		return strings.ToLower(list[0])
	}
	if list := forwardedParameters(h, "proto"); len(list) > 0 {
		return strings.ToLower(list[0])
	}
	return ""
}

// forwardedNodes are the addresses that proxies have added, the client's first.
func forwardedNodes(h http.Header) []string {
	if list := splitList(h.Values("X-Forwarded-For"), ','); len(list) > 0 {
		return list
	}
	return forwardedParameters(h, "for")
}

// forwardedParameters are the values of one parameter in all elements of
// Forwarded (RFC 7239), "" for an element without it. Most proxies pass on
// unchanged what they do not write themselves, so Forwarded counts only when
// there is no X-Forwarded header.
func forwardedParameters(h http.Header, name string) []string {
	if h.Get("X-Forwarded-For") != "" || h.Get("X-Forwarded-Proto") != "" {
		return nil
	}

	var values []string
	for _, element := range splitList(h.Values("Forwarded"), ',') {
		found := ""
		for _, pair := range splitList([]string{element}, ';') {
			if key, value, ok := strings.Cut(pair, "="); ok && strings.EqualFold(strings.TrimSpace(key), name) {
				found = unquoteToken(strings.TrimSpace(value))
			}
		}
		values = append(values, found)
	}

	return values
}

// splitList splits the lines of a list header at a separator outside of quoted
// strings (RFC 9110 section 5.6), without empty elements.
func splitList(lines []string, separator byte) []string {
	text, start, quoted := strings.Join(lines, string(separator))+string(separator), 0, false
	var list []string
	for i := 0; i < len(text); i++ {
		switch {
		case quoted && text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		case text[i] == separator && !quoted:
			if element := strings.TrimSpace(text[start:i]); element != "" {
				list = append(list, element)
			}
			start = i + 1
		}
	}

	return list
}

// unquoteToken is the text of a quoted string, or the token as it is.
func unquoteToken(text string) string {
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return text
	}

	var b strings.Builder
	for inside := text[1 : len(text)-1]; inside != ""; inside = inside[1:] {
		if inside[0] == '\\' && len(inside) > 1 {
			inside = inside[1:]
		}
		b.WriteByte(inside[0])
	}

	return b.String()
}

// parseNode reads an address with or without a port and brackets (RFC 7239
// section 6). The result is invalid for "unknown" and obfuscated names.
func parseNode(text string) netip.Addr {
	if inside, ok := strings.CutPrefix(text, "["); ok {
		text, _, _ = strings.Cut(inside, "]")
	} else if strings.Count(text, ":") == 1 {
		text, _, _ = strings.Cut(text, ":")
	}
	at, _ := netip.ParseAddr(text)
	return at.Unmap().WithZone("")
}
