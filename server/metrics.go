package server

import (
	"context"

	"tidings.example/tidings/jobs"
	"tidings.example/tidings/metrics"
	"tidings.example/tidings/tidings"
)

// openMetrics makes the metrics of this process.
func (a *App) openMetrics() {
	a.metrics = metrics.New()
	a.metrics.AddDatabase(a.Store, a.log)
	a.metrics.AddPool("ffmpeg", a.media.StreamSlots)
	a.metrics.AddPool("media-tools", a.media.ShortSlots)
	a.metrics.AddPool("refine", a.transcriber.RefineSlots)

	for _, e := range a.engines {
		if w, ok := e.Engine.(windowSlots); ok {
			a.metrics.AddPool("speech-windows", w.WindowSlots)
		}
	}
}

// windowSlots is an engine that decodes several windows of speech at once.
type windowSlots interface {
	WindowSlots() (busy, slots int)
}

// countRuns adds the slots of a step to the metrics and counts its runs.
func (a *App) countRuns(step tidings.Step, slots int, do jobs.StepFunc) jobs.StepFunc {
	pool := a.metrics.NewCounter(string(step), slots)
	return func(ctx context.Context, run tidings.StepRun) error {
		defer pool.Begin()()
		return do(ctx, run)
	}
}
