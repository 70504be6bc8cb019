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
	store  TranscriptStore
	access *auth.Access
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
		c, err := h.store.Clip(ctx, g.ClipID)
		return spec.GetTranscript200JSONResponse(transcriptJSON(tidings.Transcript{State: c.Steps.Transcribe.State})), err
	}
	return spec.GetTranscript200JSONResponse(transcriptJSON(t)), err
}

func transcriptJSON(t tidings.Transcript) spec.Transcript {
	return spec.Transcript{State: t.State, Draft: t.Draft, Language: spec.OrNil(t.Language), Engine: spec.OrNil(t.Engine), Model: spec.OrNil(t.Model),
		Segments: spec.Map(t.Segments, segmentJSON), EditedAt: spec.InstantOrNil(t.EditedAt), Silences: spec.Map(t.Silences, spanJSON), Fillers: spec.Map(t.Fillers, spanJSON)}
}

func spanJSON(p tidings.Span) spec.Span { return spec.Span{StartMs: p.StartMS, EndMs: p.EndMS} }

func segmentJSON(g tidings.TranscriptSegment) spec.Segment {
	return spec.Segment{ID: g.ID, StartMs: g.StartMS, EndMs: g.EndMS, Text: g.Text, Speaker: spec.OrNil(g.Speaker), Language: spec.OrNil(g.Language),
		Words: spec.Map(g.Words, wordJSON), Version: g.Version}
}

func wordJSON(w tidings.Word) spec.Word {
	out := spec.Word{StartMs: w.StartMS, EndMs: w.EndMS, Text: w.Text, P: w.P}
	if w.Estimated {
		out.Estimated = &w.Estimated
	}
	if w.Replaced != nil {
		out.Heard = &spec.Heard{Words: spec.Map(w.Replaced.Words, wordJSON), Span: w.Replaced.Span}
	}
	return out
}
