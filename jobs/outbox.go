package jobs

import (
	"context"
	"time"
)

const (
	outboxPollInterval = time.Second      // how often the outbox is polled
	outboxMaxBackoff   = 30 * time.Second // longest pause after failures
)

// drainOutbox calls Config.DrainOutbox whenever the outbox has grown, and every
// second. The rows of the outbox are the durable queue, so there are no jobs for
// them: what a killed process left is found by the next poll. After failures it
// waits 1, 2, 4 … at most 30 seconds.
func (j *Jobs) drainOutbox(ctx context.Context) {
	failing := outboxPollInterval // the pause after the next failure
	for {
		err := j.cfg.DrainOutbox(ctx)

		if ctx.Err() != nil {
			return
		}

		pause, wake := outboxPollInterval, j.cfg.Wake
		if err != nil {
			pause, wake = failing, nil // no wake-up shortens the pause
			failing = min(2*failing, outboxMaxBackoff)
			j.cfg.Log.Warn("index", "error", err, "again_in", pause)
		} else {
			failing = outboxPollInterval
		}

		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-time.After(pause):
		}
	}
}
