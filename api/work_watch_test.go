package api_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"tidings.example/tidings/api"
	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// watchedTokens is the rows of tokens; rechecks hang until their context ends.
type watchedTokens struct {
	auth.Rows
	calls   atomic.Int64 // of the request: the first one lets it in
	running atomic.Int64
	began   chan struct{}
}

// TokenByHash lets the first call of a request pass and holds the second one.
func (r *watchedTokens) TokenByHash(ctx context.Context, hash []byte) (tidings.Token, error) {
	if r.calls.Add(1) == 2 {
		r.running.Add(1)
		defer r.running.Add(-1)
		r.began <- struct{}{}
		<-ctx.Done()
	}
	return r.Rows.TokenByHash(ctx, hash)
}

// recheckedWorkers claim nothing until a recheck of their token has begun.
type recheckedWorkers struct {
	fakeWorkers
	began <-chan struct{}
}

func (h *recheckedWorkers) Claim(context.Context, string, tidings.SpeechEngine, time.Duration) (tidings.Work, bool) {
	<-h.began
	return tidings.Work{}, false
}

// TestNothingOutlivesWorkRequest: the recheck of a worker's token has ended when
// its request does.
func TestNothingOutlivesWorkRequest(t *testing.T) {
	rows := &watchedTokens{began: make(chan struct{})}
	w := newTestServer(t, func(c *api.Config, d *api.Deps, _ *source.Config) {
		c.RecheckEvery, rows.Rows = time.Millisecond, d.Stores.Auth
		d.Stores.Auth, d.Workers = rows, &recheckedWorkers{began: rows.began}
	})
	c := w.newTokenClient(w.ana.user, tidings.ScopeWorker)
	var outlived atomic.Int64
	served := w.server.Config.Handler
	w.server.Config.Handler = http.HandlerFunc(func(res http.ResponseWriter, req *http.Request) {
		served.ServeHTTP(res, req)
		outlived.Add(rows.running.Load())
	})

	claim := map[string]any{"engine": "e", "model": "m", "languages": []string{}, "punctuation": true}
	for range 50 { // what outlives a request ends soon after it: one look may miss it
		rows.calls.Store(0)
		c.do("POST", "/api/v1/work/claim", claim).is(http.StatusNoContent, "")
	}

	w.server.Close() // all requests have ended
	if n := outlived.Load(); n > 0 {
		t.Errorf("%d rechecks go on when their request has ended", n)
	}
}
