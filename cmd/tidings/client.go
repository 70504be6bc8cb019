package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// client talks to a running server by its HTTP API, for the subcommands that
// a person runs on their own machine. TIDINGS_URL and TIDINGS_TOKEN say where
// and as whom.
type client struct {
	base  string
	token string
	http  *http.Client
}

func newClient(getenv func(string) string) (*client, error) {
	c := &client{base: strings.TrimRight(getenv("TIDINGS_URL"), "/"), token: getenv("TIDINGS_TOKEN"), http: &http.Client{}}
	if c.base == "" {
		c.base = "http://localhost:8080"
	}
	if c.token == "" {
		return nil, errors.New("TIDINGS_TOKEN is not set; make a token with `tidings token create --user EMAIL` or on the settings page")
	}
	return c, nil
}

// callTime is how long a call without a file in it may take.
const callTime = 30 * time.Second

// call sends in as JSON (nil = no body) and decodes the answer into out.
func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	return c.callOnce(ctx, method, path, "", in, out)
}

// callOnce is call with an Idempotency-Key: asked again with the same key and
// request, the server answers as it did the first time. "" is no key.
func (c *client) callOnce(ctx context.Context, method, path, key string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
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

	res, err := c.do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()

	if out == nil {
		return nil
	}

	return json.NewDecoder(res.Body).Decode(out)
}

// do sends a request with the token and turns a problem into an error.
func (c *client) do(req *http.Request) (*http.Response, error) {
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
		return nil, tidings.Errorf(bareKind(res), "the server answered %s", res.Status)
	}

	return nil, tidings.Errorf(p.Code, "%s", p.Detail)
}

// bareKind is the kind of an answer without a problem in it. It comes from
// something before the server, such as a proxy while that restarts, unless it
// is the server's answer to a HEAD of tus, which has no body.
func bareKind(res *http.Response) tidings.Kind {
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

// workspace is the first workspace of the caller.
func (c *client) workspace(ctx context.Context) (string, error) {
	all, err := c.workspaces(ctx)
	if err != nil {
		return "", err
	}
	return all[0], nil
}

// workspaces are the ids of the workspaces of the caller, at least one.
func (c *client) workspaces(ctx context.Context) ([]string, error) {
	var me struct {
		Workspaces []struct {
			ID string `json:"id"`
		} `json:"workspaces"`
	}
	if err := c.call(ctx, http.MethodGet, "/api/v1/me", nil, &me); err != nil {
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

func searchCommand(ctx context.Context, c *cli, args []string) error {
	if len(args) == 0 {
		return errors.New("what should be found? usage: tidings search WORDS")
	}

	cl, err := newClient(c.getenv)
	if err != nil {
		return err
	}

	ws, err := cl.workspace(ctx)
	if err != nil {
		return err
	}

	var found struct {
		Items []struct {
			Clip    struct{ Title string } `json:"clip"`
			Moments []struct {
				Source      string `json:"source"`
				StartMS     int64  `json:"start_ms"`
				SnippetHTML string `json:"snippet_html"`
				URL         string `json:"url"`
			} `json:"moments"`
		} `json:"items"`
	}

	q := url.Values{"workspace": {ws}, "q": {strings.Join(args, " ")}}
	if err := cl.call(ctx, http.MethodGet, "/api/v1/search?"+q.Encode(), nil, &found); err != nil {
		return err
	}

	if len(found.Items) == 0 {
		fmt.Fprintln(c.out, "Nothing found.")
	}

	for _, item := range found.Items {
		fmt.Fprintln(c.out, item.Clip.Title)
		for _, m := range item.Moments {
			fmt.Fprintf(c.out, "  %s  %s\n         %s%s\n", clockTime(m.StartMS), plain(m.SnippetHTML), cl.base, m.URL)
		}
	}

	return nil
}

// plain turns a snippet into text for a terminal: the marks become *stars*,
// the four escapes become their characters.
func plain(snippet string) string {
	return strings.NewReplacer("<mark>", "*", "</mark>", "*", "&lt;", "<", "&gt;", ">", "&#34;", `"`, "&quot;", `"`, "&#39;", "'", "&amp;", "&").Replace(snippet)
}

// clockTime writes a position as m:ss or h:mm:ss.
func clockTime(ms int64) string {
	s := ms / 1000
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

func sentence(err error) string {
	if tidings.KindOf(err) != tidings.KindInternal {
		return tidings.Sentence(err)
	}
	return err.Error()
}
