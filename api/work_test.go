package api_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// fakeWorkers hands out one piece of work and records calls.
type fakeWorkers struct {
	work          tidings.Work
	engine        tidings.SpeechEngine
	segments      []tidings.TranscriptSegment
	calls         []string
	waitForCancel bool // claims wait until their context ends
}

func (h *fakeWorkers) Claim(ctx context.Context, _ string, e tidings.SpeechEngine, _ time.Duration) (tidings.Work, bool) {
	if h.engine = e; h.waitForCancel {
		<-ctx.Done()
	}
	return h.work, h.work.ID != ""
}

func (h *fakeWorkers) Audio(ctx context.Context, _, id string, out io.Writer) error {
	if _, err := out.Write([]byte("sound")); err != nil || id != "endless" {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

func (h *fakeWorkers) Segments(_ context.Context, _, _ string, segs []tidings.TranscriptSegment) error {
	h.segments = append(h.segments, segs...)
	return nil
}

func (h *fakeWorkers) Renew(_, id string) error {
	return tidings.Errorf(tidings.KindGone, "Not yours.")
}

func (h *fakeWorkers) Done(_, id string, languages map[string]int) error {
	h.calls = append(h.calls, "done "+id)
	return nil
}

func (h *fakeWorkers) Fail(_, id string, broken bool) error {
	h.calls = append(h.calls, "fail "+id)
	return nil
}

func withWorkers(h *fakeWorkers) serverOption {
	return func(_ *api.Config, d *api.Deps, _ *source.Config) { d.Web, d.Workers = webFiles(), h }
}

// TestWorkerToken: a worker's token is accepted by the work routes and by no
// other route that checks credentials, and it cannot be created over HTTP.
func TestWorkerToken(t *testing.T) {
	w := newTestServer(t, withWorkers(&fakeWorkers{}))
	c := w.newTokenClient(w.ana.user, tidings.ScopeWorker)
	th := w.newClipFixture(w.ana, "")
	anyone := map[string]bool{"GET /api/v1/openapi.json": true, "GET /oembed": true, "GET /assets/*": true, "GET /favicon.svg": true, "GET /healthz": true, "GET /readyz": true}
	for _, r := range w.routes {
		name := r.Method + " " + r.Path
		if strings.Contains(r.Path, "/work/") || r.Method == http.MethodHead || r.Method == http.MethodOptions || anyone[name] {
			continue
		}
		if got := w.requestRow(c, "worker", r.Method, r.Path, matrix[name], th); got != http.StatusForbidden && !strings.HasPrefix(r.Path, "/.well-known/") {
			t.Errorf("%s: %d", name, got)
		}
	}

	w.ana.do("POST", "/api/v1/tokens", map[string]any{"name": "t", "scope": "worker"}).is(http.StatusBadRequest, "invalid")
}

// TestWork: claims, segments and results of a worker arrive unchanged.
func TestWork(t *testing.T) {
	h := &fakeWorkers{work: tidings.Work{ID: "job", Language: "de", Vocabulary: []string{"Tidings"}, LeaseMS: 25_000}}
	w := newTestServer(t, withWorkers(h))
	c := w.newTokenClient(w.ana.user, tidings.ScopeWorker)
	claim := map[string]any{"engine": "whisper", "model": "base", "languages": []string{"de"}, "punctuation": true}
	got := decodeJSON[struct {
		ID, Language string
		Vocabulary   []string
		LeaseMS      int64 `json:"lease_ms"`
	}](c.do("POST", "/api/v1/work/claim", claim).is(http.StatusOK, ""))
	if got.ID != "job" || got.Language != "de" || got.LeaseMS != 25_000 || len(got.Vocabulary) != 1 || h.engine.Name != "whisper" || !h.engine.Punctuation || h.engine.Languages[0] != "de" {
		t.Errorf("%+v for %+v", got, h.engine)
	}

	if a := c.get("/api/v1/work/job/audio").is(http.StatusOK, ""); string(a.body) != "sound" {
		t.Errorf("sound: %q", a.body)
	}

	word := map[string]any{"start_ms": 100, "end_ms": 200, "text": "Ja", "p": 0.5}
	seg := func(changes ...any) map[string]any {
		s := map[string]any{"start_ms": 100, "end_ms": 200, "text": "Ja", "words": []any{word}}
		for i := 0; i < len(changes); i += 2 {
			s[changes[i].(string)] = changes[i+1]
		}
		return map[string]any{"segments": []any{s}}
	}
	c.do("POST", "/api/v1/work/job/segments", seg("speaker", "Ana")).is(http.StatusNoContent, "")

	if len(h.segments) != 1 || h.segments[0].Text != "Ja" || h.segments[0].Speaker != "Ana" || h.segments[0].Words[0].EndMS != 200 || *h.segments[0].Words[0].P != 0.5 {
		t.Errorf("%+v", h.segments)
	}

	for name, body := range map[string]any{"no times": seg("start_ms", nil), "before the start": seg("start_ms", -1), "no text": seg("text", ""), "more fields": seg("clip_id", "x"),
		"long": seg("text", strings.Repeat("x", 10_001)), "sure beyond 1": seg("words", []any{map[string]any{"start_ms": 1, "end_ms": 2, "text": "x", "p": 2}}), "not UTF-8": "{\"segments\":[\"\xff\"]}"} {
		if a := c.do("POST", "/api/v1/work/job/segments", body); a.StatusCode < 400 || a.StatusCode > 415 || len(h.segments) != 1 {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
	}

	c.do("POST", "/api/v1/work/job/renew", nil).is(http.StatusGone, "gone")
	c.do("POST", "/api/v1/work/job/done", map[string]any{"languages": map[string]int{"de": 1}}).is(http.StatusNoContent, "")
	c.do("POST", "/api/v1/work/job/fail", map[string]any{"reason": "no"}).is(http.StatusNoContent, "")

	if strings.Join(h.calls, ", ") != "done job, fail job" {
		t.Errorf("%v", h.calls)
	}

	h.work = tidings.Work{}
	c.do("POST", "/api/v1/work/claim", claim).is(http.StatusNoContent, "")
}

// TestWorkRevoked: revoking the token ends long requests.
func TestWorkRevoked(t *testing.T) {
	h := &fakeWorkers{}
	w := newTestServer(t, withWorkers(h))
	c := w.newTokenClient(w.ana.user, tidings.ScopeWorker)
	res := c.sendRequest("GET", "/api/v1/work/endless/audio", nil)
	defer res.Body.Close()

	sound := make([]byte, 5)
	if _, err := io.ReadFull(res.Body, sound); err != nil {
		t.Fatal(err)
	}

	w.ok(w.store.DeleteToken(t.Context(), c.user, c.tokenID))
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("the sound ended as if it were whole")
	}

	h.waitForCancel = true
	c = w.newTokenClient(w.ana.user, tidings.ScopeWorker)
	ended := make(chan int, 1)
	go func() {
		ended <- c.requestStatus("POST", "/api/v1/work/claim", map[string]any{"engine": "e", "model": "m", "languages": []string{}, "punctuation": true})
	}()

	w.ok(w.store.DeleteToken(t.Context(), c.user, c.tokenID))
	if got := <-ended; got != http.StatusUnauthorized {
		t.Errorf("claimed: %d", got)
	}
}
