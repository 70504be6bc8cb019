package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"tidings.example/tidings/tidings"
)

// workCall is how long a call to the server may take, besides waiting for work.
const workCall = 30 * time.Second

// workServer is the server of a worker, over HTTP.
type workServer struct {
	base, token string
	http        *http.Client
}

// Claim implements transcribe.WorkServer.
func (s *workServer) Claim(ctx context.Context, e tidings.SpeechEngine, wait time.Duration) (w tidings.Work, ok bool, err error) {
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
	some, err := s.call(ctx, "claim", in, &out, wait)
	return tidings.Work{ID: out.ID, Language: out.Language, Vocabulary: out.Vocabulary, LeaseMS: out.LeaseMS}, some, err
}

// Audio implements transcribe.WorkServer.
func (s *workServer) Audio(ctx context.Context, id string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/api/v1/work/"+url.PathEscape(id)+"/audio", nil)
	if err != nil {
		return nil, err
	}
	res, err := s.do(req)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// Segments implements transcribe.WorkServer.
func (s *workServer) Segments(ctx context.Context, id string, segs []tidings.TranscriptSegment) error {
	all := make([]map[string]any, len(segs))
	for i, g := range segs {
		words := g.Words
		if words == nil {
			words = []tidings.Word{}
		}
		all[i] = map[string]any{"start_ms": g.StartMS, "end_ms": g.EndMS, "text": g.Text, "speaker": g.Speaker, "words": words}
	}
	return s.order(ctx, id, "segments", map[string]any{"segments": all})
}

// Renew implements transcribe.WorkServer.
func (s *workServer) Renew(ctx context.Context, id string) error {
	return s.order(ctx, id, "renew", nil)
}

// Done implements transcribe.WorkServer.
func (s *workServer) Done(ctx context.Context, id string, languages map[string]int) error {
	if languages == nil {
		languages = map[string]int{}
	}
	return s.order(ctx, id, "done", map[string]any{"languages": languages})
}

// Fail implements transcribe.WorkServer.
func (s *workServer) Fail(ctx context.Context, id, reason string, broken bool) error {
	return s.order(ctx, id, "fail", map[string]any{"reason": reason, "broken": broken})
}

func (s *workServer) order(ctx context.Context, id, what string, in any) error {
	_, err := s.call(ctx, url.PathEscape(id)+"/"+what, in, nil, 0)
	return err
}

// call posts to the server. some is false when it answered with nothing.
func (s *workServer) call(ctx context.Context, path string, in, out any, wait time.Duration) (some bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, wait+workCall)
	defer cancel()

	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return false, err
		}
		body = bytes.NewReader(b)
	}

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/api/v1/work/"+path, body)
	if err != nil {
		return false, err
	}

	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}

	res, err := s.do(req)
	if err != nil {
		return false, err
	}
	defer res.Body.Close()

	if res.StatusCode == http.StatusNoContent || out == nil {
		return false, nil
	}

	return true, json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(out)
}

func (s *workServer) do(req *http.Request) (*http.Response, error) {
	c := &client{base: s.base, token: s.token, http: s.http}
	res, err := c.do(req)
	if err == nil && res.StatusCode >= 300 {
		res.Body.Close()
		return nil, fmt.Errorf("%s answered %s", s.base, res.Status)
	}
	return res, err
}
