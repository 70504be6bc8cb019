package store

import (
	"context"
	"slices"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// ImportTranscript replaces the shown transcript by one that a person brought.
// No engine replaces it; a run at work ends without being shown.
func (s TranscriptRows) ImportTranscript(ctx context.Context, clip tidings.ID, t tidings.Transcript) error {
	return s.InTx(ctx, func(tx Tx) error {
		g, err := tx.ClipAccessByID(ctx, string(clip))
		if err != nil {
			return notFound(err)
		}

		id, now := tidings.NewID(s.clock()), s.nowMS()
		if err := tx.DropEndedTranscripts(ctx, dbq.DropEndedTranscriptsParams{ClipID: string(clip), ID: string(id)}); err != nil {
			return err
		}
		if err := tx.UnsetCurrentTranscripts(ctx, string(clip)); err != nil {
			return err
		}
		if err := tx.InsertTranscript(ctx, dbq.InsertTranscriptParams{ID: string(id), ClipID: string(clip), Current: true, Language: t.Language,
			Engine: t.Engine, Model: t.Model, CreatedMs: now}); err != nil {
			return err
		}

		segments := slices.Clone(t.Segments)
		for i := range segments {
			segments[i].ID, segments[i].Seq, segments[i].Origin = tidings.NewID(s.clock()), int64(i), tidings.OriginImported
			if err := insertSegment(ctx, tx, id, segments[i]); err != nil {
				return err
			}
		}

		if err := putPackedTranscript(ctx, tx.Queries, string(id), segments); err != nil {
			return err
		}
		if err := tx.FinishTranscript(ctx, dbq.FinishTranscriptParams{ID: string(id), State: string(tidings.StepDone), Language: t.Language}); err != nil {
			return err
		}
		if err := tx.SetTranscriptEdited(ctx, dbq.SetTranscriptEditedParams{ID: string(id), EditedMs: &now}); err != nil {
			return err
		}

		if t.Language != "" {
			if err := tx.SetClipLanguage(ctx, dbq.SetClipLanguageParams{ID: string(clip), Language: t.Language}); err != nil {
				return err
			}
		}

		tx.Publish(tidings.Event{Type: tidings.EventTranscriptUpdated, WorkspaceID: tidings.ID(g.WorkspaceID), ClipID: clip})
		tx.publishClipUpdated(tidings.ID(g.WorkspaceID), clip) // its language
		return enqueueIndexing(ctx, tx, clip)
	})
}
