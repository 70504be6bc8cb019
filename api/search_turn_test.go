package api_test

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"testing"

	"tidings.example/tidings/api"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/tidings"
)

// blockingSearch is an engine that blocks every search until it is released.
type blockingSearch struct {
	fakeSearch
	entered chan struct{} // receives one for each search
	release chan struct{} // closed to release all

	mu                  sync.Mutex
	running, maxRunning int
}

func (c *blockingSearch) Search(context.Context, tidings.Query) ([]tidings.Hit, bool, error) {
	c.mu.Lock()
	c.running++
	c.maxRunning = max(c.maxRunning, c.running)
	c.mu.Unlock()
	c.entered <- struct{}{}
	<-c.release
	c.mu.Lock()
	c.running--
	c.mu.Unlock()
	return nil, false, nil
}

// TestSearchConcurrencyLimit: concurrent searches are limited for an engine in
// this process and unlimited for an external one; all are answered.
func TestSearchConcurrencyLimit(t *testing.T) {
	few := runtime.GOMAXPROCS(0) + 1
	all := 3 * few
	for _, elsewhere := range []bool{false, true} {
		c := &blockingSearch{entered: make(chan struct{}, all+1), release: make(chan struct{})}
		w := newTestServer(t, func(_ *api.Config, d *api.Deps, _ *source.Config) { d.Search, d.SearchElsewhere = c, elsewhere })
		var wait sync.WaitGroup
		for range all {
			wait.Go(func() { w.ana.get("/api/v1/search?q=x").is(http.StatusOK, "") })
		}

		most := few
		if elsewhere {
			most = all
		}

		for range most {
			<-c.entered
		}

		close(c.release)
		wait.Wait()

		if c.maxRunning != most {
			t.Errorf("elsewhere %v: %d at once, want %d", elsewhere, c.maxRunning, most)
		}
	}
}
