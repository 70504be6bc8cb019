package server

import (
	"context"
	"time"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/tidings"
)

const (
	scrubPage     = 100             // clips read from the rows at once
	scrubLookWait = 5 * time.Minute // between two looks whether a scrub is due
	repairPage    = 100
)

// objectCheck reads objects at a rate in MB per second.
func (a *App) objectCheck(rate int) *admin.ObjectCheck {
	return &admin.ObjectCheck{Rows: a.Store, Rate: int64(rate) * 1e6, Open: a.Blobs.Plain().Open, Ready: a.Blobs.Ready}
}

// scrubObjects reads all objects slowly, once in the interval of the settings,
// and goes on where the last process stopped.
func (a *App) scrubObjects(ctx context.Context) error {
	if a.Config.ScrubInterval <= 0 {
		return nil
	}

	n, err := a.Store.Scrub(ctx)
	if err != nil {
		return err
	}

	if n.StartedAt.IsZero() || n.FinishedAt != nil {
		if n.FinishedAt != nil && time.Since(n.StartedAt) < a.Config.ScrubInterval {
			return nil
		}
		n = tidings.Scrub{StartedAt: time.Now()}
	}

	return a.continueScrub(ctx, n)
}

func (a *App) continueScrub(ctx context.Context, n tidings.Scrub) error {
	check, before := a.objectCheck(a.Config.ScrubRate), n.Bytes
	for {
		ids, err := a.Store.ClipIDs(ctx, n.After, scrubPage)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			n.FinishedAt = new(time.Now())
			a.log.Info("all objects were read", "objects", n.Objects, "bytes", n.Bytes)
			return a.Store.PutScrub(ctx, n)
		}

		for _, id := range ids {
			c, err := check.CheckClip(ctx, id, func() {})
			if err != nil {
				return err
			}
			for _, line := range c.Repairs {
				a.log.Warn("damaged object", "object", line)
			}

			n.After, n.Objects, n.Bytes = id, n.Objects+int64(c.Objects), before+check.BytesRead()
			if err := a.Store.PutScrub(ctx, n); err != nil {
				return err
			}
		}
	}
}

// repairDamage has objects made again that were found to be damaged while they
// were read. Their clip is checked first: what is made again needs its original.
func (a *App) repairDamage(ctx context.Context) error {
	damage, err := a.Store.UnrepairedDamage(ctx, repairPage)
	if err != nil {
		return err
	}

	seen, check := map[tidings.ID]bool{}, a.objectCheck(a.Config.ScrubRate)
	for _, d := range damage {
		if seen[d.ClipID] || d.IsOriginal() {
			continue
		}
		seen[d.ClipID] = true

		c, err := check.CheckClip(ctx, d.ClipID, func() {})
		if err != nil {
			return err
		}
		for _, line := range c.Repairs {
			a.log.Warn("damaged object", "object", line)
		}
	}

	return nil
}
