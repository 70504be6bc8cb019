package search

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"tidings.example/tidings/tidings"
)

// Progress is how far Reindex has come.
type Progress struct {
	Phase string `json:"phase"` // PhaseFill, PhaseCheck or PhaseSwap
	Done  int    `json:"done"`  // clips
	Total int    `json:"total"`
}

// The phases of Reindex.
const (
	PhaseFill  = "fill"
	PhaseCheck = "check"
	PhaseSwap  = "swap"
)

// maxChecks is the number of comparisons of a new index with the rows before
// Reindex gives up: each one finds only what changed since the one before.
const maxChecks = 10

// Reindex fills a new index from the rows while the old one stays in use,
// compares it with the rows, and swaps it in. Changes go to both meanwhile. A
// Reindex that was cut off, even by a kill, is continued by the next one.
// progress may be nil. It returns the number of clips in the new index.
func (x *Indexer) Reindex(ctx context.Context, progress func(Progress)) (clips int, err error) {
	if !x.building.TryLock() {
		return 0, tidings.Errorf(tidings.KindConflict, "The index is being filled already.")
	}
	defer x.building.Unlock()

	x.rebuilding.Store(true)
	defer x.rebuilding.Store(false)

	if progress == nil {
		progress = func(Progress) {}
	}

	b, fresh, err := x.Engine.Build(ctx)
	if err != nil {
		return 0, err
	}

	r := &rebuild{Indexer: x, build: b, progress: progress}
	x.attachBuild(b)
	clips, err = r.fillAndSwap(ctx, fresh)
	if err != nil {
		x.attachBuild(nil)
		return 0, errors.Join(err, b.Close())
	}

	return clips, nil
}

// Rebuilding reports whether Reindex runs.
func (x *Indexer) Rebuilding() bool { return x.rebuilding.Load() }

// attachBuild sends changes to a build as well; nil ends that.
func (x *Indexer) attachBuild(b Build) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.build = b
}

// mirrorToBuild applies changes to the index that is being filled. An error is
// only logged: the comparison with the rows finds the difference.
func (x *Indexer) mirrorToBuild(ctx context.Context, docs []tidings.Document, gone []tidings.OutboxEntry) {
	err := x.build.Delete(ctx, gone)
	if err == nil {
		err = x.build.Put(ctx, docs)
	}
	if err != nil && ctx.Err() == nil {
		x.loggerOrDefault().Warn("a change is not in the index that is being filled", "error", err)
	}
}

// rebuild is one run of Reindex.
type rebuild struct {
	*Indexer
	build    Build
	progress func(Progress)
	state    tidings.IndexBuild
	skipped  map[tidings.ID]bool // clips that cannot be indexed
}

func (r *rebuild) fillAndSwap(ctx context.Context, fresh bool) (clips int, err error) {
	r.skipped = map[tidings.ID]bool{}
	if r.state, err = r.Rows.IndexBuild(ctx, r.Engine.Name()); err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return 0, err
	}

	if fresh || err != nil {
		r.state = tidings.IndexBuild{Engine: r.Engine.Name(), StartedAt: r.currentTime()}
	}

	if r.state.Total, err = r.Rows.CountIndexable(ctx); err != nil {
		return 0, err
	}
	if err := r.fillBuild(ctx); err != nil {
		return 0, err
	}
	if _, err := r.repairBuild(ctx, PhaseCheck); err != nil { // without the lock: this one takes long
		return 0, err
	}
	if err := r.build.Tidy(ctx); err != nil {
		return 0, err
	}

	return r.swapWhenEqual(ctx)
}

// fillBuild indexes all clips in the order of their ids and stores its position
// after each page.
func (r *rebuild) fillBuild(ctx context.Context) error {
	for {
		if err := r.Rows.SaveIndexBuild(ctx, r.state); err != nil {
			return err
		}

		r.progress(Progress{PhaseFill, min(r.state.Done, r.state.Total), r.state.Total})
		page, err := r.Rows.IndexVersions(ctx, r.state.After, batchSize(r.Engine))
		if err != nil || len(page) == 0 {
			return err
		}
		if err := r.writeEntries(ctx, page); err != nil {
			return err
		}

		r.state.After, r.state.Done = page[len(page)-1].ClipID, r.state.Done+len(page)
	}
}

