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

// crowd is an engine that lets nobody go before it is told to.
type crowd struct {
	found
	in  chan struct{} // one for each who has come
	out chan struct{} // closed: go

	mu       sync.Mutex
	now, max int
}

func (c *crowd) Search(context.Context, tidings.Query) ([]tidings.Hit, bool, error) {
	c.mu.Lock()
	c.now++
	c.max = max(c.max, c.now)
	c.mu.Unlock()
	c.in <- struct{}{}
	<-c.out
	c.mu.Lock()
	c.now--
	c.mu.Unlock()
	return nil, false, nil
}

// TestSearchesTakeTurns: an engine of this process meets few at once, one of
// another process meets all; and everybody is answered.
func TestSearchesTakeTurns(t *testing.T) {
	few := runtime.GOMAXPROCS(0) + 1
	all := 3 * few
	for _, elsewhere := range []bool{false, true} {
		c := &crowd{in: make(chan struct{}, all+1), out: make(chan struct{})}
		w := newWorld(t, func(_ *api.Config, d *api.Deps, _ *source.Config) { d.Search, d.SearchElsewhere = c, elsewhere })
		var wait sync.WaitGroup
		for range all {
			wait.Go(func() { w.ana.get("/api/v1/search?q=x").is(http.StatusOK, "") })
		}

		most := few
		if elsewhere {
			most = all
		}

		for range most {
			<-c.in
		}

		close(c.out)
		wait.Wait()

		if c.max != most {
			t.Errorf("elsewhere %v: %d at once, want %d", elsewhere, c.max, most)
		}
	}
}
