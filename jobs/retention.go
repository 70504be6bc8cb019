package jobs

import (
	"context"
	"errors"
	"time"

	"tidings.example/tidings/tidings"
)

// How long things are kept before a sweep removes them.
const (
	trashRetention = 30 * 24 * time.Hour
	staleRetention = 10 * time.Minute // readers of an older version of an object may finish
	compactDelay   = 10 * time.Minute // an original still in parts this long after its end is compacted by the sweep
	retentionBatch = 200
)

// RetentionRows is what Retention needs of the store.
type RetentionRows interface {
	StaleObjects(ctx context.Context, before time.Time, limit int) ([]string, error)
	DeleteStaleObjects(ctx context.Context, keys []string) error
	UncompactedOriginals(ctx context.Context, before time.Time, limit int) ([]tidings.ID, error)
	PurgeableClips(ctx context.Context, before time.Time, limit int) ([]tidings.ID, error)
	PurgeClip(ctx context.Context, id tidings.ID) error
}

// Retention deletes what is no longer needed. Each method is the body of a
// Sweep: it may be repeated and interrupted at any point.
type Retention struct {
	Rows RetentionRows
	// DeleteObjects deletes objects from the storage; missing ones are no error.
	DeleteObjects func(ctx context.Context, keys ...string) error
	// CompactOriginal joins the parts of a clip's original into one object.
	CompactOriginal func(ctx context.Context, clip tidings.ID) error
	// CancelSteps ends the running steps of a clip.
	CancelSteps func(ctx context.Context, clip tidings.ID) error
}

// DeleteStaleObjects deletes objects that no row names any more.
func (r *Retention) DeleteStaleObjects(ctx context.Context) error {
	for {
		keys, err := r.Rows.StaleObjects(ctx, time.Now().Add(-staleRetention), retentionBatch)
		if err != nil || len(keys) == 0 {
			return err
		}
		if err := r.DeleteObjects(ctx, keys...); err != nil {
			return err
		}
		if err := r.Rows.DeleteStaleObjects(ctx, keys); err != nil {
			return err
		}
	}
}

// CompactOriginals compacts originals that were left in parts when a process
// ended.
func (r *Retention) CompactOriginals(ctx context.Context) error {
	clips, err := r.Rows.UncompactedOriginals(ctx, time.Now().Add(-compactDelay), retentionBatch)
	if err != nil {
		return err
	}

	var errs []error
	for _, clip := range clips {
		if err := r.CompactOriginal(ctx, clip); err != nil && tidings.KindOf(err) != tidings.KindGone {
			errs = append(errs, err)
		}
	}

	return errors.Join(errs...)
}

// PurgeTrash deletes clips that have been in the trash long enough: it cancels
// their steps, then deletes their rows, which leaves the objects to
// DeleteStaleObjects.
func (r *Retention) PurgeTrash(ctx context.Context) error {
	clips, err := r.Rows.PurgeableClips(ctx, time.Now().Add(-trashRetention), retentionBatch)
	if err != nil {
		return err
	}

	var errs []error
	for _, clip := range clips {
		// A reply is deleted together with its clip, hence KindNotFound.
		if err := r.purgeClip(ctx, clip); err != nil && tidings.KindOf(err) != tidings.KindNotFound {
			errs = append(errs, err)
		}
	}

	return errors.Join(errs...)
}

func (r *Retention) purgeClip(ctx context.Context, clip tidings.ID) error {
	if err := r.CancelSteps(ctx, clip); err != nil {
		return err
	}
	return r.Rows.PurgeClip(ctx, clip)
}