// writeEntries updates clips in the new index.
func (r *rebuild) writeEntries(ctx context.Context, entries []tidings.OutboxEntry) (err error) {
	for len(entries) > 0 {
		var b batch
		if b, entries, err = readBatch(ctx, r.Rows, entries, func(e tidings.OutboxEntry, err error) { r.skipClip(e.ClipID, err) }); err != nil {
			return err
		}
		if err := r.writeBatch(ctx, b.docs, b.gone); err != nil {
			return err
		}
	}
	return nil
}

func (r *rebuild) writeBatch(ctx context.Context, docs []tidings.Document, gone []tidings.OutboxEntry) error {
	if err := r.build.Delete(ctx, gone); err != nil {
		return err
	}

	err := r.build.Put(ctx, docs)
	if err == nil || ctx.Err() != nil || isEngineDown(err) {
		return err
	}

	for _, d := range docs { // one is refused
		err := r.build.Put(ctx, []tidings.Document{d})
		if ctx.Err() != nil || isEngineDown(err) {
			return err
		}
		if err != nil {
			r.skipClip(d.ClipID, err)
		}
	}

	return nil
}

func (r *rebuild) skipClip(clip tidings.ID, err error) {
	if !r.skipped[clip] {
		r.skipped[clip] = true
		r.loggerOrDefault().Error("a clip cannot be indexed", "clip", clip, "error", err)
	}
}

// repairBuild compares the new index with the rows, corrects differences, and
// returns their number.
func (r *rebuild) repairBuild(ctx context.Context, phase string) (differed int, err error) {
	seen := 0
	for after, more := tidings.ID(""), true; more; {
		diff, next, n, err := r.comparePage(ctx, r.build, after)
		if err != nil {
			return differed, err
		}

		maps.DeleteFunc(diff, func(id tidings.ID, _ difference) bool { return r.skipped[id] })
		for ids := range slices.Chunk(slices.Sorted(maps.Keys(diff)), batchSize(r.Engine)) {
			entries := make([]tidings.OutboxEntry, len(ids))
			for i, id := range ids {
				entries[i] = tidings.OutboxEntry{ClipID: id, Version: max(diff[id].rows, diff[id].index)}
			}
			if err := r.writeEntries(ctx, entries); err != nil {
				return differed, err
			}
		}

		differed += len(diff)
		seen += n
		r.progress(Progress{phase, min(seen, r.state.Total), r.state.Total})
		after, more = next, next != ""
	}

	return differed, nil
}

// swapWhenEqual holds the lock of the drain, repairs the new index until it
// equals the rows, and swaps it in.
func (r *rebuild) swapWhenEqual(ctx context.Context) (clips int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()

	r.progress(Progress{PhaseSwap, r.state.Total, r.state.Total})
	for range maxChecks {
		if err := r.drainOutbox(ctx); err != nil {
			return 0, err
		}

		differed, err := r.repairBuild(ctx, PhaseSwap)
		if err != nil {
			return 0, err
		}

		rows, err := r.Rows.CountIndexable(ctx)
		if err != nil {
			return 0, err
		}
		if clips, err = r.build.Count(ctx, ""); err != nil {
			return 0, err
		}
		if differed == 0 && clips == rows-len(r.skipped) {
			return clips, r.finishSwap(ctx)
		}
	}

	return 0, tidings.Wrap(fmt.Errorf("search: %d clips in the new index", clips), tidings.KindUnavailable,
		"The new index does not come to hold what it should; the old one stays.")
}

// finishSwap swaps and resets the comparison of the index with the rows.
func (r *rebuild) finishSwap(ctx context.Context) error {
	if err := r.build.Swap(ctx); err != nil {
		return err
	}
	r.Indexer.build, r.epoch, r.comparedTo, r.compared = nil, r.Engine.Epoch(), "", true
	return r.Rows.EndIndexBuild(ctx, r.Engine.Name())
}
