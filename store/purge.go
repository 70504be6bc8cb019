package store

import (
	"context"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// PurgeableClips are clips that have been in the trash since before the time.
func (s PurgeRows) PurgeableClips(ctx context.Context, before time.Time, limit int) ([]tidings.ID, error) {
	rows, err := s.queries().ClipsTrashedBefore(ctx, dbq.ClipsTrashedBeforeParams{BeforeMs: tidings.Millis(before), PageSize: int32(limit)})
	return toIDs(rows), err
}

func toIDs(rows []string) []tidings.ID {
	out := make([]tidings.ID, len(rows))
	for i, r := range rows {
		out[i] = tidings.ID(r)
	}
	return out
}

// PurgeClip deletes all rows of a clip and of its replies, and leaves their
// objects to the sweep.
func (s PurgeRows) PurgeClip(ctx context.Context, id tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		replies, err := tx.RepliesOfClip(ctx, string(id))
		if err != nil {
			return err
		}

		for _, reply := range replies {
			if err := purgeClip(ctx, tx, tidings.ID(reply)); err != nil {
				return err
			}
		}

		return purgeClip(ctx, tx, id)
	})
}

func purgeClip(ctx context.Context, tx Tx, id tidings.ID) error {
	r, err := tx.ClipAccessByID(ctx, string(id))
	if err != nil {
		return notFound(err)
	}

	keys, err := tx.KeysOfClip(ctx, string(id))
	if err != nil {
		return err
	}
	if err := putStaleObjects(ctx, tx, keys); err != nil {
		return err
	}
	if err := enqueueIndexing(ctx, tx, id); err != nil {
		return err
	}
	if _, err := tx.DeleteClip(ctx, string(id)); err != nil {
		return err
	}

	tx.publishClipUpdated(tidings.ID(r.WorkspaceID), id)
	return nil
}

func putStaleObjects(ctx context.Context, tx Tx, keys []string) error {
	for _, key := range keys {
		if err := tx.PutStaleObject(ctx, dbq.PutStaleObjectParams{Key: key, SinceMs: tx.nowMS()}); err != nil {
			return err
		}
		if _, err := tx.DeleteDamage(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// StaleObjects are keys that no row has named since before the time.
func (s PurgeRows) StaleObjects(ctx context.Context, before time.Time, limit int) ([]string, error) {
	return s.queries().StaleObjectsBefore(ctx, dbq.StaleObjectsBeforeParams{SinceMs: tidings.Millis(before), Limit: int32(limit)})
}

// DeleteStaleObjects deletes keys whose objects are deleted.
func (s PurgeRows) DeleteStaleObjects(ctx context.Context, keys []string) error {
	return s.InTx(ctx, func(tx Tx) error {
		for _, key := range keys {
			if err := tx.DeleteStaleObject(ctx, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// AddStaleObjects leaves objects that never got a row to the sweep.
func (s PurgeRows) AddStaleObjects(ctx context.Context, keys []string) error {
	return s.InTx(ctx, func(tx Tx) error { return putStaleObjects(ctx, tx, keys) })
}

// ClipIDs pages through all clips by id, for audits and re-indexing.
func (s PurgeRows) ClipIDs(ctx context.Context, after tidings.ID, limit int) ([]tidings.ID, error) {
	return clipIDs(ctx, s.queries(), after, limit)
}

func clipIDs(ctx context.Context, q *dbq.Queries, after tidings.ID, limit int) ([]tidings.ID, error) {
	rows, err := q.ClipIDsAfter(ctx, dbq.ClipIDsAfterParams{ID: string(after), Limit: int32(limit)})
	return toIDs(rows), err
}

// ClipKeys are the keys of all objects of a clip.
func (s PurgeRows) ClipKeys(ctx context.Context, id tidings.ID) ([]string, error) {
	return s.queries().KeysOfClip(ctx, string(id))
}

// UncompactedOriginals are clips whose original ended before the time and is
// still in upload parts, because a process ended before it joined them.
func (s PurgeRows) UncompactedOriginals(ctx context.Context, before time.Time, limit int) ([]tidings.ID, error) {
	rows, err := s.queries().UncompactedOriginals(ctx, dbq.UncompactedOriginalsParams{BeforeMs: tidings.Millis(before), PageSize: int32(limit)})
	return toIDs(rows), err
}
