package store

import (
	"context"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// RetryTranscript notes what a person asks for and lets the step transcribe
// run again. A run under way loses its lease: what it writes from now on does
// not count. KindConflict when a person has edited the transcript and the
// request does not say to replace that.
func (s *Store) RetryTranscript(ctx context.Context, r tidings.TranscriptRequest) error {
	return s.InTx(ctx, func(tx Tx) error {
		t, err := tx.CurrentTranscript(ctx, string(r.ClipID))
		if err != nil && !isNotFound(err) {
			return err
		}
		if err == nil && t.EditedMs != nil && !r.ReplaceEdits {
			return tidings.Errorf(tidings.KindConflict, "People have corrected this transcript. Ask for replace_edits to lose their corrections.")
		}
		if err := s.checkOriginal(ctx, tx, r.ClipID); err != nil {
			return err
		}
		if err := tx.PutTranscriptRequest(ctx, dbq.PutTranscriptRequestParams{ClipID: string(r.ClipID), Engine: r.Engine, Language: r.Language,
			ReplaceEdits: r.ReplaceEdits, CreatedMs: s.nowMS()}); err != nil {
			return err
		}
		if err := s.setStep(ctx, tx, r.ClipID, tidings.StepTranscribe, tidings.StepWaiting, ""); err != nil {
			return err
		}
		return s.enqueueStep(ctx, tx, r.ClipID, tidings.StepTranscribe)
	})
}

// TranscriptRequest is what a person asked for; KindNotFound when nobody did.
func (s *Store) TranscriptRequest(ctx context.Context, clip tidings.ID) (tidings.TranscriptRequest, error) {
	r, err := s.queries().TranscriptRequestOfClip(ctx, string(clip))
	if err != nil {
		return tidings.TranscriptRequest{}, notFound(err)
	}
	return tidings.TranscriptRequest{ClipID: clip, Engine: r.Engine, Language: r.Language, ReplaceEdits: r.ReplaceEdits, CreatedAt: time.UnixMilli(r.CreatedMs)}, nil
}

// ReplaceTranscript puts a transcript in place of whatever is shown, as a
// whole, and ends the step and the request that led to it. It says whether it
// did: what a person has edited stays, unless the request allows to replace
// that and is younger. KindConflict when the lease is lost.
func (s *Store) ReplaceTranscript(ctx context.Context, run tidings.StepRun, t tidings.Transcript) (replaced bool, err error) {
	err = s.inRun(ctx, run, func(tx Tx) error {
		if replaced, err = s.canReplaceTranscript(ctx, tx, run.ClipID); err != nil {
			return err
		}

		if replaced {
			old, err := tx.CurrentTranscript(ctx, string(run.ClipID))
			if err != nil && !isNotFound(err) {
				return err
			}
			if err := s.replaceShownTranscript(ctx, tx, run, t, old.Language); err != nil {
				return err
			}
		}

		if err := tx.DropTranscriptRequest(ctx, string(run.ClipID)); err != nil {
			return err
		}
		return s.completeStep(ctx, tx, run)
	})
	return replaced && err == nil, err
}

// canReplaceTranscript reports whether an engine may replace the shown transcript.
func (s *Store) canReplaceTranscript(ctx context.Context, tx Tx, clip tidings.ID) (bool, error) {
	old, err := tx.CurrentTranscript(ctx, string(clip))
	if err != nil {
		if !isNotFound(err) {
			return false, err
		}
		return true, nil
	}
	if old.EditedMs == nil {
		return true, nil
	}

	r, err := tx.TranscriptRequestOfClip(ctx, string(clip))
	if err != nil {
		if !isNotFound(err) {
			return false, err
		}
		return false, nil
	}

	return r.ReplaceEdits && r.CreatedMs >= *old.EditedMs, nil
}
