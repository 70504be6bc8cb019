package api

import (
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// loadTranscript is what was said in a clip, or in the part of it.
func (h *transcriptHandlers) loadTranscript(ctx context.Context, clip tidings.ID, part *tidings.Span) (tidings.Transcript, error) {
	t, err := h.store.Transcript(ctx, clip)
	if err == nil && part != nil {
		t = part.CutTranscript(t)
	}
	return t, err
}

// cutClipToSnippet makes of a whole clip's description that of the part: what is said
// of the whole, and how much of it there is, is left out.
func (v *clipViews) cutClipToSnippet(ctx context.Context, out *spec.Clip, c tidings.Clip, part tidings.Span) error {
	if c.DurationMS != nil {
		part.EndMS = min(part.EndMS, *c.DurationMS)
	}

	length := part.Length()
	out.Description, out.Tags, out.DurationMs = "", []string{}, &length
	out.EndedEarly, out.AtRisk, out.RecordedAt, out.UploadURL, out.ReplyToCommentID = false, false, nil, nil, nil
	out.Can.Edit, out.Can.Share, out.Can.Delete = false, false, false
	comments, err := v.store.Comments(ctx, c.ID)
	if err != nil {
		return err
	}

	shown := 0
	for _, m := range snippetComments(part, comments) {
		if m.IsVisible() {
			shown++
		}
	}

	out.Counts = spec.Counts{Comments: shown}
	out.Steps.Upload.Bytes = 0
	out.Steps.Transcode = spec.ProgressStep{State: tidings.StepRunning}
	files, err := v.media.SnippetFiles(ctx, c, out.Can.Download)
	out.State, out.Failure, out.Media = tidings.ClipProcessing, nil, spec.Media{}
	switch tidings.KindOf(err) {
	case "":
		out.State, out.Steps.Transcode = tidings.ClipReady, spec.ProgressStep{State: tidings.StepDone, Progress: 1}
		out.Media = files
	case tidings.KindNotReady:
		return nil
	case tidings.KindInternal:
		return err
	default:
		why := tidings.Sentence(err)
		out.State, out.Failure, out.Steps.Transcode.State = tidings.ClipFailed, &why, tidings.StepFailed
	}

	return nil
}

// snippetComments are the comments on moments of the part, with their threads.
func snippetComments(part tidings.Span, all []tidings.Comment) []tidings.Comment {
	shown := map[tidings.ID]bool{}
	var out []tidings.Comment
	for _, c := range all { // oldest first: a thread's root is before its replies
		if c.ParentID != "" && shown[c.ParentID] || c.ParentID == "" && auth.CommentInSnippet(part, c) {
			shown[c.ID] = true
			out = append(out, c)
		}
	}
	return out
}

// snippetReactions are the reactions to moments of the part, by its clock.
func snippetReactions(part *tidings.Span, all []tidings.Reaction) []tidings.Reaction {
	if part == nil {
		return all
	}

	var out []tidings.Reaction
	for _, r := range all {
		if r.AtMS != nil && part.Contains(*r.AtMS, *r.AtMS) {
			at := *r.AtMS - part.StartMS
			r.AtMS = &at
			out = append(out, r)
		}
	}

	return out
}

// toSnippetTime moves a comment's times to the clock of the part. One on all of the
// part is shown without a time.
func toSnippetTime(part tidings.Span, c tidings.Comment) tidings.Comment {
	if !auth.CommentInSnippet(part, c) || *c.AtMS == part.StartMS && c.UntilMS != nil && *c.UntilMS == part.EndMS {
		c.AtMS, c.UntilMS = nil, nil
		return c
	}

	move := func(ms *int64) *int64 {
		if ms == nil {
			return nil
		}
		at := *ms - part.StartMS
		return &at
	}
	c.AtMS, c.UntilMS = move(c.AtMS), move(c.UntilMS)
	return c
}

// fromSnippetTime is toPart backwards; a time beyond the part is not right.
func fromSnippetTime(part tidings.Span, c *tidings.Comment) error {
	if c.AtMS == nil {
		if c.ParentID == "" {
			from, to := part.StartMS, part.EndMS
			c.AtMS, c.UntilMS = &from, &to
		}
		return nil
	}
	if *c.AtMS > part.Length() || c.UntilMS != nil && *c.UntilMS > part.Length() {
		return tidings.Invalid("at_ms", "Outside the clip.")
	}

	at := *c.AtMS + part.StartMS
	c.AtMS = &at
	if c.UntilMS != nil {
		until := *c.UntilMS + part.StartMS
		c.UntilMS = &until
	}

	return nil
}
