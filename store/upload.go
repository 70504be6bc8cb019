package store

import (
	"cmp"
	"context"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

func toUpload(r dbq.Upload) tidings.Upload {
	return tidings.Upload{ID: tidings.ID(r.ID), ClipID: tidings.ID(r.ClipID), WorkspaceID: tidings.ID(r.WorkspaceID), UserID: tidings.ID(r.UserID),
		Length: r.Length, Offset: r.OffsetBytes, Filename: r.Filename, Filetype: r.Filetype, Metadata: r.Metadata, Fence: r.Fence, SealedAt: timeFromMillis(r.SealedMs),
		EndedEarly: r.EndedEarly, Aborted: r.Aborted, ContinuedBytes: r.ContinuedBytes, Continuations: r.Continuations, IdleSince: tidings.FromMillis(r.IdleSinceMs),
		ExpiresAt: tidings.FromMillis(r.ExpiresMs), CreatedAt: tidings.FromMillis(r.CreatedMs)}
}

// CreateUpload starts the original of a clip. A clip has one upload: a second
// one is KindConflict.
func (s UploadRows) CreateUpload(ctx context.Context, u tidings.Upload) error {
	return s.InTx(ctx, func(tx Tx) error {
		if _, err := tx.UploadByClip(ctx, string(u.ClipID)); err == nil {
			return tidings.UploadExists()
		} else if !isNotFound(err) {
			return err
		}

		if err := tx.InsertUpload(ctx, dbq.InsertUploadParams{ID: string(u.ID), ClipID: string(u.ClipID), WorkspaceID: string(u.WorkspaceID),
			UserID: string(u.UserID), Length: u.Length, Filename: u.Filename, Filetype: u.Filetype, Metadata: u.Metadata,
			IdleSinceMs: s.nowMS(), ExpiresMs: tidings.Millis(u.ExpiresAt), CreatedMs: s.nowMS()}); err != nil {
			return err
		}
		return setStep(ctx, tx, u.ClipID, tidings.StepUpload, tidings.StepRunning, "")
	})
}

// Upload is the upload with the id.
func (s UploadRows) Upload(ctx context.Context, id tidings.ID) (tidings.Upload, error) {
	r, err := s.queries().UploadByID(ctx, string(id))
	return toUpload(r), notFound(err)
}

// UploadByClip is the upload of a clip.
func (s UploadRows) UploadByClip(ctx context.Context, clip tidings.ID) (tidings.Upload, error) {
	r, err := s.queries().UploadByClip(ctx, string(clip))
	return toUpload(r), notFound(err)
}

// FenceUpload raises the fence, so that writers with an older one are refused,
// and returns the upload.
func (s UploadRows) FenceUpload(ctx context.Context, id tidings.ID) (u tidings.Upload, err error) {
	err = s.InTx(ctx, func(tx Tx) error {
		r, err := tx.FenceUpload(ctx, string(id))
		u = toUpload(r)
		return notFound(err)
	})
	return u, err
}

// AppendPart makes a stored part count: it inserts the row and moves the offset
// from part.Offset to its end, if that is still the offset and the caller still
// holds the fence (else KindConflict). The first part enqueues the clip's steps
// in the same transaction.
func (s UploadRows) AppendPart(ctx context.Context, p tidings.UploadPart, fence int64, expires time.Time) (u tidings.Upload, err error) {
	err = s.InTx(ctx, func(tx Tx) error {
		r, err := tx.AdvanceUpload(ctx, dbq.AdvanceUploadParams{ID: string(p.UploadID), At: p.Offset, Size: p.Size, Fence: fence,
			NowMs: s.nowMS(), ExpiresMs: tidings.Millis(expires)})
		if isNotFound(err) {
			u, err = refusedUpload(ctx, tx, p.UploadID, func(u tidings.Upload) error {
				return cmp.Or(u.CheckFence(fence), u.CheckAppend(p.Offset))
			})
		}
		if err != nil {
			return err
		}

		u = toUpload(r)
		if err := tx.InsertPart(ctx, dbq.InsertPartParams{UploadID: r.ID, OffsetBytes: p.Offset, ClipID: r.ClipID, Size: p.Size, Key: p.Key, Sums: []byte(p.Sums)}); err != nil {
			return err
		}

		tx.Publish(tidings.Event{Type: tidings.EventUploadPart, WorkspaceID: u.WorkspaceID, ClipID: u.ClipID})
		if p.Offset == 0 {
			if err := enqueueSteps(ctx, tx, u.ClipID); err != nil {
				return err
			}
		}

		return clearAtRisk(ctx, tx, u)
	})
	return u, err
}

// RenewUpload is a sign of life of the recorder that holds the fence, without
// any bytes: a paused recording is not a silent one.
func (s UploadRows) RenewUpload(ctx context.Context, id tidings.ID, fence int64, expires time.Time) (u tidings.Upload, err error) {
	err = s.InTx(ctx, func(tx Tx) error {
		r, err := tx.RenewUpload(ctx, dbq.RenewUploadParams{ID: string(id), Fence: fence, NowMs: s.nowMS(), ExpiresMs: tidings.Millis(expires)})
		if isNotFound(err) {
			u, err = refusedUpload(ctx, tx, id, func(u tidings.Upload) error { return u.CheckFence(fence) })
		}
		if err != nil {
			return err
		}

		u = toUpload(r)
		return clearAtRisk(ctx, tx, u)
	})
	return u, err
}

// refusedUpload reads an upload of which a guarded update has changed no row, and
// returns the error of check. A check without an error means that the row has
// changed between the update and the reading.
func refusedUpload(ctx context.Context, tx Tx, id tidings.ID, check func(tidings.Upload) error) (tidings.Upload, error) {
	r, err := tx.UploadByID(ctx, string(id))
	if err != nil {
		return tidings.Upload{}, notFound(err)
	}

	u := toUpload(r)
	return u, cmp.Or(check(u), tidings.UploadOffsetConflict(u))
}

func enqueueSteps(ctx context.Context, tx Tx, clip tidings.ID) error {
	for _, step := range []tidings.Step{tidings.StepTranscode, tidings.StepTranscribe} {
		if err := enqueueStep(ctx, tx, clip, step); err != nil {
			return err
		}
	}
	return nil
}

func clearAtRisk(ctx context.Context, tx Tx, u tidings.Upload) error {
	n, err := tx.SetClipAtRisk(ctx, dbq.SetClipAtRiskParams{ID: string(u.ClipID), AtRisk: false})
	if err != nil || n == 0 {
		return err
	}
	tx.publishClipUpdated(u.WorkspaceID, u.ClipID)
	return nil
}

// SetUploadLength sets a deferred length. A second, different length is
// KindConflict; one below the offset is KindInvalid.
func (s UploadRows) SetUploadLength(ctx context.Context, id tidings.ID, n int64) (u tidings.Upload, err error) {
	err = s.InTx(ctx, func(tx Tx) error {
		changed, err := tx.SetUploadLength(ctx, dbq.SetUploadLengthParams{ID: string(id), Length: &n})
		if err != nil {
			return err
		}

		r, err := tx.UploadByID(ctx, string(id))
		if err != nil {
			return notFound(err)
		}

		u = toUpload(r)
		if changed > 0 {
			return nil
		}
		return u.CheckLength(n)
	})
	return u, err
}

// SealUpload ends the original at its offset. It may be called again. early says
// that the server does it because the recorder vanished.
func (s UploadRows) SealUpload(ctx context.Context, id tidings.ID, early bool) (u tidings.Upload, err error) {
	err = s.InTx(ctx, func(tx Tx) error {
		now := s.nowMS()
		n, err := tx.SealUpload(ctx, dbq.SealUploadParams{ID: string(id), SealedMs: &now, EndedEarly: early})
		if err != nil {
			return err
		}

		r, err := tx.UploadByID(ctx, string(id))
		if err != nil {
			return notFound(err)
		}

		u = toUpload(r)

		if n == 0 {
			return nil
		}

		// Where no byte came after a recorder went on, the clip is as it was before.
		endedEarly := early && u.Offset > u.ContinuedBytes
		if err := tx.SetClipRecorded(ctx, dbq.SetClipRecordedParams{ID: r.ClipID, RecordedMs: &now, EndedEarly: endedEarly}); err != nil {
			return err
		}

		tx.Publish(tidings.Event{Type: tidings.EventUploadSealed, WorkspaceID: u.WorkspaceID, ClipID: u.ClipID})
		if u.Offset == 0 {
			return failUpload(ctx, tx, u.ClipID, "Nothing was recorded: not one byte arrived.")
		}
		if err := notifyClip(ctx, tx, u.ClipID); err != nil {
			return err
		}
		return setStep(ctx, tx, u.ClipID, tidings.StepUpload, tidings.StepDone, "")
	})
	return u, err
}

func failUpload(ctx context.Context, tx Tx, clip tidings.ID, why string) error {
	for _, step := range []tidings.Step{tidings.StepTranscode, tidings.StepTranscribe} {
		if err := setStep(ctx, tx, clip, step, tidings.StepSkipped, ""); err != nil {
			return err
		}
	}
	return setStep(ctx, tx, clip, tidings.StepUpload, tidings.StepFailed, why)
}

// AbortUpload ends an upload for good: its bytes are left to the sweep and its
// clip has failed. KindConflict when a recorder has gone on in the clip: what was
// recorded before belongs to it.
func (s UploadRows) AbortUpload(ctx context.Context, id tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		r, err := tx.UploadByID(ctx, string(id))
		if err != nil {
			return notFound(err)
		}
		if toUpload(r).Continues() {
			return tidings.UploadContinued()
		}

		now := s.nowMS()
		n, err := tx.AbortUpload(ctx, dbq.AbortUploadParams{ID: string(id), SealedMs: &now})
		if err != nil {
			return err
		}
		if n == 0 {
			u := toUpload(r)
			return cmp.Or(u.CheckOpen(), tidings.UploadOffsetConflict(u))
		}
		if err := dropPartsFrom(ctx, tx, tidings.ID(r.ClipID), 0); err != nil {
			return err
		}

		tx.Publish(tidings.Event{Type: tidings.EventUploadSealed, WorkspaceID: tidings.ID(r.WorkspaceID), ClipID: tidings.ID(r.ClipID)})
		return failUpload(ctx, tx, tidings.ID(r.ClipID), "The upload was cancelled.")
	})
}

