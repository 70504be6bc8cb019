package api

import (
	"context"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// RetryStep is POST /clips/{id}/retry.
func (h *clipHandlers) RetryStep(ctx context.Context, r spec.RetryStepRequestObject) (spec.RetryStepResponseObject, error) {
	out, err := h.retryStep(ctx, r.ID, r.Body.Step)
	return spec.RetryStep200JSONResponse(out), err
}

// retryStep runs a step again that has failed or was skipped. A transcription
// that waits or runs is what the caller asks for: a repeated call changes nothing.
func (h *clipHandlers) retryStep(ctx context.Context, id string, step tidings.Step) (spec.Clip, error) {
	g, err := h.access.AuthorizeClip(ctx, id, tidings.ActEdit)
	if err != nil {
		return spec.Clip{}, err
	}

	c, err := h.store.Clip(ctx, g.ClipID)
	if err != nil {
		return spec.Clip{}, err
	}
	if step == tidings.StepUpload || c.Bytes == 0 {
		return spec.Clip{}, tidings.Errorf(tidings.KindConflict, "There is no original to work on: record again.")
	}

	st := map[tidings.Step]tidings.StepStatus{tidings.StepTranscode: c.Steps.Transcode,
		tidings.StepTranscribe: c.Steps.Transcribe, tidings.StepIndex: c.Steps.Index}[step]
	underWay := step == tidings.StepTranscribe && (st.State == tidings.StepWaiting || st.State == tidings.StepRunning)
	switch {
	case underWay:
	case st.HasFailed(), st.State == tidings.StepSkipped:
		if err := h.store.RetryStep(ctx, g.ClipID, step); err != nil {
			return spec.Clip{}, err
		}
	default:
		return spec.Clip{}, tidings.Errorf(tidings.KindConflict, "The step is %s: there is nothing to try again.", st.State)
	}

	return h.clipViews.loadClipJSON(ctx, id, tidings.ActView)
}

// GetHealth is GET /clips/{id}/health.
func (h *clipHandlers) GetHealth(ctx context.Context, r spec.GetHealthRequestObject) (spec.GetHealthResponseObject, error) {
	g, err := h.access.AuthorizeClip(ctx, r.ID, tidings.ActView)
	if err != nil {
		return nil, err
	}

	c, err := h.store.Clip(ctx, g.ClipID)
	if err != nil {
		return nil, err
	}

	report, tracks, err := h.store.MediaReport(ctx, g.ClipID)
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return nil, err
	}

	return spec.GetHealth200JSONResponse{
		Parts: report.Parts, Gaps: report.Gaps, AvDiffMs: report.AVDiffMS, LoudnessLufs: report.LoudnessLUFS, PeakDbfs: report.PeakDBFS,
		Silences: spec.Map(report.Silences, func(p tidings.Span) spec.Span { return spec.Span{StartMs: p.StartMS, EndMs: p.EndMS} }),
		Clipping: report.Clipping, Tracks: spec.Map(tracks, trackJSON), Bytes: c.Bytes, EndedEarly: c.EndedEarly, AtRisk: c.AtRisk,
	}, nil
}

func trackJSON(t tidings.Track) spec.Track {
	return spec.Track{Index: t.Index, Type: spec.TrackType(t.Type), Codec: t.Codec, Width: spec.OrNil(t.Width), Height: spec.OrNil(t.Height),
		Rotation: spec.OrNil(t.Rotation), Channels: spec.OrNil(t.Channels), Rate: spec.OrNil(t.Rate)}
}
