// Package request is what handlers know of the request they serve: its id, log,
// subject, credentials, client address and the URL clients reach the server by.
package request

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"tidings.example/tidings/tidings"
)

// State is what is known of one request while it is served: its subject, its
// credentials, and its log. The handlers of JSON calls take it from their
// context.
type State struct {
	ID          string // request id
	Log         *slog.Logger
	Writer      http.ResponseWriter // of net/http: contexts outlive requests, and echo reuses its own
	Request     *http.Request
	Secure      bool   // https, at least up to the proxy
	BaseURL     string // "https://host", without a slash at the end
	ClientIP    string
	Subject     tidings.Subject
	Credentials Credentials
	ClientGone  bool // the client closed the connection
	SignIn      SignIn
}

// SignIn is the person who signs in by this request, and how.
type SignIn struct {
	UserID tidings.ID
	Method tidings.SignInMethod
}

type stateKey struct{}

// WithState is ctx with the state of its request.
func WithState(ctx context.Context, k *State) context.Context {
	return context.WithValue(ctx, stateKey{}, k)
}

// FromContext is the state of the request. A request that never passed the
// first middleware has an empty one.
func FromContext(ctx context.Context) *State {
	if k, ok := ctx.Value(stateKey{}).(*State); ok {
		return k
	}
	return &State{Log: slog.New(slog.DiscardHandler)}
}

// SubjectOf is the subject of the request.
func SubjectOf(ctx context.Context) tidings.Subject { return FromContext(ctx).Subject }

// ShareToken is the link token of the request, for the URLs in its answer.
func (k *State) ShareToken() string {
	if k.Subject.Link == nil {
		return ""
	}
	return k.Credentials.Share
}

// Credentials are those of a request, kept so that long answers can check
// again whether they are still valid.
type Credentials struct {
	Session   string // session cookie
	TokenHash []byte // SHA-256 of an API token
	Share     string // token of a share link
}

// Network is the prefix of a client's address that is stored with sessions and
// audit entries (IPv4 /24, IPv6 /48): enough to notice an unfamiliar network,
// not enough to identify a household.
func Network(ip string) string {
	at, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}

	at, bits := at.Unmap().WithZone(""), 48
	if at.Is4() {
		bits = 24
	}

	p, err := at.Prefix(bits)
	if err != nil {
		return ""
	}

	return p.String()
}

// MediaURL is the path of a file of a clip, with the share token of the request.
func (k *State) MediaURL(clip tidings.ID, name string) *string {
	return new("/api/v1/clips/" + string(clip) + "/media/" + name + k.ShareSuffix())
}

// ShareSuffix is the query that carries the share token on, and "" without one.
func (k *State) ShareSuffix() string {
	if t := k.ShareToken(); t != "" {
		return "?share=" + url.QueryEscape(t)
	}
	return ""
}

// IsCleanText reports whether text is UTF-8 without control characters.
func IsCleanText(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f })
}

// LocalPath is text if it is a path of this server, else "". It keeps a redirect
// after a sign-in from leading to another site (open redirect).
func LocalPath(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") ||
		strings.Contains(text, `\`) || !IsCleanText(text) || strings.ContainsAny(text, "\r\n\t") {
		return ""
	}
	return text
}
