package api

import (
	"cmp"
	"context"
	"strings"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// editTries is how often an edit without If-Match is retried after a concurrent
// one.
const editTries = 3

// transcriptChange makes the edit of the segment at the index.
type transcriptChange func(t tidings.Transcript, at int) (tidings.TranscriptEdit, error)

// editSegment changes a segment of a clip g that the caller may edit. With a
// version, a concurrent edit is KindStale.
func (h *transcriptHandlers) editSegment(ctx context.Context, clip, segment string, header *string, do transcriptChange) (g tidings.ClipAccess, to []tidings.TranscriptSegment, e tidings.TranscriptEdit, err error) {
	if g, err = h.access.AuthorizeClip(ctx, clip, tidings.ActEdit); err != nil {
		return g, nil, e, err
	}

	version, err := ifMatch(header)
	if err != nil {
		return g, nil, e, err
	}

	for try := 1; ; try++ {
		t, err := h.store.Transcript(ctx, g.ClipID)
		if err != nil {
			return g, nil, e, err
		}

		at := -1
		for i := range t.Segments {
			if string(t.Segments[i].ID) == segment {
				at = i
			}
		}

		switch {
		case at < 0:
			return g, nil, e, tidings.NotFound()
		case version != nil && *version != t.Segments[at].Version:
			return g, nil, e, tidings.Errorf(tidings.KindStale, "Somebody changed this line in the meantime. Load it again.")
		}

		if e, err = do(t, at); err != nil {
			return g, nil, e, err
		}
		if e.UserID = request.SubjectOf(ctx).UserID; isUnchanged(e) {
			return g, e.To, e, nil
		}

		to, err = h.store.EditTranscript(ctx, g.ClipID, e)
		if tidings.KindOf(err) != tidings.KindStale || version != nil || try == editTries {
			return g, to, e, err
		}
	}
}

// isUnchanged reports whether an edit changes nothing.
func isUnchanged(e tidings.TranscriptEdit) bool {
	if len(e.From) != 1 || len(e.To) != 1 {
		return false
	}
	a, b := e.From[0], e.To[0]
	return a.ID == b.ID && a.Text == b.Text && a.Speaker == b.Speaker && a.Language == b.Language
}

// correctText replaces the text of a segment and returns the corrections made.
func correctText(seg tidings.TranscriptSegment, text *string) (tidings.TranscriptSegment, []tidings.Correction, error) {
	if text == nil {
		return seg, nil, nil
	}

	plain := strings.Join(strings.Fields(*text), " ")
	if plain == "" {
		return seg, nil, tidings.Invalid("text", "This is needed.")
	}
	if plain == seg.Text {
		return seg, nil, nil
	}

	next := seg.WithText(plain)
	return next, tidings.Corrections(seg, next), nil
}

// EditSegment is PATCH /clips/{id}/transcript/segments/{segment}.
func (h *transcriptHandlers) EditSegment(ctx context.Context, r spec.EditSegmentRequestObject) (spec.EditSegmentResponseObject, error) {
	g, to, _, err := h.editSegment(ctx, r.ID, r.Segment, r.Params.IfMatch, func(t tidings.Transcript, at int) (tidings.TranscriptEdit, error) {
		seg := t.Segments[at]
		next, corrections, err := correctText(seg, r.Body.Text)
		if r.Body.Speaker.Set {
			next.Speaker = oneLine(spec.Deref(r.Body.Speaker.Value))
		}

		if r.Body.Language.Set {
			if next.Language = spec.Deref(r.Body.Language.Value); !validLanguage(next.Language) {
				err = badLanguage()
			}
		}

		kind := tidings.EditText
		if r.Body.Text == nil {
			kind = tidings.EditSpeaker
		}

		return tidings.TranscriptEdit{Kind: kind, From: []tidings.TranscriptSegment{seg}, To: []tidings.TranscriptSegment{next}, Corrections: corrections}, err
	})
	if err != nil {
		return nil, err
	}

	out, err := h.segments.segmentsJSON(ctx, g, to)
	if err != nil {
		return nil, err
	}
	return spec.EditSegment200JSONResponse(out[0]), nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// SplitSegment is POST /clips/{id}/transcript/segments/{segment}/split.
func (h *transcriptHandlers) SplitSegment(ctx context.Context, r spec.SplitSegmentRequestObject) (spec.SplitSegmentResponseObject, error) {
	if (r.Body.AtWord == nil) == (r.Body.AtChar == nil) {
		return nil, tidings.Invalid("at_char", "Give either at_word or at_char.")
	}

	g, to, e, err := h.editSegment(ctx, r.ID, r.Segment, r.Params.IfMatch, func(t tidings.Transcript, at int) (tidings.TranscriptEdit, error) {
		e := tidings.TranscriptEdit{Kind: tidings.EditSplit, From: t.Segments[at : at+1]}
		seg := t.Segments[at]
		char, cut := spec.Deref(r.Body.AtChar), ""
		if r.Body.Text != nil && r.Body.AtChar != nil { // at_char counts in the text of the request
			typed := []rune(*r.Body.Text)
			cut = oneLine(string(typed[:min(char, len(typed))]))
			char = len([]rune(cut))
		}

		seg, corrections, err := correctText(seg, r.Body.Text)
		if err == nil && r.Body.AtWord != nil {
			char, err = seg.CharOfWord(*r.Body.AtWord)
		}

		if err != nil {
			return e, err
		}

		a, b, err := seg.Split(char)
		e.To, e.Corrections = []tidings.TranscriptSegment{a, b}, corrections
		return e, err
	})
	if err != nil {
		return nil, err
	}

	out, err := h.segmentChangeJSON(ctx, g, e.From, to)
	return spec.SplitSegment200JSONResponse(out), err
}

// JoinSegment is POST /clips/{id}/transcript/segments/{segment}/join.
func (h *transcriptHandlers) JoinSegment(ctx context.Context, r spec.JoinSegmentRequestObject) (spec.JoinSegmentResponseObject, error) {
	if r.Body == nil {
		r.Body = &spec.SegmentJoin{}
	}

	g, to, e, err := h.editSegment(ctx, r.ID, r.Segment, r.Params.IfMatch, func(t tidings.Transcript, at int) (tidings.TranscriptEdit, error) {
		e := tidings.TranscriptEdit{Kind: tidings.EditJoin}
		seg, corrections, err := correctText(t.Segments[at], r.Body.Text)
		if err != nil {
			return e, err
		}

		first := at - 1
		if cmp.Or(spec.Deref(r.Body.With), "previous") == "next" {
			first = at
		}

		if first < 0 || first+1 >= len(t.Segments) {
			return e, tidings.Invalid("with", "There is no line to join with.")
		}

		e.From = t.Segments[first : first+2]
		pair := [2]tidings.TranscriptSegment{e.From[0], e.From[1]}
		pair[at-first] = seg
		e.To, e.Corrections = []tidings.TranscriptSegment{tidings.Join(pair[0], pair[1])}, corrections
		return e, nil
	})
	if err != nil {
		return nil, err
	}

	out, err := h.segmentChangeJSON(ctx, g, e.From, to)
	return spec.JoinSegment200JSONResponse(out), err
}

func (h *transcriptHandlers) segmentChangeJSON(ctx context.Context, g tidings.ClipAccess, from, to []tidings.TranscriptSegment) (spec.SegmentChange, error) {
	segments, err := h.segments.segmentsJSON(ctx, g, to)
	out := spec.SegmentChange{Segments: segments, Removed: []tidings.ID{}}
	left := map[tidings.ID]bool{}
	for _, g := range to {
		left[g.ID] = true
	}

	for _, g := range from {
		if !left[g.ID] {
			out.Removed = append(out.Removed, g.ID)
		}
	}

	return out, err
}

// UndoTranscript is POST /clips/{id}/transcript/undo.
func (h *transcriptHandlers) UndoTranscript(ctx context.Context, r spec.UndoTranscriptRequestObject) (spec.UndoTranscriptResponseObject, error) {
	out, err := h.stepThroughEdits(ctx, r.ID, false)
	return spec.UndoTranscript200JSONResponse(out), err
}

// RedoTranscript is POST /clips/{id}/transcript/redo.
func (h *transcriptHandlers) RedoTranscript(ctx context.Context, r spec.RedoTranscriptRequestObject) (spec.RedoTranscriptResponseObject, error) {
	out, err := h.stepThroughEdits(ctx, r.ID, true)
	return spec.RedoTranscript200JSONResponse(out), err
}

func (h *transcriptHandlers) stepThroughEdits(ctx context.Context, clip string, again bool) (spec.Transcript, error) {
	g, err := h.access.AuthorizeClip(ctx, clip, tidings.ActEdit)
	if err != nil {
		return spec.Transcript{}, err
	}
	if err := h.store.UndoTranscript(ctx, g.ClipID, request.SubjectOf(ctx).UserID, again); err != nil {
		return spec.Transcript{}, err
	}
	return h.shownTranscript(ctx, g)
}

// shownTranscript is the transcript as it is now.
func (h *transcriptHandlers) shownTranscript(ctx context.Context, g tidings.ClipAccess) (spec.Transcript, error) {
	t, err := h.store.Transcript(ctx, g.ClipID)
	if err != nil {
		return spec.Transcript{}, err
	}
	return h.segments.transcriptJSON(ctx, g, t)
}

// RenameSpeaker is PATCH /clips/{id}/transcript/speakers.
func (h *transcriptHandlers) RenameSpeaker(ctx context.Context, r spec.RenameSpeakerRequestObject) (spec.RenameSpeakerResponseObject, error) {
	from, to := oneLine(r.Body.From), oneLine(r.Body.To)
	out, err := h.editMany(ctx, r.ID, tidings.EditSpeaker, func(seg tidings.TranscriptSegment) (tidings.TranscriptSegment, bool) {
		if seg.Speaker != from || from == to {
			return seg, false
		}
		seg.Speaker = to
		return seg, true
	})
	return spec.RenameSpeaker200JSONResponse(out), err
}

// editMany changes all segments that do changes, and returns the transcript
// after it.
func (h *transcriptHandlers) editMany(ctx context.Context, clip string, kind tidings.EditKind, do func(tidings.TranscriptSegment) (tidings.TranscriptSegment, bool)) (spec.Transcript, error) {
	g, err := h.access.AuthorizeClip(ctx, clip, tidings.ActEdit)
	if err != nil {
		return spec.Transcript{}, err
	}

	for try := 1; ; try++ {
		t, err := h.store.Transcript(ctx, g.ClipID)
		if err != nil {
			return spec.Transcript{}, err
		}

		e := tidings.TranscriptEdit{Kind: kind, UserID: request.SubjectOf(ctx).UserID}
		for _, seg := range t.Segments {
			if next, changes := do(seg); changes {
				e.From, e.To = append(e.From, seg), append(e.To, next)
			}
		}

		if len(e.From) == 0 {
			return h.segments.transcriptJSON(ctx, g, t)
		}

		_, err = h.store.EditTranscript(ctx, g.ClipID, e)
		if tidings.KindOf(err) == tidings.KindStale && try < editTries {
			continue
		}

		if err != nil {
			return spec.Transcript{}, err
		}
		return h.shownTranscript(ctx, g)
	}
}
