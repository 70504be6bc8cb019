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
	pause := indexLook
	for {
		err := j.cfg.Index(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			j.cfg.Log.Warn("index", "error", err, "again_in", pause)
			pause = min(2*pause, indexBackoff)
		default:
			pause = indexLook
		}
		wake := j.cfg.Wake
		if err != nil {
			wake = nil // wait the whole pause
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-time.After(pause):
		}
	}
}
