package jobs

import (
	"context"
	"time"
)

const (
	outboxPollInterval = time.Second      // how often the outbox is looked at unasked
	outboxMaxBackoff   = 30 * time.Second // longest pause after failures
)

// drainOutbox drains the outbox whenever it has grown. The outbox rows themselves
// are the durable queue, so no job stands for them: whatever a killed process
// left is found by the next look. An engine that is down is asked again after
// 1, 2, 4 … at most 30 seconds.
func (j *Jobs) drainOutbox(ctx context.Context) {
	failing := outboxPollInterval // the pause after the next failure
	for {
		err := j.cfg.DrainOutbox(ctx)

		if ctx.Err() != nil {
			return
		}

		pause, wake := outboxPollInterval, j.cfg.Wake
		if err != nil {
			pause, wake = failing, nil // wait the whole pause
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
