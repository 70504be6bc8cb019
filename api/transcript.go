package api

import (
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// TranscriptStore is what transcriptHandlers needs of the rows.
type TranscriptStore interface {
	Clip(ctx context.Context, id tidings.ID) (tidings.Clip, error)                                                      // also in the trash
	EditTranscript(ctx context.Context, clip tidings.ID, e tidings.TranscriptEdit) ([]tidings.TranscriptSegment, error) // KindStale
	ImportTranscript(ctx context.Context, clip tidings.ID, t tidings.Transcript) error
	Transcript(ctx context.Context, clip tidings.ID) (tidings.Transcript, error) // KindNotFound before there is one
	UndoTranscript(ctx context.Context, clip, user tidings.ID, again bool) error // KindConflict, KindStale
}

// transcriptHandlers serves transcripts and their edits.
type transcriptHandlers struct {
	store    TranscriptStore
	segments *segmentViews
	access   *auth.Access
}

// GetTranscript is GET /clips/{id}/transcript. Without a transcript the answer
// is empty and has the state of the step.
func (h *transcriptHandlers) GetTranscript(ctx context.Context, r spec.GetTranscriptRequestObject) (spec.GetTranscriptResponseObject, error) {
	g, snippet, err := h.access.AuthorizeClipOrSnippet(ctx, r.ID, tidings.ActView)
	if err != nil {
		return nil, err
	}
	t, err := h.loadTranscript(ctx, g.ClipID, snippet)
	if tidings.KindOf(err) == tidings.KindNotFound {
		var c tidings.Clip
		c, err = h.store.Clip(ctx, g.ClipID)
		t = tidings.Transcript{State: c.Steps.Transcribe.State}
	}
	if err != nil {
		return nil, err
	}

	out, err := h.segments.transcriptJSON(ctx, g, t)
	return spec.GetTranscript200JSONResponse(out), err
}
