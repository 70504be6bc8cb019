package store

import (
	"context"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// RetryTranscript stores a person's request and lets the step transcribe run
// again. A run at work loses its lease, and its later writes are refused.
// KindConflict when a person has edited the transcript and the request does not
// say to replace that.
func (s TranscriptRows) RetryTranscript(ctx context.Context, r tidings.TranscriptRequest) error {
	return s.InTx(ctx, func(tx Tx) error {
		t, err := tx.CurrentTranscript(ctx, string(r.ClipID))
		if err != nil && !isNotFound(err) {
			return err
		}
		if err == nil && t.EditedMs != nil && !r.ReplaceEdits {
			return tidings.Errorf(tidings.KindConflict, "People have corrected this transcript. Ask for replace_edits to lose their corrections.")
		}
		if err := checkOriginal(ctx, tx, r.ClipID); err != nil {
			return err
		}
		if err := tx.PutTranscriptRequest(ctx, dbq.PutTranscriptRequestParams{ClipID: string(r.ClipID), Engine: r.Engine, Language: r.Language,
			ReplaceEdits: r.ReplaceEdits, CreatedMs: s.nowMS()}); err != nil {
			return err
		}
		if err := setStep(ctx, tx, r.ClipID, tidings.StepTranscribe, tidings.StepWaiting, ""); err != nil {
			return err
		}
		return enqueueStep(ctx, tx, r.ClipID, tidings.StepTranscribe)
	})
}

// TranscriptRequest is the request that is open for a clip; KindNotFound without
// one.
func (s TranscriptRows) TranscriptRequest(ctx context.Context, clip tidings.ID) (tidings.TranscriptRequest, error) {
	r, err := s.queries().TranscriptRequestOfClip(ctx, string(clip))
	if err != nil {
		return tidings.TranscriptRequest{}, notFound(err)
	}
	return tidings.TranscriptRequest{ClipID: clip, Engine: r.Engine, Language: r.Language, ReplaceEdits: r.ReplaceEdits, CreatedAt: time.UnixMilli(r.CreatedMs)}, nil
}

// ReplaceTranscript replaces the shown transcript as a whole, and ends the step
// and the request that led to it. It reports whether it did: an edited one
// stays, unless the request allows to replace it and is younger. KindConflict
// when the lease is lost.
func (s TranscriptRows) ReplaceTranscript(ctx context.Context, run tidings.StepRun, t tidings.Transcript) (replaced bool, err error) {
	err = s.inRun(ctx, run, func(tx Tx) error {
		if replaced, err = canReplaceTranscript(ctx, tx, run.ClipID); err != nil {
			return err
		}

		if replaced {
			old, err := tx.CurrentTranscript(ctx, string(run.ClipID))
			if err != nil && !isNotFound(err) {
				return err
			}
			if err := replaceShownTranscript(ctx, tx, run, t, old.Language); err != nil {
				return err
			}
		}

		if err := tx.DropTranscriptRequest(ctx, string(run.ClipID)); err != nil {
			return err
		}
		return completeStep(ctx, tx, run)
	})
	return replaced && err == nil, err
}

// canReplaceTranscript reports whether an engine may replace the shown
// transcript.
func canReplaceTranscript(ctx context.Context, tx Tx, clip tidings.ID) (bool, error) {
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
