package store

import (
	"context"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// unsentBatch bounds the clips of one SweepUnsentClips; the oldest come first.
const unsentBatch = 200

// SweepUnsentClips handles clips whose upload was never started, as when the
// page was closed before it sent anything: those older than idle are marked at
// risk, those older than trashAfter go to the trash, where they can be restored.
func (s PurgeRows) SweepUnsentClips(ctx context.Context, idle, trashAfter time.Duration) error {
	due := dbq.UnsentClipsParams{RiskBeforeMs: s.nowMS() - idle.Milliseconds(), TrashBeforeMs: s.nowMS() - trashAfter.Milliseconds(), PageSize: unsentBatch}
	if clips, err := s.queries().UnsentClips(ctx, due); err != nil || len(clips) == 0 {
		return err // mostly none: the writer is left alone
	}
	return s.InTx(ctx, func(tx Tx) error {
		clips, err := tx.UnsentClips(ctx, due) // an upload may have begun since
		if err != nil {
			return err
		}

		for _, c := range clips {
			if err := sweepUnsentClip(ctx, tx, c, due.TrashBeforeMs); err != nil {
				return err
			}
		}

		return nil
	})
}

func sweepUnsentClip(ctx context.Context, tx Tx, c dbq.UnsentClipsRow, trashBeforeMS int64) error {
	if c.CreatedMs <= trashBeforeMS {
		now := tx.nowMS()
		return setTrashedInTx(ctx, tx, tidings.ID(c.ID), &now)
	}
	if _, err := tx.SetClipAtRisk(ctx, dbq.SetClipAtRiskParams{ID: c.ID, AtRisk: true}); err != nil {
		return err
	}

	tx.publishClipUpdated(tidings.ID(c.WorkspaceID), tidings.ID(c.ID))
	return nil
}
