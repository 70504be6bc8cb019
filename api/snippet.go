package api

import (
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// loadTranscript is the transcript of a clip, or of the snippet.
func (h *transcriptHandlers) loadTranscript(ctx context.Context, clip tidings.ID, snippet *tidings.Span) (tidings.Transcript, error) {
	t, err := h.store.Transcript(ctx, clip)
	if err == nil && snippet != nil {
		t = snippet.CutTranscript(t)
	}
	return t, err
}

// snippetFields is the allow-list of a clip's fields for a visitor by a link to a
// snippet: what is the same for the snippet as for the whole clip. A field that is
// missing here has its zero value. TestSnippetFieldsAreDecided fails for a field
// of spec.Clip without a decision.
func snippetFields(whole spec.Clip) spec.Clip {
	return spec.Clip{
		ID: whole.ID, WorkspaceID: whole.WorkspaceID, ChannelID: whole.ChannelID, Visibility: whole.Visibility,
		Author: whole.Author, Kind: whole.Kind, Title: whole.Title, Tags: []string{}, Language: whole.Language,
		Width: whole.Width, Height: whole.Height, CreatedAt: whole.CreatedAt, TrashedAt: whole.TrashedAt, Version: whole.Version,
		ShareURL: whole.ShareURL, ReplyToClipID: whole.ReplyToClipID,
		Steps: spec.Steps{
			Upload:     spec.UploadStep{State: whole.Steps.Upload.State, Failure: whole.Steps.Upload.Failure},
			Transcribe: whole.Steps.Transcribe, Index: whole.Steps.Index,
		},
		Can: spec.Can{Comment: whole.Can.Comment, Download: whole.Can.Download},
	}
}

// snippetJSON is a clip as a visitor by a link to a snippet sees it: the allowed
// fields, with the length, files, state and comments of the snippet.
func (v *clipViews) snippetJSON(ctx context.Context, whole spec.Clip, c tidings.Clip, snippet tidings.Span) (spec.Clip, error) {
	out := snippetFields(whole)

	if c.DurationMS != nil {
		snippet.EndMS = min(snippet.EndMS, *c.DurationMS)
	}
	out.DurationMs = new(snippet.Length())

	comments, err := v.store.Comments(ctx, c.ID)
	if err != nil {
		return out, err
	}

	for _, m := range snippetComments(snippet, comments) {
		if m.IsVisible() {
			out.Counts.Comments++
		}
	}

	out.State, out.Steps.Transcode = tidings.ClipProcessing, spec.ProgressStep{State: tidings.StepRunning}
	files, err := v.media.SnippetFiles(ctx, c, out.Can.Download)
	switch tidings.KindOf(err) {
	case "":
		out.State, out.Steps.Transcode = tidings.ClipReady, spec.ProgressStep{State: tidings.StepDone, Progress: 1}
		out.Media = files
	case tidings.KindNotReady:
	case tidings.KindInternal:
		return out, err
	default:
		out.State, out.Failure, out.Steps.Transcode.State = tidings.ClipFailed, new(tidings.Sentence(err)), tidings.StepFailed
	}

	return out, nil
}

// snippetComments are the comments on times of the snippet, with their threads.
func snippetComments(snippet tidings.Span, all []tidings.Comment) []tidings.Comment {
	shown := map[tidings.ID]bool{}
	var out []tidings.Comment
	for _, c := range all { // oldest first: a thread's root is before its replies
		if c.ParentID != "" && shown[c.ParentID] || c.ParentID == "" && auth.CommentInSnippet(snippet, c) {
			shown[c.ID] = true
			out = append(out, c)
		}
	}
	return out
}

// snippetReactions are the reactions to times of the snippet, in its time.
func snippetReactions(snippet *tidings.Span, all []tidings.Reaction) []tidings.Reaction {
	if snippet == nil {
		return all
	}

	var out []tidings.Reaction
	for _, r := range all {
		if r.AtMS != nil && snippet.Contains(*r.AtMS, *r.AtMS) {
			r.AtMS = new(*r.AtMS - snippet.StartMS)
			out = append(out, r)
		}
	}

	return out
}

// toSnippetTime converts a comment's times to those of the snippet. One on the
// whole snippet has no time.
func toSnippetTime(snippet tidings.Span, c tidings.Comment) tidings.Comment {
	if !auth.CommentInSnippet(snippet, c) || *c.AtMS == snippet.StartMS && c.UntilMS != nil && *c.UntilMS == snippet.EndMS {
		c.AtMS, c.UntilMS = nil, nil
		return c
	}

	move := func(ms *int64) *int64 {
		if ms == nil {
			return nil
		}
		return new(*ms - snippet.StartMS)
	}
	c.AtMS, c.UntilMS = move(c.AtMS), move(c.UntilMS)
	return c
}

// fromSnippetTime is the inverse of toSnippetTime; KindInvalid for a time
// outside the snippet.
func fromSnippetTime(snippet tidings.Span, c *tidings.Comment) error {
	if c.AtMS == nil {
		if c.ParentID == "" {
			c.AtMS, c.UntilMS = new(snippet.StartMS), new(snippet.EndMS)
		}
		return nil
	}
	if *c.AtMS > snippet.Length() || c.UntilMS != nil && *c.UntilMS > snippet.Length() {
		return tidings.Invalid("at_ms", "Outside the clip.")
	}

	c.AtMS = new(*c.AtMS + snippet.StartMS)
	if c.UntilMS != nil {
		c.UntilMS = new(*c.UntilMS + snippet.StartMS)
	}

	return nil
}
