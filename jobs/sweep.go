package jobs

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"
)

// Sweep is a periodic task: idle uploads, old sessions, stale objects. Do may be
// repeated at any point. Sweeps run independently; one never overlaps itself.
type Sweep struct {
	Name  string
	Every time.Duration
	Do    func(ctx context.Context) error
}

// requeueSweep enqueues steps whose worker has died.
func (j *Jobs) requeueSweep() Sweep {
	return Sweep{Name: "requeue", Every: j.cfg.Lease / 5, Do: func(ctx context.Context) error {
		n, err := j.cfg.Rows.RequeueExpired(ctx)
		if n > 0 {
			j.cfg.Log.Warn("steps of a dead worker go on", "steps", n)
		}
		return err
	}}
}

// lostSweep enqueues steps that wait without a job. The queue stores what becomes
// of a job after its run, which a full disk may not let it do.
func (j *Jobs) lostSweep() Sweep {
	return Sweep{Name: "lost jobs", Every: j.cfg.Lease, Do: func(ctx context.Context) error {
		n, err := j.cfg.Rows.RequeueLost(ctx, time.Now().Add(-2*j.cfg.Lease))
		if n > 0 {
			j.cfg.Log.Warn("steps whose jobs were lost go on", "steps", n)
		}
		return err
	}}
}

// runSweep runs s at once and then at its interval, until ctx ends.
func (j *Jobs) runSweep(ctx context.Context, s Sweep) {
	tick := time.NewTicker(s.Every)
	defer tick.Stop()

	for {
		if err := recoverPanic(func() error { return s.Do(ctx) }); err != nil && ctx.Err() == nil {
			j.cfg.Log.Error("sweep failed", "sweep", s.Name, "error", err)
		}

		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// recoverPanic turns a panic into an error, so that one clip cannot end the process.
func recoverPanic(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}
