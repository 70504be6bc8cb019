package source

import (
	"context"
	"errors"
	"time"

	"tidings.example/tidings/tidings"
)

// sweepPage bounds the uploads of one Sweep; those silent longest come first.
const sweepPage = 1000

// Sweep handles uploads whose recorder is silent: those silent for Idle are
// marked at risk, those silent for SealAfter are sealed at their offset. No
// upload is sealed early in the first SealAfter after New or after the storage
// was full: a recorder cannot reach a process that is down, and one whose bytes
// are refused for want of space is not silent. Run it every few seconds; several
// processes may.
func (s *Source) Sweep(ctx context.Context) error {
	now := s.config.Clock()
	uploads, err := s.rows.Silent.IdleUploads(ctx, now.Add(-min(s.config.Idle, s.config.SealAfter)), sweepPage)
	if err != nil {
		return err
	}

	var errs []error
	for _, u := range uploads {
		if err := s.sweepUpload(ctx, u, now); err != nil {
			errs = append(errs, err)
		}
	}

	return errors.Join(errs...)
}

func (s *Source) sweepUpload(ctx context.Context, u tidings.Upload, now time.Time) error {
	silent := now.Sub(u.IdleSince)
	switch {
	case u.Filled(): // a process died between the last part and the seal
		return s.Seal(ctx, u.ID, false)
	case silent >= s.config.SealAfter && now.Sub(s.reachableSince()) >= s.config.SealAfter:
		return s.Seal(ctx, u.ID, true)
	case silent >= s.config.Idle:
		return s.rows.Silent.MarkAtRisk(ctx, u)
	}
	return nil
}
