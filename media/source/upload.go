package source

import (
	"context"
	"fmt"

	"tidings.example/tidings/tidings"
)

// Create begins an upload. A known length must fit MaxBytes (KindTooLarge) and
// the quota (KindQuota); length 0 seals it at once.
func (s *Source) Create(ctx context.Context, u tidings.Upload) error {
	if u.Length != nil {
		if err := s.fits(*u.Length); err != nil {
			return err
		}
	}

	if s.config.Quota > 0 {
		used, err := s.rows.WorkspaceBytes(ctx, u.WorkspaceID)
		if err != nil {
			return fmt.Errorf("bytes of the workspace: %w", err)
		}
		if used >= s.config.Quota || u.Length != nil && *u.Length > s.config.Quota-used {
			return errQuota()
		}
	}

	now := s.config.Clock()
	if u.ID == "" {
		u.ID = tidings.NewID(now)
	}

	u.CreatedAt, u.IdleSince, u.ExpiresAt = now, now, now.Add(s.config.SealAfter)
	if err := s.rows.CreateUpload(ctx, u); err != nil {
		return err
	}
	if u.Length != nil && *u.Length == 0 {
		return s.Seal(ctx, u.ID, false)
	}

	return nil
}

func (s *Source) fits(length int64) error {
	switch {
	case length < 0:
		return tidings.Invalid("Upload-Length", "It may not be negative.")
	case length > s.config.MaxBytes:
		return tidings.Errorf(tidings.KindTooLarge, "A recording may have at most %d bytes.", s.config.MaxBytes)
	}
	return nil
}

// Upload is where an upload stands, without touching its writer; see Take.
func (s *Source) Upload(ctx context.Context, id tidings.ID) (tidings.Upload, error) {
	return s.rows.Upload(ctx, id)
}

// Take is for a client that asks where to go on (tus HEAD): it stops an older
// writer, after it has stored what it holds, and returns an upload that stands
// still until the client's next Append.
func (s *Source) Take(ctx context.Context, id tidings.ID) (tidings.Upload, error) {
	if err := s.writers.stop(ctx, id, s.config.TakeOver); err != nil {
		return tidings.Upload{}, err
	}

	u, err := s.rows.Upload(ctx, id)
	if err != nil || u.SealedAt != nil || u.Aborted {
		return u, err
	}
	if u, err = s.rows.FenceUpload(ctx, id); err != nil {
		return tidings.Upload{}, err
	}
	if full(u) { // a process died between the last part and the seal
		return s.rows.SealUpload(ctx, id, false)
	}

	return u, nil
}

func full(u tidings.Upload) bool {
	return u.Length != nil && u.Offset == *u.Length && u.SealedAt == nil && !u.Aborted
}

// SetLength says how long a deferred upload will be: at least what is there
// (KindInvalid), at most MaxBytes (KindTooLarge), and once only (KindConflict).
// An upload that has that much already is sealed.
func (s *Source) SetLength(ctx context.Context, id tidings.ID, n int64) error {
	if err := s.fits(n); err != nil {
		return err
	}

	u, err := s.rows.Upload(ctx, id)
	if err != nil {
		return err
	}

	switch {
	case u.Aborted || u.SealedAt != nil && (u.Length == nil || *u.Length != n):
		return tidings.Errorf(tidings.KindGone, "The upload has ended.")
	case u.SealedAt != nil:
		return nil
	case u.Length != nil && *u.Length != n:
		return tidings.Errorf(tidings.KindConflict, "The upload was announced with %d bytes.", *u.Length)
	case n < u.Offset:
		return tidings.Invalid("Upload-Length", "The upload has %d bytes already.", u.Offset)
	case n == u.Offset:
		if err := s.sniffAll(ctx, u); err != nil {
			return err
		}
	}

	if u, err = s.rows.SetUploadLength(ctx, id, n); err != nil {
		return err
	}

	if full(u) {
		_, err = s.rows.SealUpload(ctx, id, false)
	}

	return err
}

// Seal ends an upload with what it has; early says that the server gave the
// recorder up. Sealing twice is no error.
func (s *Source) Seal(ctx context.Context, id tidings.ID, early bool) error {
	if err := s.writers.stop(ctx, id, s.config.TakeOver); err != nil {
		return err
	}
	_, err := s.rows.SealUpload(ctx, id, early)
	return err
}

// Terminate ends an upload for good and removes its bytes. A complete one is
// part of a clip and not removed this way (KindGone).
func (s *Source) Terminate(ctx context.Context, id tidings.ID) error {
	if err := s.writers.stop(ctx, id, s.config.TakeOver); err != nil {
		return err
	}

	u, err := s.rows.Upload(ctx, id)
	if err != nil {
		return err
	}

	if !u.Aborted {
		if u.SealedAt != nil {
			return tidings.Errorf(tidings.KindGone, "The upload is complete.")
		}
		if err := s.rows.AbortUpload(ctx, id); err != nil {
			return err
		}
	}

	return s.deleteParts(ctx, u.ClipID)
}

// deleteParts removes every part object of a clip, with or without a row.
func (s *Source) deleteParts(ctx context.Context, clip tidings.ID) error {
	const page = 1000
	for after := ""; ; {
		keys, err := s.blobs.Keys(ctx, partPrefix(clip), after, page)
		if err != nil {
			return fmt.Errorf("list parts of %s: %w", clip, err)
		}

		if len(keys) > 0 {
			if err := s.blobs.Delete(ctx, keys...); err != nil {
				return fmt.Errorf("delete parts of %s: %w", clip, err)
			}
			after = keys[len(keys)-1]
		}

		if len(keys) < page {
			return nil
		}
	}
}
