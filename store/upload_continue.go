package store

import (
	"context"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// originalName is the name of the asset that a sealed original becomes.
const originalName = "original"

// ContinueUpload opens the upload of a clip again, at its size, so that a
// recorder goes on in it. Its sealed object becomes the first part. What was made
// of the original stays until it is made again, from the first byte. KindConflict
// or KindGone when tidings.Upload.CheckContinue refuses, and KindConflict for a
// clip in the trash, one that could not be played, one whose stored original is
// damaged, and one whose transcript people have corrected.
func (s UploadRows) ContinueUpload(ctx context.Context, clip tidings.ID, expires time.Time) (u tidings.Upload, err error) {
	err = s.InTx(ctx, func(tx Tx) error {
		if u, err = continuableUpload(ctx, tx, clip); err != nil {
			return err
		}

		r, err := tx.ReopenUpload(ctx, dbq.ReopenUploadParams{ID: string(u.ID), NowMs: s.nowMS(), ExpiresMs: tidings.Millis(expires)})
		if err != nil {
			return err
		}

		u = toUpload(r)
		if err := splitOriginal(ctx, tx, u); err != nil {
			return err
		}
		if err := tx.ReopenClip(ctx, string(clip)); err != nil {
			return err
		}
		if err := setStep(ctx, tx, clip, tidings.StepUpload, tidings.StepRunning, ""); err != nil {
			return err
		}
		return remakeSteps(ctx, tx, u)
	})
	return u, err
}

// continuableUpload is the upload of a clip that a recorder may go on with.
func continuableUpload(ctx context.Context, tx Tx, clip tidings.ID) (tidings.Upload, error) {
	r, err := tx.UploadByClip(ctx, string(clip))
	if err != nil {
		return tidings.Upload{}, notFound(err)
	}

	u := toUpload(r)
	if err := u.CheckContinue(tx.now); err != nil {
		return u, err
	}

	c, err := tx.ClipByID(ctx, string(clip))
	if err != nil {
		return u, notFound(err)
	}

	switch {
	case c.TrashedMs != nil:
		return u, tidings.Errorf(tidings.KindConflict, "The clip is in the trash.")
	case c.Kind == string(tidings.ClipFile):
		return u, tidings.Errorf(tidings.KindConflict, "This clip is a file that was uploaded: only a recording can be continued.")
	case c.State == string(tidings.ClipFailed):
		return u, tidings.Errorf(tidings.KindConflict, "This recording could not be played, so it cannot be continued. Record another clip.")
	}

	return u, checkContinuableOutput(ctx, tx, clip)
}

// checkContinuableOutput refuses a clip whose original cannot be read again, and
// one whose transcript would lose what people have corrected.
func checkContinuableOutput(ctx context.Context, tx Tx, clip tidings.ID) error {
	id := string(clip)
	damaged, err := tx.DamageOfClip(ctx, &id)
	if err != nil {
		return err
	}
	for _, d := range toDamages(damaged) {
		if d.IsOriginal() {
			return tidings.Errorf(tidings.KindConflict, "The stored original of this recording is damaged, so it cannot be continued. Record another clip.")
		}
	}

	t, err := tx.CurrentTranscript(ctx, id)
	if err != nil {
		return ignoreNotFound(err)
	}
	if t.EditedMs != nil {
		return tidings.Errorf(tidings.KindConflict, "People have corrected the transcript of this clip, which would be made again. Record another clip.")
	}
	return nil
}

// splitOriginal makes the sealed object of an upload, if it has one already, the
// first of its parts.
func splitOriginal(ctx context.Context, tx Tx, u tidings.Upload) error {
	a, err := tx.AssetByName(ctx, dbq.AssetByNameParams{ClipID: string(u.ClipID), Name: originalName})
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}

	if err := tx.InsertPart(ctx, dbq.InsertPartParams{UploadID: string(u.ID), OffsetBytes: 0, ClipID: a.ClipID, Size: a.Bytes, Key: a.Key, Sums: a.Sums}); err != nil {
		return err
	}
	return tx.DeleteAsset(ctx, dbq.DeleteAssetParams{ClipID: a.ClipID, Key: a.Key})
}

// remakeSteps has everything made again that is made of the original: runs at
// work lose their leases, and the transcript counts as unfinished.
func remakeSteps(ctx context.Context, tx Tx, u tidings.Upload) error {
	if err := tx.ReopenTranscript(ctx, string(u.ClipID)); err != nil {
		return err
	}

	for _, step := range []tidings.Step{tidings.StepTranscode, tidings.StepTranscribe} {
		if err := setStep(ctx, tx, u.ClipID, step, tidings.StepWaiting, ""); err != nil {
			return err
		}
	}

	tx.publishClipUpdated(u.WorkspaceID, u.ClipID)
	return enqueueSteps(ctx, tx, u.ClipID)
}

// CancelContinuation ends the upload of a clip at the size it had before a
// recorder went on in it for the number-th time: the parts since then are handed
// to the sweep. Without this continuation, open, it changes nothing.
func (s UploadRows) CancelContinuation(ctx context.Context, clip tidings.ID, number int64) error {
	return s.InTx(ctx, func(tx Tx) error {
		r, err := tx.UploadByClip(ctx, string(clip))
		if err != nil {
			return notFound(err)
		}

		now := s.nowMS()
		if r, err = tx.RevertUpload(ctx, dbq.RevertUploadParams{ID: r.ID, Number: number, NowMs: &now}); err != nil {
			return ignoreNotFound(err)
		}

		u := toUpload(r)
		if err := dropPartsFrom(ctx, tx, clip, u.Offset); err != nil {
			return err
		}
		if err := tx.SetClipRecorded(ctx, dbq.SetClipRecordedParams{ID: r.ClipID, RecordedMs: &now, EndedEarly: false}); err != nil {
			return err
		}

		tx.Publish(tidings.Event{Type: tidings.EventUploadSealed, WorkspaceID: u.WorkspaceID, ClipID: clip})
		if err := setStep(ctx, tx, clip, tidings.StepUpload, tidings.StepDone, ""); err != nil {
			return err
		}
		return remakeSteps(ctx, tx, u)
	})
}

func dropPartsFrom(ctx context.Context, tx Tx, clip tidings.ID, from int64) error {
	keys, err := partKeys(ctx, tx, clip, from)
	if err != nil {
		return err
	}
	if err := putStaleObjects(ctx, tx, keys); err != nil {
		return err
	}
	return tx.DeletePartsFrom(ctx, dbq.DeletePartsFromParams{ClipID: string(clip), OffsetBytes: from})
}
