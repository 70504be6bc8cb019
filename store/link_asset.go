package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// LinkAssets are the files that were cut out for a snippet link; none before
// that was done.
func (s LinkRows) LinkAssets(ctx context.Context, link tidings.ID) ([]tidings.LinkAsset, error) {
	rows, err := s.queries().LinkAssetsOfLink(ctx, string(link))
	out := make([]tidings.LinkAsset, len(rows))
	for i, r := range rows {
		out[i] = tidings.LinkAsset{LinkID: link, ClipID: tidings.ID(r.ClipID), Name: r.Name, ContentType: r.ContentType, Bytes: r.Bytes, Key: r.Key,
			Sums: tidings.BlockSums(r.Sums)}
	}
	return out, err
}

// PutLinkAssets makes the files of a snippet link visible, all at once, in place
// of older ones. KindConflict when the link was revoked or shows another snippet
// by now: the caller then hands the objects to AddStaleObjects.
func (s LinkRows) PutLinkAssets(ctx context.Context, l tidings.Link, assets []tidings.LinkAsset) error {
	return s.InTx(ctx, func(tx Tx) error {
		row, err := tx.LinkByID(ctx, string(l.ID))
		if err != nil {
			return notFound(err)
		}

		now, want := toLink(row), l.Snippet()
		if part := now.Snippet(); now.RevokedAt != nil || part == nil || want == nil || *part != *want {
			return tidings.Errorf(tidings.KindConflict, "The link was changed meanwhile.")
		}
		if err := dropLinkAssets(ctx, tx, l.ID); err != nil {
			return err
		}

		for _, a := range assets {
			if err := tx.PutLinkAsset(ctx, dbq.PutLinkAssetParams{LinkID: string(l.ID), ClipID: row.ClipID, Name: a.Name,
				ContentType: a.ContentType, Bytes: a.Bytes, Key: a.Key, Sums: []byte(a.Sums)}); err != nil {
				return err
			}
		}

		g, err := tx.ClipAccessByID(ctx, row.ClipID)
		if err != nil {
			return notFound(err)
		}

		tx.publishClipUpdated(tidings.ID(g.WorkspaceID), tidings.ID(row.ClipID))
		return nil
	})
}

// dropLinkAssets leaves the files of a link to the sweep of stale objects.
func dropLinkAssets(ctx context.Context, tx Tx, link tidings.ID) error {
	rows, err := tx.LinkAssetsOfLink(ctx, string(link))
	if err != nil {
		return err
	}

	keys := make([]string, len(rows))
	for i, r := range rows {
		keys[i] = r.Key
	}

	if err := putStaleObjects(ctx, tx, keys); err != nil {
		return err
	}

	return tx.DeleteLinkAssets(ctx, string(link))
}
