package search

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tidings.example/tidings/tidings"
)

// Rows is the store as the index uses it.
type Rows interface {
	Outbox(ctx context.Context, limit int) ([]tidings.OutboxEntry, error) // oldest first
	OutboxDone(ctx context.Context, entries []tidings.OutboxEntry) error
	Document(ctx context.Context, clip tidings.ID) (tidings.Document, error) // KindNotFound = delete it from the index
	IndexVersions(ctx context.Context, after tidings.ID, limit int) ([]tidings.OutboxEntry, error)
	CountIndexable(ctx context.Context) (int, error)
	IndexFailed(ctx context.Context, e tidings.OutboxEntry, reason string, tries int) error

	IndexBuild(ctx context.Context, engine string) (tidings.IndexBuild, error) // KindNotFound = there is none
	SaveIndexBuild(ctx context.Context, b tidings.IndexBuild) error
	EndIndexBuild(ctx context.Context, engine string) error
}

// Indexer keeps an engine up to date with the rows. Draining twice does no harm:
// the engine keeps the newest version. A clip that cannot be indexed is logged
// and retried with growing pauses; it does not delay others.
//
// The first Drain also compares the whole index with the rows, a page at a time
// between entries of the outbox, and corrects differences: what a power cut
// took, or everything if the index is new. So does the first Drain after the
// engine has lost its index.
type Indexer struct {
	Rows   Rows
	Engine Engine
	Log    *slog.Logger  // nil = discard
	Clock  tidings.Clock // nil = time.Now

	building   sync.Mutex // held while a new index is filled
	rebuilding atomic.Bool

	mu         sync.Mutex // one drain at a time
	build      Build      // gets every change as well; nil = no index is being filled
	failed     map[tidings.ID]failure
	epoch      int64      // of the engine's index
	comparedTo tidings.ID // last clip compared with the rows
	compared   bool       // the comparison is complete
}

// failure is a clip that could not be indexed.
type failure struct {
	version int64
	retryAt time.Time
	tries   int
}

const maxRetryPause = time.Hour

// Drain indexes all clips of the outbox. An error means that rows or engine are
// down: try again later.
func (x *Indexer) Drain(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()

	for {
		if epoch := x.Engine.Epoch(); epoch != x.epoch {
			x.epoch, x.comparedTo, x.compared = epoch, "", false
		}

		if err := x.drainOutbox(ctx); err != nil {
			return err
		}
		if x.compared {
			return nil
		}
		if err := x.repairPage(ctx); err != nil {
			return err
		}
	}
}

// drainOutbox indexes all clips of the outbox but those that wait for a retry.
func (x *Indexer) drainOutbox(ctx context.Context) error {
	for {
		all, err := x.Rows.Outbox(ctx, batchSize(x.Engine)+len(x.failed))
		if err != nil {
			return err
		}

		var ready []tidings.OutboxEntry
		for _, e := range all {
			if f, ok := x.failed[e.ClipID]; !ok || f.version != e.Version || !x.currentTime().Before(f.retryAt) {
				ready = append(ready, e)
			}
		}

		if len(ready) == 0 {
			return nil
		}

		done, err := x.indexEntries(ctx, ready)
		if err != nil {
			return err
		}

		if len(done) > 0 {
			if err := x.Rows.OutboxDone(ctx, done); err != nil {
				return err
			}
		}
	}
}

// indexEntries updates clips in the index and returns those that succeeded.
func (x *Indexer) indexEntries(ctx context.Context, entries []tidings.OutboxEntry) (done []tidings.OutboxEntry, err error) {
	for len(entries) > 0 {
		var b batch
		if b, entries, err = readBatch(ctx, x.Rows, entries, func(e tidings.OutboxEntry, err error) { x.postponeClip(ctx, e, err) }); err != nil {
			return nil, err
		}

		some, err := x.indexBatch(ctx, b)
		if err != nil {
			return nil, err
		}

		done = append(done, some...)
	}
	return done, nil
}

func (x *Indexer) indexBatch(ctx context.Context, b batch) (done []tidings.OutboxEntry, err error) {
	if x.build != nil {
		x.mirrorToBuild(ctx, b.docs, b.gone)
	}

	if err := x.Engine.Delete(ctx, b.gone); err != nil {
		return nil, err
	}

	done = b.gone
	if err := x.Engine.Put(ctx, b.docs); err == nil {
		done = append(done, b.put...)
	} else if ctx.Err() != nil || isEngineDown(err) {
		return nil, err
	} else {
		one, err := x.indexEach(ctx, b.docs, b.put)
		if err != nil {
			return nil, err
		}
		done = append(done, one...)
	}

	for _, e := range done {
		delete(x.failed, e.ClipID)
	}

	return done, nil
}

// indexEach puts the documents of a refused batch one by one.
func (x *Indexer) indexEach(ctx context.Context, docs []tidings.Document, entries []tidings.OutboxEntry) (done []tidings.OutboxEntry, err error) {
	for i, d := range docs {
		err := x.Engine.Put(ctx, []tidings.Document{d})
		if err == nil {
			done = append(done, entries[i])
			continue
		}
		if ctx.Err() != nil || isEngineDown(err) {
			return nil, err
		}
		if broken := x.Engine.Ready(ctx); broken != nil {
			return nil, errors.Join(err, broken)
		}

		x.postponeClip(ctx, entries[i], err)
	}
	return done, nil
}

// isEngineDown reports whether err concerns the whole engine and not one clip: it
// does not answer, or its disk is full.
func isEngineDown(err error) bool {
	kind := tidings.KindOf(err)
	return kind == tidings.KindUnavailable || kind == tidings.KindStorageFull
}

// postponeClip schedules the retry of a clip after 1, 2, 4 … seconds, at most an
// hour.
func (x *Indexer) postponeClip(ctx context.Context, e tidings.OutboxEntry, err error) {
	f := x.failed[e.ClipID]
	if f.version != e.Version {
		f = failure{version: e.Version}
	}

	pause := min(time.Second<<min(f.tries, 12), maxRetryPause)
	f.tries++
	f.retryAt = x.currentTime().Add(pause)

	if x.failed == nil {
		x.failed = map[tidings.ID]failure{}
	}

	x.failed[e.ClipID] = f
	x.loggerOrDefault().Error("a clip cannot be indexed", "clip", e.ClipID, "tries", f.tries, "again_in", pause, "error", err)
	reason := "It cannot be indexed; the log has the cause."
	if tidings.KindOf(err) != tidings.KindInternal {
		reason = tidings.Sentence(err)
	}

	if err := x.Rows.IndexFailed(ctx, e, reason, f.tries); err != nil {
		x.loggerOrDefault().Warn("the failure of a clip is not noted", "clip", e.ClipID, "error", err)
	}
}

func (x *Indexer) currentTime() time.Time {
	if x.Clock == nil {
		return time.Now()
	}
	return x.Clock()
}

func (x *Indexer) loggerOrDefault() *slog.Logger {
	if x.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return x.Log
}
