package jobs_test

import (
	"context"
	"testing"

	"tidings.example/tidings/jobs"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// TestGivenUpRefinementIsNamed: what a transcription fails with after its draft is
// done is kept on the step, and named to who looks into the data folder, until it
// is tried again.
func TestGivenUpRefinementIsNamed(t *testing.T) {
	r := newRig(t)
	const why = "The speech engine is down."
	r.start(jobs.Config{Steps: map[tidings.Step]jobs.StepFunc{tidings.StepTranscribe: func(ctx context.Context, run tidings.StepRun) error {
		id, err := r.StartTranscript(ctx, run, tidings.Transcript{Draft: true})
		if err == nil {
			err = r.FinishTranscript(ctx, run, id, "en")
		}
		if err != nil {
			return err
		}
		return jobs.Permanent(tidings.Errorf(tidings.KindUnavailable, why))
	}}})

	clip := r.recorded()
	r.eventually("the failure is on the step", func() bool {
		c, err := r.Clip(t.Context(), clip)
		return err == nil && c.Steps.Transcribe.State == tidings.StepDone && c.Steps.Transcribe.Failure == why
	})

	total, some, err := store.KnownFailedTranscripts(t.Context(), r.cfg, 5)
	if err != nil || total != 1 || len(some) != 1 || some[0] != (tidings.FailedTranscript{ClipID: clip, Reason: why}) {
		t.Errorf("%d, %+v, %v", total, some, err)
	}
}
