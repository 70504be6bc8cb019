package api

import (
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/media"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/api/upload"
	"tidings.example/tidings/tidings"
)

// ClipViewStore is what clipViews needs of the rows.
type ClipViewStore interface {
	Clip(ctx context.Context, id tidings.ID) (tidings.Clip, error) // also in the trash
	ClipAccess(ctx context.Context, clip, user tidings.ID) (tidings.ClipAccess, error)
	Comments(ctx context.Context, clip tidings.ID) ([]tidings.Comment, error)
	DamageOfClip(ctx context.Context, clip tidings.ID) ([]tidings.Damage, error)
}

// clipViews builds clips as their caller sees them.
type clipViews struct {
	store  ClipViewStore
	access *auth.Access
	clock  tidings.Clock
	media  *media.Handler
}

// visibleClipJSON is clipJSON for a clip that the caller is known to see.
func (v *clipViews) visibleClipJSON(ctx context.Context, c tidings.Clip) (spec.Clip, error) {
	g, err := v.store.ClipAccess(ctx, c.ID, request.SubjectOf(ctx).UserID)
	if err != nil {
		return spec.Clip{}, err
	}
	return v.clipJSON(ctx, c, g)
}

// clipJSON is the clip as the caller sees it: their permissions, and the media
// files that exist and that they may have.
func (v *clipViews) clipJSON(ctx context.Context, c tidings.Clip, g tidings.ClipAccess) (spec.Clip, error) {
	who, now := request.SubjectOf(ctx), v.clock()
	may := func(act tidings.Action) bool { return tidings.Allowed(who, g, act, now) }
	files, err := v.media.ClipFiles(ctx, c, may(tidings.ActDownload))
	out := spec.Clip{
		ID: c.ID, WorkspaceID: c.WorkspaceID, ChannelID: channelShown(who, g), Author: spec.AuthorOf(c.Author), Kind: c.Kind, Title: c.Title,
		Description: c.Description, Tags: spec.Map(c.Tags, func(t string) string { return t }), Visibility: c.Visibility, State: c.State,
		Failure: spec.OrNil(c.Failure), CreatedAt: spec.Instant(c.CreatedAt), RecordedAt: spec.InstantOrNil(c.RecordedAt), DurationMs: c.DurationMS,
		Width: c.Width, Height: c.Height, Steps: stepsJSON(c), Media: files, Language: spec.OrNil(c.Language),
		Counts:   spec.Counts{Comments: c.Counts.Comments, Reactions: c.Counts.Reactions, Views: c.Counts.Views},
		ShareURL: request.FromContext(ctx).BaseURL + "/c/" + string(c.ID), ReplyToCommentID: spec.OrNil(c.ReplyToComment),
		ReplyToClipID: spec.OrNil(c.Answers), EndedEarly: c.EndedEarly, AtRisk: c.AtRisk,
		TrashedAt: spec.InstantOrNil(c.TrashedAt), Version: c.Version,
		Can: spec.Can{Comment: may(tidings.ActComment), Edit: may(tidings.ActEdit), Share: may(tidings.ActShare), Delete: may(tidings.ActDelete),
			Download: may(tidings.ActDownload)},
	}
	if !may(tidings.ActRead) {
		out.Counts.Comments, out.Counts.Reactions = 0, 0
	}

	if who.UserID == c.Author.ID && c.RecordedAt == nil && c.State == tidings.ClipRecording {
		out.UploadURL = spec.OrNil(upload.Path)
	}

	if err != nil {
		return out, err
	}

	damage, err := v.store.DamageOfClip(ctx, c.ID)
	if err != nil {
		return out, err
	}
	out.Damage = spec.OrNil(tidings.DamageSentence(damage, out.Media.Master != nil))

	if snippet := who.SnippetOf(c.ID); snippet != nil {
		return v.snippetJSON(ctx, out, c, *snippet)
	}

	return out, nil
}

func stepsJSON(c tidings.Clip) spec.Steps {
	progress := func(st tidings.StepStatus) spec.ProgressStep {
		return spec.ProgressStep{State: st.State, Progress: st.Progress, Failure: spec.OrNil(st.Failure)}
	}
	return spec.Steps{
		Upload:     spec.UploadStep{State: c.Steps.Upload.State, Bytes: c.Bytes, Failure: spec.OrNil(c.Steps.Upload.Failure)},
		Transcode:  progress(c.Steps.Transcode),
		Transcribe: progress(c.Steps.Transcribe),
		Index:      spec.IndexStep{State: c.Steps.Index.State, Failure: spec.OrNil(c.Steps.Index.Failure)},
	}
}

func shortClip(k *request.State, c tidings.Clip, poster bool) spec.ShortClip {
	out := spec.ShortClip{ID: c.ID, WorkspaceID: c.WorkspaceID, ChannelID: spec.OrNil(c.ChannelID), Author: spec.AuthorOf(c.Author), Kind: c.Kind, Title: c.Title,
		State: c.State, CreatedAt: spec.Instant(c.CreatedAt), DurationMs: c.DurationMS}
	if poster {
		out.Poster = k.MediaURL(c.ID, "poster.jpg")
	}
	return out
}
