// Package client talks to a running server by its HTTP API, for the commands
// that a person runs on their own machine: searching, uploading files and
// folders, and transcribing for a server (worker).
package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"tidings.example/tidings/tidings"
)

// DefaultURL is the address of a server on this machine.
const DefaultURL = "http://localhost:8080"

// Config says which server to talk to, and with which token.
type Config struct {
	URL   string // of the server, or its host:port; "" = DefaultURL
	Token string // an API token

	// HTTP sends the requests; nil = a client without a timeout of its own.
	HTTP *http.Client
	// Sniff returns an error for the first bytes of a file that is no
	// recording. Pushing needs it.
	Sniff func(head []byte) error
}

// Client is a client of one server. It is safe for concurrent use.
type Client struct {
	base  string
	token string
	http  *http.Client
	sniff func(head []byte) error

	chunkSize atomic.Int64 // of uploads, in bytes
}

// New makes a client and sends nothing.
func New(c Config) *Client {
	cl := &Client{base: serverURL(c.URL), token: c.Token, http: c.HTTP, sniff: c.Sniff}
	if cl.http == nil {
		cl.http = &http.Client{}
	}

	cl.chunkSize.Store(maxChunkSize)
	return cl
}

// serverURL is the URL of a server without a slash at its end. An address
// without a scheme is one of https, unless it can only be of this machine or of
// a private network.
func serverURL(address string) string {
	address = strings.Trim(strings.TrimSpace(address), "/")
	if u, err := url.Parse(address); err == nil && strings.Contains(address, "://") {
		// A page's address, as a browser shows it, is of its server.
		return (&url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}).String()
	}
	if address == "" || strings.Contains(address, "://") {
		return cmp.Or(address, DefaultURL)
	}
	address, _, _ = strings.Cut(address, "/")

	u, err := url.Parse("http://" + address)
	if err == nil && u.Port() != "443" && isPrivateName(u.Hostname()) {
		return "http://" + address
	}

	return "https://" + address
}

// isPrivateName reports whether a host is no public one: loopback, a private
// address, a name without a dot or of a zone that cannot be registered.
func isPrivateName(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	for _, zone := range []string{".localhost", ".local", ".lan", ".internal", ".home.arpa"} {
		if strings.HasSuffix(host, zone) {
			return true
		}
	}
	return !strings.Contains(host, ".")
}

// URL is the address of the server.
func (c *Client) URL() string { return c.base }

// callTimeout is how long a call may take that carries no file.
const callTimeout = 30 * time.Second

// callJSON sends in as JSON (nil = no body) and decodes the response into out
// (nil = ignore it).
func (c *Client) callJSON(ctx context.Context, method, path string, in, out any) error {
	return c.callIdempotent(ctx, method, path, "", in, out)
}

// callIdempotent is callJSON with an Idempotency-Key: the server answers a repeated
// request with the same key as it did the first one. "" = no key.
func (c *Client) callIdempotent(ctx context.Context, method, path, key string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()

	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}

	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}

	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}

	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}

	res, err := c.sendRequest(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()

	if out == nil {
		return nil
	}

	return json.NewDecoder(res.Body).Decode(out)
}

// sendRequest sends a request with the token. A problem (RFC 9457) in the response
// becomes a tidings.Error of its kind.
func (c *Client) sendRequest(req *http.Request) (*http.Response, error) {
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s does not answer: %w", c.base, err)
	}
	if res.StatusCode < 400 {
		return res, nil
	}
	defer res.Body.Close()

	var p struct {
		Detail string       `json:"detail"`
		Code   tidings.Kind `json:"code"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(&p); err != nil || p.Detail == "" {
		return nil, proxyError(res)
	}

	return nil, tidings.Errorf(p.Code, "%s", p.Detail)
}

// errProxyLimit says that a proxy takes less in one request.
var errProxyLimit = errors.New("the proxy's limit of a request")

// proxyError is the error of a response without a problem in it.
func proxyError(res *http.Response) error {
	if res.StatusCode == http.StatusRequestEntityTooLarge {
		return tidings.Wrap(errProxyLimit, tidings.KindTooLarge,
			"The proxy in front of the server refuses a request of this size. Raise its limit (nginx: client_max_body_size).")
	}
	return tidings.Errorf(kindOfStatus(res), "the server answered %s", res.Status)
}

// kindOfStatus is the kind of an error response without a problem in it. Such a
// response comes from a proxy, so it is KindUnavailable, except for responses to
// HEAD requests of tus, which have no body.
func kindOfStatus(res *http.Response) tidings.Kind {
	if res.Request.Method == http.MethodHead && res.Header.Get("Tus-Resumable") != "" {
		switch res.StatusCode {
		case http.StatusUnauthorized:
			return tidings.KindUnauthenticated
		case http.StatusForbidden:
			return tidings.KindForbidden
		case http.StatusNotFound:
			return tidings.KindNotFound
		case http.StatusGone:
			return tidings.KindGone
		}
	}
	return tidings.KindUnavailable
}

// firstWorkspace is the id of the caller's first workspace.
func (c *Client) firstWorkspace(ctx context.Context) (string, error) {
	all, err := c.listWorkspaces(ctx)
	if err != nil {
		return "", err
	}
	return all[0], nil
}

// listWorkspaces returns the ids of the caller's workspaces, at least one.
func (c *Client) listWorkspaces(ctx context.Context) ([]string, error) {
	var me struct {
		Workspaces []struct {
			ID string `json:"id"`
		} `json:"workspaces"`
	}
	if err := c.callJSON(ctx, http.MethodGet, "/api/v1/me", nil, &me); err != nil {
		return nil, err
	}
	if len(me.Workspaces) == 0 {
		return nil, errors.New("you are in no workspace yet")
	}

	var out []string
	for _, ws := range me.Workspaces {
		out = append(out, ws.ID)
	}

	return out, nil
}
