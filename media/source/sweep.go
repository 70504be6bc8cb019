package source

import (
	"context"
	"errors"
	"time"

	"tidings.example/tidings/tidings"
)

// sweepPage bounds what one Sweep looks at: the longest silent come first.
const sweepPage = 1000

// Sweep looks after uploads whose recorder fell silent: those silent for Idle
// are marked at risk, those silent for SealAfter are sealed from what came.
// Time in which this process was not running is not held against a recorder:
// nothing is sealed early in the first SealAfter after New. Run it every few
// seconds; it may run in several processes.
func (s *Source) Sweep(ctx context.Context) error {
	now := s.config.Clock()
	uploads, err := s.rows.IdleUploads(ctx, now.Add(-min(s.config.Idle, s.config.SealAfter)), sweepPage)
	if err != nil {
		return err
	}

	var errs []error
	for _, u := range uploads {
		if err := s.sweepOne(ctx, u, now); err != nil {
			errs = append(errs, err)
		}
	}

	return errors.Join(errs...)
}

func (s *Source) sweepOne(ctx context.Context, u tidings.Upload, now time.Time) error {
	silent := now.Sub(u.IdleSince)
	switch {
	case u.Filled(): // a process died between the last part and the seal
		return s.Seal(ctx, u.ID, false)
	case silent >= s.config.SealAfter && now.Sub(s.started) >= s.config.SealAfter:
		return s.Seal(ctx, u.ID, true)
	case silent >= s.config.Idle:
		return s.rows.MarkAtRisk(ctx, u)
	}
	return nil
}
