package jobs

import (
	"context"
	"time"
)

const (
	indexLook    = time.Second      // how often the outbox is looked at unasked
	indexBackoff = 30 * time.Second // longest pause after failures
)

// index drains the outbox whenever it has grown. The outbox rows themselves
// are the durable queue, so no job stands for them: whatever a killed process
// left is found by the next look. An engine that is down is asked again after
// 1, 2, 4 … at most 30 seconds.
func (j *Jobs) index(ctx context.Context) {
	failing := indexLook // the pause after the next failure
	for {
		err := j.cfg.Index(ctx)

		if ctx.Err() != nil {
			return
		}

		pause, wake := indexLook, j.cfg.Wake
		if err != nil {
			pause, wake = failing, nil // wait the whole pause
			failing = min(2*failing, indexBackoff)
			j.cfg.Log.Warn("index", "error", err, "again_in", pause)
		} else {
			failing = indexLook
		}

		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-time.After(pause):
		}
	}
}
