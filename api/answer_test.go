package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"tidings.example/tidings/tidings"
)

// rawHTTPClient neither unpacks bodies nor follows redirects.
var rawHTTPClient = &http.Client{
	Transport:     &http.Transport{DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// response is an HTTP response whose body was read to its end.
type response struct {
	testing.TB
	*http.Response
	body  []byte
	label string
}

// do sends a request and reads the response: a string or []byte is sent as it
// is, anything else as JSON.
func (c *client) do(method, path string, body any, header ...string) *response {
	c.w.Helper()
	res := c.sendRequest(method, path, body, header...)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	c.w.ok(err)
	return &response{TB: c.w, Response: res, body: got, label: method + " " + path}
}

// requestStatus is do for responses that may not end: the body is not read.
func (c *client) requestStatus(method, path string, body any, header ...string) int {
	c.w.Helper()
	res := c.sendRequest(method, path, body, header...)
	res.Body.Close()
	return res.StatusCode
}

func (c *client) sendRequest(method, path string, body any, header ...string) *http.Response {
	c.w.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	case []byte:
		r = bytes.NewReader(b)
	case io.Reader:
		r = b
	default:
		text, err := json.Marshal(b)
		c.w.ok(err)
		r = bytes.NewReader(text)
		header = append(header, "Content-Type: application/json")
	}

	res, err := rawHTTPClient.Do(c.newRequest(method, path, r, header...))
	c.w.ok(err)

	return res
}

func (c *client) get(path string, header ...string) *response {
	c.w.Helper()
	return c.do("GET", path, nil, header...)
}

// problem is the problem document (RFC 9457) that openapi.yaml describes.
type problem struct {
	Type, Title, Detail, Code string
	Status                    int
	RequestID                 string `json:"request_id"`
	Fields                    map[string]string
}

// is checks status and, for failures, the shape of the problem and its code.
func (a *response) is(status int, code string) *response {
	a.Helper()
	if a.StatusCode != status {
		a.Fatalf("%s: %d %s, want %d", a.label, a.StatusCode, a.body, status)
	}
	if a.Header.Get("X-Request-Id") == "" || a.Header.Get("X-Content-Type-Options") != "nosniff" {
		a.Fatalf("%s: headers %v", a.label, a.Header)
	}
	if status < 400 || code == "" {
		return a
	}
	if p := a.decodeProblem(); p.Code != code {
		a.Fatalf("%s: code %q, want %q: %s", a.label, p.Code, code, a.body)
	}

	return a
}

func (a *response) decodeProblem() problem {
	a.Helper()
	var p problem
	dec := json.NewDecoder(bytes.NewReader(a.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		a.Fatalf("%s: %v: %s", a.label, err, a.body)
	}
	if a.Header.Get("Content-Type") != "application/problem+json" || p.Type != "about:blank" || p.Status != a.StatusCode || p.Title == "" ||
		p.Detail == "" || p.RequestID != a.Header.Get("X-Request-Id") {
		a.Fatalf("%s: not a problem of the contract: %v %s", a.label, a.Header, a.body)
	}

	return p
}

// decodeJSON decodes a JSON answer.
func decodeJSON[T any](a *response) T {
	a.Helper()
	var v T
	if err := json.Unmarshal(a.body, &v); err != nil {
		a.Fatalf("%s: %v: %s", a.label, err, a.body)
	}
	return v
}

// has checks headers ("Name: value"; "Name:" = absent).
func (a *response) has(lines ...string) *response {
	a.Helper()
	for _, line := range lines {
		name, want, _ := strings.Cut(line, ":")
		if got := a.Header.Get(name); got != strings.TrimSpace(want) {
			a.Errorf("%s: %s is %q, want %q", a.label, name, got, strings.TrimSpace(want))
		}
	}
	return a
}

// clipJSON has the fields of a clip that tests check.
type clipJSON struct {
	ID        tidings.ID
	Title     string
	State     string
	Version   int64
	ShareURL  string  `json:"share_url"`
	UploadURL *string `json:"upload_url"`
	Media     map[string]*string
	Can       map[string]bool
	Steps     map[string]struct{ State string }
}

// createClip creates a clip as the client's user.
func (c *client) createClip(fields ...any) clipJSON {
	c.w.Helper()
	body := map[string]any{"workspace_id": c.w.ws, "kind": "screen"}
	for i := 0; i+1 < len(fields); i += 2 {
		body[fields[i].(string)] = fields[i+1]
	}
	return decodeJSON[clipJSON](c.do("POST", "/api/v1/clips", body).is(http.StatusCreated, ""))
}

type linkJSON struct {
	ID         tidings.ID
	Token, URL string
}

// createLink creates a share link.
func (c *client) createLink(clip tidings.ID, fields ...any) linkJSON {
	c.w.Helper()
	body := map[string]any{}
	for i := 0; i+1 < len(fields); i += 2 {
		body[fields[i].(string)] = fields[i+1]
	}
	return decodeJSON[linkJSON](c.do("POST", "/api/v1/clips/"+string(clip)+"/links", body).is(http.StatusCreated, ""))
}
