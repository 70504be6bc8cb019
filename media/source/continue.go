package source

import (
	"context"

	"tidings.example/tidings/tidings"
)

// Continue opens the sealed original of a clip again: a recorder goes on in it
// from its present size. There must be space for at least one byte more
// (KindTooLarge, KindQuota, KindStorageFull); see ContinuationRows for what
// else is refused. An upload that never gets another byte is sealed by Sweep as
// an abandoned one is, with the original it had.
func (s *Source) Continue(ctx context.Context, clip tidings.ID) (tidings.Upload, error) {
	u, err := s.rows.Uploads.UploadByClip(ctx, clip)
	if err != nil {
		return tidings.Upload{}, err
	}

	used, err := s.workspaceBytes(ctx, u.WorkspaceID)
	if err != nil {
		return u, err
	}
	if err := s.limits.CheckContinue(u, used); err != nil {
		return u, err
	}
	if err := s.config.CheckSpace(1); err != nil {
		return u, err
	}

	return s.rows.Continuations.ContinueUpload(ctx, clip, s.config.Clock().Add(s.config.SealAfter))
}

// CancelContinuation ends an original that a recorder went on with at the size it
// had before, if it is the number-th time that one did; 0 = whichever it is.
// Without such an open continuation it changes nothing.
func (s *Source) CancelContinuation(ctx context.Context, clip tidings.ID, number int64) error {
	u, err := s.rows.Uploads.UploadByClip(ctx, clip)
	if err != nil || !u.Continues() || number != 0 && number != u.Continuations {
		return err
	}
	if err := s.writers.stopWriter(ctx, u.ID, s.config.TakeOver); err != nil {
		return err
	}
	return s.rows.Continuations.CancelContinuation(ctx, clip, u.Continuations)
}
