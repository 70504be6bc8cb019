package api

import (
	"context"
	"slices"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/profanity"
	"tidings.example/tidings/tidings"
)

// SegmentViewStore is what segmentViews needs of the rows.
type SegmentViewStore interface {
	Authors(ctx context.Context, ids []tidings.ID) (map[tidings.ID]tidings.Author, error) // by id
}

// segmentViews builds transcripts and their segments as their caller sees them.
type segmentViews struct {
	store SegmentViewStore
	clock tidings.Clock
}

// transcriptJSON is a transcript of the clip.
func (v *segmentViews) transcriptJSON(ctx context.Context, g tidings.ClipAccess, t tidings.Transcript) (spec.Transcript, error) {
	segments, err := v.segmentsJSON(ctx, g, t.Segments)
	return spec.Transcript{State: t.State, Draft: t.Draft, Language: spec.OrNil(t.Language), Engine: spec.OrNil(t.Engine), Model: spec.OrNil(t.Model),
		Segments: segments, EditedAt: spec.InstantOrNil(t.EditedAt), Silences: spec.Map(t.Silences, spanJSON), Fillers: spec.Map(t.Fillers, spanJSON),
		Refinement: spec.OrNil(string(t.Refinement))}, err
}

// segmentsJSON are segments of the clip's transcript. The people who edited them
// are named to whom editorShown allows, and profane words are masked in
// workspaces that do so.
func (v *segmentViews) segmentsJSON(ctx context.Context, g tidings.ClipAccess, segments []tidings.TranscriptSegment) ([]spec.Segment, error) {
	who, editors := request.SubjectOf(ctx), []tidings.ID{}
	for _, seg := range segments {
		if editorShown(who, g, seg.EditedBy) && !slices.Contains(editors, seg.EditedBy) {
			editors = append(editors, seg.EditedBy)
		}
	}

	names := map[tidings.ID]tidings.Author{}
	if len(editors) > 0 {
		var err error
		if names, err = v.store.Authors(ctx, editors); err != nil {
			return nil, err
		}
	}

	return spec.Map(segments, func(seg tidings.TranscriptSegment) spec.Segment {
		out := v.maskedSegment(ctx, g, seg)
		if editor, shown := names[seg.EditedBy]; shown {
			out.EditedBy = new(spec.AuthorOf(editor))
		}
		return out
	}), nil
}

// editorShown reports whether a caller may know who edited a segment: members of
// the workspace may. Guests and visitors see only who speaks on the clip, and
// everyone their own name.
func editorShown(who tidings.Subject, g tidings.ClipAccess, editor tidings.ID) bool {
	role := who.Roles[g.WorkspaceID]
	if editor == "" || role != "" && role != tidings.RoleGuest {
		return editor != ""
	}
	return editor == g.AuthorID || editor == who.UserID
}

// maskedSegment is a segment with its profane words masked if the workspace does
// that. Those who may edit it also get its true words.
func (v *segmentViews) maskedSegment(ctx context.Context, g tidings.ClipAccess, seg tidings.TranscriptSegment) spec.Segment {
	out := segmentJSON(seg)
	if !g.MaskProfanity {
		return out
	}

	masked := segmentJSON(profanity.MaskSegment(seg, g.Language))
	if !tidings.Allowed(request.SubjectOf(ctx), g, tidings.ActEdit, v.clock()) {
		return masked
	}
	if masked.Text != out.Text {
		out.MaskedText = &masked.Text
	}
	setMaskedWords(out.Words, masked.Words)

	return out
}

// setMaskedWords adds to words their masked texts, where they differ.
func setMaskedWords(words, masked []spec.Word) {
	for i := range words {
		if words[i].Text != masked[i].Text {
			words[i].Masked = &masked[i].Text
		}
		if words[i].Heard != nil {
			setMaskedWords(words[i].Heard.Words, masked[i].Heard.Words)
		}
	}
}

func spanJSON(p tidings.Span) spec.Span { return spec.Span{StartMs: p.StartMS, EndMs: p.EndMS} }

// segmentJSON is a segment without the name of its editor.
func segmentJSON(g tidings.TranscriptSegment) spec.Segment {
	return spec.Segment{ID: g.ID, StartMs: g.StartMS, EndMs: g.EndMS, Text: g.Text, Speaker: spec.OrNil(g.Speaker), Language: spec.OrNil(g.Language),
		Words: spec.Map(g.Words, wordJSON), Version: g.Version, Origin: spec.OrNil(spec.SegmentOrigin(g.Origin)), EditedAt: spec.InstantOrNil(g.EditedAt)}
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
