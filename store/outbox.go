package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// Outbox are the clips that the search index has to read again, oldest first.
func (s SearchRows) Outbox(ctx context.Context, limit int) ([]tidings.OutboxEntry, error) {
	rows, err := s.queries().OutboxBatch(ctx, int32(limit))
	out := make([]tidings.OutboxEntry, len(rows))
	for i, r := range rows {
		out[i] = tidings.OutboxEntry{ClipID: tidings.ID(r.ClipID), Version: r.Version}
	}
	return out, err
}

// OutboxDone deletes entries that were indexed at just these versions; an entry
// with a newer one stays. A clip without an entry is marked as indexed.
func (s SearchRows) OutboxDone(ctx context.Context, entries []tidings.OutboxEntry) error {
	return s.InTx(ctx, func(tx Tx) error {
		for _, e := range entries {
			n, err := tx.DeleteOutboxEntry(ctx, dbq.DeleteOutboxEntryParams{ClipID: string(e.ClipID), Version: e.Version})
			if err != nil {
				return err
			}
			if n == 0 {
				if err := tx.RestartOutboxWait(ctx, dbq.RestartOutboxWaitParams{ClipID: string(e.ClipID), Version: e.Version, SinceMs: s.nowMS()}); err != nil {
					return err
				}
				continue
			}
			if err := markIndexed(ctx, tx, e.ClipID); err != nil {
				return err
			}
		}
		return nil
	})
}

// markIndexed sets the step index: done when the other steps have ended, else
// running.
func markIndexed(ctx context.Context, tx Tx, clip tidings.ID) error {
	rows, err := tx.StepsOfClip(ctx, string(clip))
	if err != nil || len(rows) == 0 { // the clip is deleted
		return err
	}

	var steps tidings.Steps
	for _, r := range rows {
		setStepStatus(&steps, r)
	}

	state := tidings.StepRunning
	if nothingLeftToIndex(steps) {
		state = tidings.StepDone
	}

	if steps.Index.State == state {
		return nil
	}

	return setStep(ctx, tx, clip, tidings.StepIndex, state, "")
}

// endIndex completes the step index when the other steps have ended and the
// outbox has no entry of the clip.
func endIndex(ctx context.Context, tx Tx, clip tidings.ID, steps tidings.Steps) error {
	if !nothingLeftToIndex(steps) || steps.Index.State == tidings.StepDone {
		return nil
	}
	_, err := tx.OutboxEntryOfClip(ctx, string(clip))
	if err == nil || !isNotFound(err) {
		return err
	}
	return tx.SetStep(ctx, dbq.SetStepParams{ClipID: string(clip), Step: string(tidings.StepIndex), State: string(tidings.StepDone), Permille: 1000})
}

// nothingLeftToIndex reports whether no step will add anything to the index.
func nothingLeftToIndex(steps tidings.Steps) bool {
	for _, st := range []tidings.StepStatus{steps.Upload, steps.Transcode, steps.Transcribe} {
		if st.State == tidings.StepWaiting || st.State == tidings.StepRunning {
			return false
		}
	}
	return true
}

// IndexVersions pages through the versions the index should have, by clip id,
// for audits. Replies have none: they are indexed with the clips they answer.
func (s SearchRows) IndexVersions(ctx context.Context, after tidings.ID, limit int) ([]tidings.OutboxEntry, error) {
	rows, err := s.queries().IndexVersions(ctx, dbq.IndexVersionsParams{ID: string(after), Limit: int32(limit)})
	out := make([]tidings.OutboxEntry, len(rows))
	for i, r := range rows {
		out[i] = tidings.OutboxEntry{ClipID: tidings.ID(r.ID), Version: r.IndexVersion}
	}
	return out, err
}

// Reindex puts clips into the outbox again. It publishes no event: the clips
// themselves have not changed.
func (s SearchRows) Reindex(ctx context.Context, clips []tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		for _, id := range clips {
			if _, err := tx.ClipAccessByID(ctx, string(id)); err != nil {
				return notFound(err)
			}
			if err := enqueueIndexing(ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}
