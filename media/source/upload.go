package source

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tidings.example/tidings/tidings"
)

// Create inserts an upload. An announced length must fit MaxBytes (KindTooLarge) and
// the quota (KindQuota) and the disk (KindStorageFull); length 0 seals it at once.
func (s *Source) Create(ctx context.Context, u tidings.Upload) error {
	least := int64(1) // the quota must have space for at least one byte
	if u.Length != nil {
		if err := s.limits.CheckLength(*u.Length); err != nil {
			return err
		}
		least = max(least, *u.Length)
	}

	used, err := s.workspaceBytes(ctx, u.WorkspaceID)
	if err != nil {
		return err
	}
	if err := s.limits.CheckQuota(used, least); err != nil {
		return err
	}
	if err := s.config.CheckSpace(least); err != nil {
		return err
	}

	now := s.config.Clock()
	if u.ID == "" {
		u.ID = tidings.NewID(now)
	}

	u.CreatedAt, u.IdleSince, u.ExpiresAt = now, now, now.Add(s.config.SealAfter)
	if err := s.rows.Uploads.CreateUpload(ctx, u); err != nil {
		return err
	}
	if u.Length != nil && *u.Length == 0 {
		return s.Seal(ctx, u.ID, false)
	}

	return nil
}

// Upload returns the upload and leaves its writer alone; see Take.
func (s *Source) Upload(ctx context.Context, id tidings.ID) (tidings.Upload, error) {
	return s.rows.Uploads.Upload(ctx, id)
}

// Take is for a client that asks for the offset to resume at (tus HEAD): it
// stops an older writer once it has stored its buffer, and returns an upload
// whose offset does not change before the client's next Append.
func (s *Source) Take(ctx context.Context, id tidings.ID) (tidings.Upload, error) {
	if err := s.writers.stopWriter(ctx, id, s.config.TakeOver); err != nil {
		return tidings.Upload{}, err
	}

	u, err := s.rows.Uploads.Upload(ctx, id)
	if err != nil || u.SealedAt != nil || u.Aborted {
		return u, err
	}
	if u, err = s.rows.Uploads.FenceUpload(ctx, id); err != nil {
		return tidings.Upload{}, s.noteFull(err)
	}
	if u.Filled() { // a process died between the last part and the seal
		return s.rows.Uploads.SealUpload(ctx, id, false)
	}

	return u, nil
}

// SetLength sets the length of a deferred upload: at least its offset
// (KindInvalid), at most MaxBytes (KindTooLarge), and only once (KindConflict).
// An upload that has reached that length is sealed.
func (s *Source) SetLength(ctx context.Context, id tidings.ID, n int64) error {
	if err := s.limits.CheckLength(n); err != nil {
		return err
	}

	u, err := s.rows.Uploads.Upload(ctx, id)
	if err != nil {
		return err
	}

	if err := u.CheckLength(n); err != nil || u.SealedAt != nil {
		return err
	}

	if n == u.Offset {
		if err := s.sniffStored(ctx, u); err != nil {
			return err
		}
	}

	if u, err = s.rows.Uploads.SetUploadLength(ctx, id, n); err != nil {
		return err
	}

	if u.Filled() {
		_, err = s.rows.Uploads.SealUpload(ctx, id, false)
	}

	return err
}

// Seal ends an upload at its offset. early says that the server does so because
// the recorder is silent. Sealing twice is no error.
func (s *Source) Seal(ctx context.Context, id tidings.ID, early bool) error {
	if err := s.writers.stopWriter(ctx, id, s.config.TakeOver); err != nil {
		return err
	}
	_, err := s.rows.Uploads.SealUpload(ctx, id, early)
	return err
}

// Terminate aborts an upload and deletes its bytes (tus DELETE). A complete one
// is part of a clip and deleted with it (KindGone). One that a recorder went on
// with ends as it was before; see CancelContinuation.
func (s *Source) Terminate(ctx context.Context, id tidings.ID) error {
	if err := s.writers.stopWriter(ctx, id, s.config.TakeOver); err != nil {
		return err
	}

	u, err := s.rows.Uploads.Upload(ctx, id)
	if err != nil {
		return err
	}

	if err := u.CheckTerminate(); err != nil {
		return err
	}

	if u.Continues() { // what was recorded before belongs to the clip
		return s.rows.Continuations.CancelContinuation(ctx, u.ClipID, u.Continuations)
	}

	if !u.Aborted {
		if err := s.rows.Uploads.AbortUpload(ctx, id); err != nil {
			return err
		}
	}

	return s.deleteLeftOver(ctx, u, "")
}

// deleteLeftOver deletes the objects of a clip's original but one, with or without
// a row: parts, and originals that no row came to name. It leaves those of a
// recorder that went on in the clip since u was read.
func (s *Source) deleteLeftOver(ctx context.Context, u tidings.Upload, keep string) error {
	stays := func(key string) bool { return key == keep || isOfLaterContinuation(u, key) }
	return errors.Join(s.deleteObjects(ctx, partPrefix(u.ClipID), stays), s.deleteObjects(ctx, originalPrefix(u.ClipID), stays))
}

// deleteObjects deletes the objects with a prefix, but those that stay.
func (s *Source) deleteObjects(ctx context.Context, prefix string, stays func(key string) bool) error {
	const page = 1000
	for after := ""; ; {
		keys, err := s.blobs.Keys(ctx, prefix, after, page)
		if err != nil {
			return fmt.Errorf("list %s: %w", prefix, err)
		}

		if old := slices.DeleteFunc(slices.Clone(keys), stays); len(old) > 0 {
			if err := s.blobs.Delete(ctx, old...); err != nil {
				return fmt.Errorf("delete objects of %s: %w", prefix, err)
			}
		}

		if len(keys) < page {
			return nil
		}
		after = keys[len(keys)-1]
	}
}
