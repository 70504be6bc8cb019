package transcribe

import (
	"context"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// progressEvery is how often a run reports its progress.
const progressEvery = 2 * time.Second

// reportProgress reports the progress of a run, once the length of the original
// is known. The returned function stops that and waits for it.
func (t *Transcriber) reportProgress(ctx context.Context, run tidings.StepRun, m *byteCounter) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var reporting sync.WaitGroup
	reporting.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()

		t.writeProgress(ctx, run, m, tick.C)
	})

	return func() {
		cancel()
		reporting.Wait()
	}
}

// writeProgress writes the progress at each tick, if it is at least a hundredth
// more than the last one written.
func (t *Transcriber) writeProgress(ctx context.Context, run tidings.StepRun, m *byteCounter, ticks <-chan time.Time) {
	for written := 0.0; ; {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}

		p, known := t.shareRead(ctx, run.ClipID, m.n.Load())
		if !known || p-written < 0.01 {
			continue
		}
		if err := t.cfg.Rows.StepProgress(ctx, run, p); err != nil {
			return // the lease is lost; the run's next write fails too
		}

		written = p
	}
}

// shareRead is the share of the original that has been read, below 1 because the
// words come later.
func (t *Transcriber) shareRead(ctx context.Context, clip tidings.ID, read int64) (p float64, known bool) {
	u, err := t.cfg.Rows.UploadByClip(ctx, clip)
	if err != nil || u.SealedAt == nil && u.Length == nil {
		return 0, false
	}
	size := u.Offset
	if u.Length != nil {
		size = max(size, *u.Length)
	}
	return min(0.99, float64(read)/float64(max(1, size))), true
}