// partKeys are the objects of a clip's parts that begin at a byte or later.
func partKeys(ctx context.Context, tx Tx, clip tidings.ID, from int64) ([]string, error) {
	rows, err := tx.PartsFrom(ctx, dbq.PartsFromParams{ClipID: string(clip), FromByte: from, PageSize: 1 << 30})
	if err != nil {
		return nil, err
	}

	keys := make([]string, 0, len(rows))
	for _, p := range rows {
		if p.OffsetBytes >= from {
			keys = append(keys, p.Key)
		}
	}
	return keys, nil
}

// Parts are the parts of a clip that reach beyond a byte, in order.
func (s UploadRows) Parts(ctx context.Context, clip tidings.ID, from int64, limit int) ([]tidings.UploadPart, error) {
	rows, err := s.queries().PartsFrom(ctx, dbq.PartsFromParams{ClipID: string(clip), FromByte: from, PageSize: int32(limit)})
	out := make([]tidings.UploadPart, len(rows))
	for i, r := range rows {
		out[i] = tidings.UploadPart{UploadID: tidings.ID(r.UploadID), ClipID: clip, Offset: r.OffsetBytes, Size: r.Size, Key: r.Key, Sums: tidings.BlockSums(r.Sums)}
	}
	return out, err
}

// IdleUploads are open uploads without a sign of life since before the time.
func (s UploadRows) IdleUploads(ctx context.Context, before time.Time, limit int) ([]tidings.Upload, error) {
	rows, err := s.queries().IdleUploads(ctx, dbq.IdleUploadsParams{IdleSinceMs: tidings.Millis(before), Limit: int32(limit)})
	out := make([]tidings.Upload, len(rows))
	for i, r := range rows {
		out[i] = toUpload(r)
	}
	return out, err
}

// MarkAtRisk marks a clip whose recorder has fallen silent.
func (s UploadRows) MarkAtRisk(ctx context.Context, u tidings.Upload) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.SetClipAtRisk(ctx, dbq.SetClipAtRiskParams{ID: string(u.ClipID), AtRisk: true})
		if err != nil || n == 0 {
			return err
		}
		tx.publishClipUpdated(u.WorkspaceID, u.ClipID)
		return nil
	})
}

// WorkspaceBytes is the size of all originals of a workspace.
func (s UploadRows) WorkspaceBytes(ctx context.Context, ws tidings.ID) (int64, error) {
	return s.queries().WorkspaceBytes(ctx, string(ws))
}
