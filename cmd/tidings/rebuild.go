package main

import (
	"context"
	"sync"

	"tidings.example/tidings/tidings"
)

// rebuild fills the search index in the background, for whoever asks on the
// page, and goes on with what an earlier process left.
type rebuild struct {
	a    *app
	life context.Context
	stop context.CancelFunc
	busy sync.WaitGroup
	mu   sync.Mutex
}

func newRebuild(ctx context.Context, a *app) *rebuild {
	r := &rebuild{a: a}
	r.life, r.stop = context.WithCancel(ctx)
	return r
}

// Begin implements api.Reindexer.
func (r *rebuild) Begin() error {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.life.Err() != nil {
		return tidings.Errorf(tidings.KindUnavailable, "The server is about to end.")
	}
	if r.a.indexer.Rebuilding() {
		return tidings.Errorf(tidings.KindConflict, "The index is being filled already.")
	}

	r.busy.Go(func() {
		clips, err := r.a.indexer.Reindex(r.life, nil)
		switch {
		case r.life.Err() != nil:
		case err != nil:
			r.a.log.Error("the index is not filled", "error", err)
		default:
			r.a.log.Info("the index is filled", "clips", clips)
		}
	})

	return nil
}

// Running implements api.Reindexer.
func (r *rebuild) Running() bool { return r.a.indexer.Rebuilding() }

// resume goes on with an index that was being filled when its process ended.
func (r *rebuild) resume(ctx context.Context) error {
	_, err := r.a.store.IndexBuild(ctx, r.a.search.Name())
	if tidings.KindOf(err) == tidings.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return r.Begin()
}

// end stops it; what is filled stays for the next process.
func (r *rebuild) end() {
	r.mu.Lock()
	r.stop()
	r.mu.Unlock()
	r.busy.Wait()
}
