package search

import (
	"context"
	"sync"

	"tidings.example/tidings/tidings"
)

// Rebuilder runs Indexer.Reindex in the background, for the administration
// page, and resumes a rebuild that an earlier process left unfinished.
type Rebuilder struct {
	indexer *Indexer
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
	mu      sync.Mutex // orders Begin and Close
}

// NewRebuilder returns a Rebuilder whose work ends with ctx.
func NewRebuilder(ctx context.Context, x *Indexer) *Rebuilder {
	r := &Rebuilder{indexer: x}
	r.ctx, r.cancel = context.WithCancel(ctx)
	return r
}

// Begin starts a rebuild and returns at once; KindConflict when one is running.
func (r *Rebuilder) Begin() error {
	r.mu.Lock()
	defer r.mu.Unlock()

	if r.ctx.Err() != nil {
		return tidings.Errorf(tidings.KindUnavailable, "The server is about to end.")
	}
	if r.indexer.Rebuilding() {
		return tidings.Errorf(tidings.KindConflict, "The index is being filled already.")
	}

	r.running.Go(func() {
		clips, err := r.indexer.Reindex(r.ctx, nil)
		switch {
		case r.ctx.Err() != nil:
		case err != nil:
			r.indexer.loggerOrDefault().Error("the index is not filled", "error", err)
		default:
			r.indexer.loggerOrDefault().Info("the index is filled", "clips", clips)
		}
	})

	return nil
}

// Running reports whether the index is being rebuilt, by Begin or by a command.
func (r *Rebuilder) Running() bool { return r.indexer.Rebuilding() }

// Resume continues a rebuild whose process ended before it was finished.
func (r *Rebuilder) Resume(ctx context.Context) error {
	_, err := r.indexer.Rows.IndexBuild(ctx, r.indexer.Engine.Name())
	if tidings.KindOf(err) == tidings.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return r.Begin()
}

// Close stops the rebuild and waits for it; Resume continues it later.
func (r *Rebuilder) Close() {
	r.mu.Lock()
	r.cancel()
	r.mu.Unlock()
	r.running.Wait()
}
