package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// TranscriptPiece is what an engine has made of a piece of a clip; KindNotFound
// when it has not. FinishStep drops those of a clip.
func (s TranscriptRows) TranscriptPiece(ctx context.Context, clip tidings.ID, key string) ([]byte, error) {
	result, err := s.queries().TranscriptPiece(ctx, dbq.TranscriptPieceParams{ClipID: string(clip), Key: key})
	return result, notFound(err)
}

// PutTranscriptPiece keeps what an engine has made of a piece of a clip. It needs
// no lease: the key says of which samples, and by which engine.
func (s TranscriptRows) PutTranscriptPiece(ctx context.Context, clip tidings.ID, key string, result []byte) error {
	return s.InTx(ctx, func(tx Tx) error {
		return tx.PutTranscriptPiece(ctx, dbq.PutTranscriptPieceParams{ClipID: string(clip), Key: key, Result: result})
	})
}

// SetRefinement stores when the transcript that a run writes is refined.
func (s TranscriptRows) SetRefinement(ctx context.Context, run tidings.StepRun, when tidings.Refinement) error {
	return s.inRun(ctx, run, func(tx Tx) error {
		if err := tx.SetRefinement(ctx, dbq.SetRefinementParams{ClipID: string(run.ClipID), Attempt: run.Attempt, Refinement: string(when)}); err != nil {
			return err
		}
		g, err := tx.ClipAccessByID(ctx, string(run.ClipID))
		if err != nil {
			return notFound(err)
		}
		tx.publishClipUpdated(tidings.ID(g.WorkspaceID), run.ClipID)
		return nil
	})
}
