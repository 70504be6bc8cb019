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

// blockingSearch is an engine that lets nobody go before it is told to.
type blockingSearch struct {
	fakeSearch
	entered chan struct{} // one for each who has come
	release chan struct{} // closed: go

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

// TestSearchConcurrencyLimit: an engine of this process meets few at once, one of
// another process meets all; and everybody is answered.
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
