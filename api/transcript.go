package api

import (
	"context"
	"strings"

	"tidings"
	"tidings/api/spec"
)

// GetTranscript is GET /clips/{id}/transcript. Before there is one it is empty
// and its state is that of the step.
func (s *server) GetTranscript(ctx context.Context, r spec.GetTranscriptRequestObject) (spec.GetTranscriptResponseObject, error) {
	g, err := s.clip(ctx, r.ID, tidings.ActView)
	if err != nil {
		return nil, err
	}
	t, err := s.Store.Transcript(ctx, g.ClipID)
	if tidings.KindOf(err) == tidings.KindNotFound {
		c, err := s.Store.Clip(ctx, g.ClipID)
		return spec.GetTranscript200JSONResponse{State: c.Steps.Transcribe.State, Segments: []spec.Segment{}}, err
	}
	return spec.GetTranscript200JSONResponse{State: t.State, Draft: t.Draft, Language: orNil(t.Language), Engine: orNil(t.Engine), Model: orNil(t.Model),
		Segments: mapped(t.Segments, segmentJSON), EditedAt: timeJSON(t.EditedAt)}, err
}

func segmentJSON(g tidings.TranscriptSegment) spec.Segment {
	return spec.Segment{ID: g.ID, StartMs: g.StartMS, EndMs: g.EndMS, Text: g.Text, Speaker: orNil(g.Speaker),
		Words: mapped(g.Words, func(w tidings.Word) spec.Word {
			out := spec.Word{StartMs: w.StartMS, EndMs: w.EndMS, Text: w.Text, P: w.P}
			if w.Estimated {
				out.Estimated = &w.Estimated
			}
			return out
		})}
}

// EditSegment is PATCH /clips/{id}/transcript/segments/{segment}.
func (s *server) EditSegment(ctx context.Context, r spec.EditSegmentRequestObject) (spec.EditSegmentResponseObject, error) {
	g, err := s.clip(ctx, r.ID, tidings.ActEdit)
	if err != nil {
		return nil, err
	}
	id, ok := tidings.ParseID(r.Segment)
	if !ok {
		return nil, tidings.NotFound()
	}
	seg, clip, err := s.Store.TranscriptSegment(ctx, id)
	if err != nil {
		return nil, err
	}
	if clip != g.ClipID {
		return nil, tidings.NotFound()
	}
	text := strings.Join(strings.Fields(r.Body.Text), " ")
	if text == "" {
		return nil, tidings.Invalid("text", "This is needed.")
	}
	seg.Words = align(seg, text)
	seg.Text = text
	if err := s.Store.EditSegment(ctx, g.ClipID, id, text, seg.Words); err != nil {
		return nil, err
	}
	return spec.EditSegment200JSONResponse(segmentJSON(seg)), nil
}
