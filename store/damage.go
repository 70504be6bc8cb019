package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// Objects are the stored objects that the rows of a clip name.
func (s PurgeRows) Objects(ctx context.Context, clip tidings.ID) ([]tidings.StoredObject, error) {
	return objectsOfClip(ctx, s.queries(), clip)
}

func objectsOfClip(ctx context.Context, q *dbq.Queries, clip tidings.ID) ([]tidings.StoredObject, error) {
	rows, err := q.ObjectsOfClip(ctx, string(clip))
	out := make([]tidings.StoredObject, len(rows))
	for i, r := range rows {
		out[i] = tidings.StoredObject{Key: r.Key, ClipID: clip, Bytes: r.Bytes, Sums: tidings.BlockSums(r.Sums), Source: tidings.ObjectSource(r.Source), Name: r.Name}
	}
	return out, err
}

// ReportDamage records that an object is damaged, and logs it the first time. An
// object that no row names is none of ours: it is not recorded.
func (s MediaRows) ReportDamage(ctx context.Context, d tidings.Damage) error {
	first := false
	err := s.InTx(ctx, func(tx Tx) error {
		first = false
		if d.ClipID == "" {
			n, err := tx.InsertDamage(ctx, dbq.InsertDamageParams{Key: d.Key, Reason: d.Reason, FoundMs: tx.nowMS()})
			first = n > 0
			return err
		}

		named, err := isObjectNamed(ctx, tx, d)
		if err != nil || !named {
			return err
		}

		clip := string(d.ClipID)
		n, err := tx.InsertDamage(ctx, dbq.InsertDamageParams{Key: d.Key, ClipID: &clip, Reason: d.Reason, FoundMs: tx.nowMS()})
		if err != nil || n == 0 {
			return err
		}

		first = true
		return publishDamage(ctx, tx, d.ClipID)
	})
	if err == nil && first {
		s.log.Error("a stored object is damaged", "clip", d.ClipID, "object", d.Key, "reason", d.Reason)
	}

	return err
}

// isObjectNamed reports whether the rows of the clip name the object.
func isObjectNamed(ctx context.Context, tx Tx, d tidings.Damage) (bool, error) {
	keys, err := tx.KeysOfClip(ctx, string(d.ClipID))
	for _, k := range keys {
		if k == d.Key {
			return true, err
		}
	}
	return false, err
}

func publishDamage(ctx context.Context, tx Tx, clip tidings.ID) error {
	g, err := tx.ClipAccessByID(ctx, string(clip))
	if err != nil {
		return ignoreNotFound(err)
	}
	tx.publishClipUpdated(tidings.ID(g.WorkspaceID), clip)
	return nil
}

// ClearDamage removes the record of an object that is whole again.
func (s MediaRows) ClearDamage(ctx context.Context, key string, clip tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.DeleteDamage(ctx, key)
		if err != nil || n == 0 || clip == "" {
			return err
		}
		return publishDamage(ctx, tx, clip)
	})
}

// DamageOfClip are the damaged objects of a clip.
func (s MediaRows) DamageOfClip(ctx context.Context, clip tidings.ID) ([]tidings.Damage, error) {
	id := string(clip)
	rows, err := s.queries().DamageOfClip(ctx, &id)
	return toDamages(rows), err
}

// Damage pages through all damaged objects by key.
func (s MediaRows) Damage(ctx context.Context, after string, limit int) ([]tidings.Damage, error) {
	rows, err := s.queries().AllDamage(ctx, dbq.AllDamageParams{Key: after, Limit: int32(limit)})
	return toDamages(rows), err
}

func toDamages(rows []dbq.DamagedObject) []tidings.Damage {
	out := make([]tidings.Damage, len(rows))
	for i, r := range rows {
		out[i] = tidings.Damage{Key: r.Key, Reason: r.Reason, FoundAt: tidings.FromMillis(r.FoundMs), RepairedAt: timeFromMillis(r.RepairedMs)}
		if r.ClipID != nil {
			out[i].ClipID = tidings.ID(*r.ClipID)
		}
	}
	return out
}

// UnrepairedDamage are damaged objects that something can make again, and that
// nothing has begun to.
func (s MediaRows) UnrepairedDamage(ctx context.Context, limit int) ([]tidings.Damage, error) {
	rows, err := s.queries().UnrepairedDamage(ctx, int32(limit))
	return toDamages(rows), err
}

// SetRepaired records that what makes an object again has begun.
func (s MediaRows) SetRepaired(ctx context.Context, key string) error {
	return s.InTx(ctx, func(tx Tx) error {
		now := tx.nowMS()
		return tx.SetDamageRepaired(ctx, dbq.SetDamageRepairedParams{Key: key, RepairedMs: &now})
	})
}

// SetSums stores the sums of an asset from before there were any.
func (s MediaRows) SetSums(ctx context.Context, key string, sums tidings.BlockSums) error {
	return s.InTx(ctx, func(tx Tx) error {
		return tx.SetAssetSums(ctx, dbq.SetAssetSumsParams{Key: key, Sums: []byte(sums)})
	})
}

// DropAsset forgets a file that is made on demand, so that it is made again.
func (s MediaRows) DropAsset(ctx context.Context, clip tidings.ID, key string) error {
	return s.InTx(ctx, func(tx Tx) error {
		if err := tx.DeleteAsset(ctx, dbq.DeleteAssetParams{ClipID: string(clip), Key: key}); err != nil {
			return err
		}
		if err := putStaleObjects(ctx, tx, []string{key}); err != nil {
			return err
		}
		return publishDamage(ctx, tx, clip)
	})
}

// DropLinkAssets forgets the files of a snippet link, so that they are cut again.
func (s LinkRows) DropLinkAssets(ctx context.Context, link tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error { return dropLinkAssets(ctx, tx, link) })
}

const scrubName = "objects"

// Scrub is the run that reads all objects; zero before the first one.
func (s MediaRows) Scrub(ctx context.Context) (tidings.Scrub, error) {
	return readScrub(ctx, s.queries())
}

func readScrub(ctx context.Context, q *dbq.Queries) (tidings.Scrub, error) {
	r, err := q.Scrub(ctx, scrubName)
	if isNotFound(err) {
		return tidings.Scrub{}, nil
	}
	return tidings.Scrub{After: tidings.ID(r.AfterID), Objects: r.Objects, Bytes: r.Bytes, StartedAt: tidings.FromMillis(r.StartedMs), FinishedAt: timeFromMillis(r.FinishedMs)}, err
}

// PutScrub stores how far the run is.
func (s MediaRows) PutScrub(ctx context.Context, n tidings.Scrub) error {
	var finished *int64
	if n.FinishedAt != nil {
		finished = new(tidings.Millis(*n.FinishedAt))
	}
	return s.InTx(ctx, func(tx Tx) error {
		return tx.PutScrub(ctx, dbq.PutScrubParams{Name: scrubName, AfterID: string(n.After), Objects: n.Objects, Bytes: n.Bytes,
			StartedMs: tidings.Millis(n.StartedAt), FinishedMs: finished})
	})
}
