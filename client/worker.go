package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// workTimeout is how long a call may take, besides the wait for work.
const workTimeout = 30 * time.Second

// WorkServer makes the calls of a remote worker. It implements
// transcribe.WorkServer.
type WorkServer struct{ client *Client }

// NewWorkServer makes the client for a URL that CheckURL returned.
func NewWorkServer(url, token string) *WorkServer {
	return &WorkServer{New(Config{URL: url, Token: token, HTTP: newWorkHTTPClient()})}
}

// Claim implements transcribe.WorkServer.
func (s *WorkServer) Claim(ctx context.Context, e tidings.SpeechEngine, wait time.Duration) (w tidings.Work, ok bool, err error) {
	languages := e.Languages
	if languages == nil {
		languages = []string{}
	}

	in := map[string]any{"engine": e.Name, "model": e.Model, "languages": languages, "punctuation": e.Punctuation, "wait_s": int(wait.Seconds())}
	var out struct {
		ID         string   `json:"id"`
		Language   string   `json:"language"`
		Vocabulary []string `json:"vocabulary"`
		LeaseMS    int64    `json:"lease_ms"`
	}
	ok, err = s.postWork(ctx, "claim", in, &out, wait)
	return tidings.Work{ID: out.ID, Language: out.Language, Vocabulary: out.Vocabulary, LeaseMS: out.LeaseMS}, ok, err
}

// Audio implements transcribe.WorkServer.
func (s *WorkServer) Audio(ctx context.Context, id string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.client.base+"/api/v1/work/"+url.PathEscape(id)+"/audio", nil)
	if err != nil {
		return nil, err
	}
	res, err := s.sendRequest(req)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// Segments implements transcribe.WorkServer.
func (s *WorkServer) Segments(ctx context.Context, id string, segs []tidings.TranscriptSegment) error {
	all := make([]map[string]any, len(segs))
	for i, g := range segs {
		words := g.Words
		if words == nil {
			words = []tidings.Word{}
		}
		all[i] = map[string]any{"start_ms": g.StartMS, "end_ms": g.EndMS, "text": g.Text, "speaker": g.Speaker, "words": words}
	}
	return s.postAction(ctx, id, "segments", map[string]any{"segments": all})
}

// Renew implements transcribe.WorkServer.
func (s *WorkServer) Renew(ctx context.Context, id string) error {
	return s.postAction(ctx, id, "renew", nil)
}

// Done implements transcribe.WorkServer.
func (s *WorkServer) Done(ctx context.Context, id string, languages map[string]int) error {
	if languages == nil {
		languages = map[string]int{}
	}
	return s.postAction(ctx, id, "done", map[string]any{"languages": languages})
}

// Fail implements transcribe.WorkServer.
func (s *WorkServer) Fail(ctx context.Context, id, reason string, broken bool) error {
	return s.postAction(ctx, id, "fail", map[string]any{"reason": reason, "broken": broken})
}

// postAction sends a POST about a piece of work.
func (s *WorkServer) postAction(ctx context.Context, id, action string, in any) error {
	_, err := s.postWork(ctx, url.PathEscape(id)+"/"+action, in, nil, 0)
	return err
}

// postWork sends a POST below /api/v1/work/. ok is false when the response is
// empty (204). The call may take wait longer than usual.
func (s *WorkServer) postWork(ctx context.Context, path string, in, out any, wait time.Duration) (ok bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, wait+workTimeout)
	defer cancel()

	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return false, err
		}
		body = bytes.NewReader(b)
	}

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.client.base+"/api/v1/work/"+path, body)
	if err != nil {
		return false, err
	}

	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}

	res, err := s.sendRequest(req)
	if err != nil {
		return false, err
	}
	defer res.Body.Close()

	if res.StatusCode == http.StatusNoContent || out == nil {
		return false, nil
	}

	return true, json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(out)
}

func (s *WorkServer) sendRequest(req *http.Request) (*http.Response, error) {
	res, err := s.client.sendRequest(req)
	if err == nil && res.StatusCode >= 300 {
		res.Body.Close()
		return nil, fmt.Errorf("%s answered %s", s.client.base, res.Status)
	}
	return res, err
}

// CheckURL normalises the URL of a server. It requires https, which protects
// audio and token, unless the server is on this machine or plain is set.
func CheckURL(text string, plain bool) (string, error) {
	u, err := url.Parse(serverURL(text))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || strings.Contains(text, "?") {
		return "", fmt.Errorf("--server: %q is not an address such as https://tidings.example", text)
	}
	addr, err := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || err == nil && addr.IsLoopback()
	if u.Scheme == "http" && !local && !plain {
		return "", errors.New("--server: https is needed, so that nobody on the way hears the clips; --plain-http if the way is safe, as in a VPN")
	}
	return u.String(), nil
}

// newWorkHTTPClient has timeouts for connecting, but none for responses: audio may
// arrive as slowly as it is recorded.
func newWorkHTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
			TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: 30 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // never send the token to another host
	}
}
