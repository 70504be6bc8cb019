package main

import (
	"context"
	"errors"
	"time"

	"tidings.example/tidings/jobs"
	"tidings.example/tidings/tidings"
)

// How long things are kept before a sweep removes them.
const (
	trashTime  = 30 * 24 * time.Hour
	staleTime  = 10 * time.Minute // whoever reads an older version of an object may finish
	lateTime   = 10 * time.Minute // an original still in parts this long after its end was forgotten
	sweepBatch = 200
)

// sweeps are the periodic duties. Each may be repeated and killed anywhere.
func (a *app) sweeps() []jobs.Sweep {
	return []jobs.Sweep{
		{Name: "uploads", Every: 5 * time.Second, Do: a.source.Sweep},
		{Name: "mail", Every: 5 * time.Second, Do: a.sendMail},
		{Name: "stale objects", Every: time.Minute, Do: a.deletions.Sweep(a.sweepStale)},
		{Name: "originals", Every: 5 * time.Minute, Do: a.deletions.Sweep(a.sweepOriginals)},
		{Name: "sessions", Every: 10 * time.Minute, Do: a.store.SweepExpired},
		{Name: "trash", Every: time.Hour, Do: a.sweepTrash},
	}
}

// sweepStale deletes objects that no row points to any more.
func (a *app) sweepStale(ctx context.Context) error {
	for {
		keys, err := a.store.StaleObjects(ctx, time.Now().Add(-staleTime), sweepBatch)
		if err != nil || len(keys) == 0 {
			return err
		}
		if err := a.blobs.Delete(ctx, keys...); err != nil {
			return err
		}
		if err := a.store.DropStale(ctx, keys); err != nil {
			return err
		}
	}
}

// sweepOriginals makes one object of originals that were left in parts when a
// process ended.
func (a *app) sweepOriginals(ctx context.Context) error {
	clips, err := a.store.LooseOriginals(ctx, time.Now().Add(-lateTime), sweepBatch)
	if err != nil {
		return err
	}

	var errs []error
	for _, clip := range clips {
		if _, err := a.source.Compact(ctx, clip); err != nil && tidings.KindOf(err) != tidings.KindGone {
			errs = append(errs, err)
		}
	}

	return errors.Join(errs...)
}

// sweepTrash removes clips that have been in the trash long enough: their runs
// end first, then the rows go and hand the objects to the sweep of stale ones.
func (a *app) sweepTrash(ctx context.Context) error {
	clips, err := a.store.PurgeableClips(ctx, time.Now().Add(-trashTime), sweepBatch)
	if err != nil {
		return err
	}

	var errs []error
	for _, clip := range clips {
		err := a.jobs.Cancel(ctx, clip)
		if err == nil {
			err = a.store.PurgeClip(ctx, clip)
		}
		if err != nil && tidings.KindOf(err) != tidings.KindNotFound { // a reply goes with its clip
			errs = append(errs, err)
		}
	}

	return errors.Join(errs...)
}
