package store

import (
	"context"
	"strconv"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// SetMaskProfanity switches the mask over profane words of a workspace's
// transcripts on or off if its version is still w.Version, else KindStale. Open
// pages load again.
func (s WorkspaceRows) SetMaskProfanity(ctx context.Context, w tidings.Workspace, on bool) (tidings.Workspace, error) {
	err := s.InTx(ctx, func(tx Tx) error {
		n, err := tx.SetMaskProfanity(ctx, dbq.SetMaskProfanityParams{ID: string(w.ID), MaskProfanity: on, Version: w.Version})
		if err := requireChange(n, err, errStale()); err != nil {
			return err
		}

		tx.Publish(tidings.Event{Type: tidings.EventAccessChanged, WorkspaceID: w.ID})
		return tx.Audit(ctx, tidings.AuditEntry{WorkspaceID: w.ID, Action: tidings.AuditWorkspaceChanged, TargetID: w.ID,
			Detail: map[string]string{"mask_profanity": strconv.FormatBool(on)}})
	})

	w.Version++
	w.MaskProfanity = on
	return w, err
}
