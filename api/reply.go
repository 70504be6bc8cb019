package api

import (
	"context"
	"net/url"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

func isReply(in *spec.ClipRequest) bool {
	return spec.Deref(in.ReplyToCommentID) != "" || spec.Deref(in.ReplyToClipID) != ""
}

// setReplyTarget sets what a new clip replies to, if the caller may comment
// there.
func (h *clipHandlers) setReplyTarget(ctx context.Context, clip *tidings.Clip, in *spec.ClipRequest) error {
	field, above := "reply_to_clip_id", spec.Deref(in.ReplyToClipID)
	if id := spec.Deref(in.ReplyToCommentID); id != "" {
		field = "reply_to_comment_id"
		c, _, err := h.commentAccess.authorizeComment(ctx, id, tidings.ActComment)
		if tidings.KindOf(err) == tidings.KindNotFound || err == nil && above != "" && above != string(c.ClipID) {
			return tidings.Invalid(field, "There is no such comment.")
		}
		if err != nil {
			return err
		}

		clip.ReplyToComment, above = c.ID, string(c.ClipID)
	}

	if above == "" {
		return nil
	}

	g, err := h.access.AuthorizeClip(ctx, above, tidings.ActComment)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return tidings.Invalid(field, "There is no such clip.")
	}
	if err == nil && g.WorkspaceID != clip.WorkspaceID {
		return tidings.Invalid("workspace_id", "A reply belongs to the workspace of what it answers.")
	}

	clip.Answers = g.ClipID
	return err
}

// authorizeReplyClip is the clip of a voice or video reply, which must be the
// caller's own.
func (h *commentHandlers) authorizeReplyClip(ctx context.Context, id string) (tidings.ID, error) {
	if id == "" {
		return "", nil
	}
	g, err := h.access.AuthorizeClip(ctx, id, tidings.ActView)
	if tidings.KindOf(err) == tidings.KindNotFound || err == nil && g.AuthorID != request.SubjectOf(ctx).UserID {
		return "", tidings.Invalid("clip_id", "This is not a clip of yours.")
	}
	return g.ClipID, err
}

// addReplyClips adds to comments their voice and video replies, as the caller
// sees them.
func (v *commentViews) addReplyClips(ctx context.Context, comments ...spec.Comment) ([]spec.Comment, error) {
	for i, c := range comments {
		if c.ReplyClipID == nil || c.Deleted {
			comments[i].ReplyClipID = nil
			continue
		}

		clip, err := v.clipViews.loadClipJSON(ctx, string(*c.ReplyClipID), tidings.ActView)
		if err == nil && clip.TrashedAt == nil {
			comments[i].ReplyClip = &clip
		}

		if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
			return nil, err
		}
	}
	return comments, nil
}

// loadReplies reads the replies of the stream's clip, whose events belong to
// the stream.
func (e *eventStream) loadReplies(ctx context.Context) error {
	all, err := e.handlers.store.Replies(ctx, e.clip)
	if err != nil {
		return err
	}
	e.replies = map[tidings.ID]bool{}
	for _, id := range all {
		e.replies[id] = true
	}
	return nil
}

// commentURL is the page of a clip at a comment and its time.
func commentURL(c tidings.Comment) string {
	q := url.Values{"comment": {string(c.ID)}}
	if c.AtMS != nil {
		q.Set("t", formatSeconds(*c.AtMS))
	}
	return "/c/" + string(c.ClipID) + "?" + q.Encode()
}
