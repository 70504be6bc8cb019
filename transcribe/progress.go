package transcribe

import (
	"context"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

// progressEvery is how often a run says how far it is.
const progressEvery = 2 * time.Second

// reportProgress tells how far the run is, once the length of the original is known.
// The function it returns ends that and waits for it.
func (t *Transcriber) reportProgress(ctx context.Context, run tidings.StepRun, m *byteCounter) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var told sync.WaitGroup
	told.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()

		t.writeProgress(ctx, run, m, tick.C)
	})

	return func() {
		cancel()
		told.Wait()
	}
}

// writeProgress says at each tick how far the run is, if that is a hundredth more than
// what was told last.
func (t *Transcriber) writeProgress(ctx context.Context, run tidings.StepRun, m *byteCounter, ticks <-chan time.Time) {
	for shown := 0.0; ; {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}

		p, known := t.shareRead(ctx, run.ClipID, m.n.Load())
		if !known || p-shown < 0.01 {
			continue
		}
		if err := t.cfg.Rows.StepProgress(ctx, run, p); err != nil {
			return // the next write says the same to the run itself
		}

		shown = p
	}
}

// shareRead is the part of the original that has been read, below 1: the words come
// a little later.
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
