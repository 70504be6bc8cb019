package api

import (
	"context"

	"tidings"
	"tidings/api/spec"
)

// comment is a comment of a clip the caller may do act with.
func (s *server) comment(ctx context.Context, id string, act tidings.Action) (tidings.Comment, error) {
	cid, ok := tidings.ParseID(id)
	if !ok {
		return tidings.Comment{}, tidings.NotFound()
	}
	c, err := s.Store.Comment(ctx, cid)
	if err != nil {
		return c, err
	}
	if _, _, err := s.part(ctx, string(c.ClipID), act); err != nil {
		return tidings.Comment{}, err
	}
	if sees, err := s.seesComment(ctx, c); err != nil || !sees || c.DeletedAt != nil {
		return tidings.Comment{}, or(err, tidings.NotFound())
	}
	return c, nil
}

// commentJSON is a comment as the caller sees it; edit says whether they may
// edit the clip, which lets them delete what others say about it.
func commentJSON(who tidings.Subject, c tidings.Comment, edit bool) spec.Comment {
	if part := who.Part(c.ClipID); part != nil {
		c = toPart(*part, c)
	}
	mine := who.UserID != "" && who.UserID == c.Author.ID && who.Scope.Includes(tidings.ScopeWrite) && c.DeletedAt == nil
	return spec.Comment{ID: c.ID, ClipID: c.ClipID, ParentID: orNil(c.ParentID), Author: authorJSON(c.Author), AtMs: c.AtMS, UntilMs: c.UntilMS,
		Body: c.Body, ReplyClipID: orNil(c.ReplyClip), CreatedAt: spec.Instant(c.CreatedAt), EditedAt: timeJSON(c.EditedAt),
		Deleted: c.DeletedAt != nil, CanEdit: mine, CanDelete: mine || edit && c.DeletedAt == nil, Version: c.Version}
}

// ListComments is GET /clips/{id}/comments.
func (s *server) ListComments(ctx context.Context, r spec.ListCommentsRequestObject) (spec.ListCommentsResponseObject, error) {
	g, part, err := s.part(ctx, r.ID, tidings.ActView)
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Comments(ctx, g.ClipID)
	if err != nil {
		return nil, err
	}
	if part != nil {
		all = cutComments(*part, all)
	}
	items, next, err := paged(all, func(c tidings.Comment) string { return string(c.ID) }, false, r.Params.Limit, r.Params.Cursor)
	who := subjectOf(ctx)
	edit := tidings.Allowed(who, g, tidings.ActEdit, s.Clock())
	if err != nil {
		return nil, err
	}
	shown, err := s.withReplies(ctx, mapped(items, func(c tidings.Comment) spec.Comment { return commentJSON(who, c, edit) })...)
	return spec.ListComments200JSONResponse{NextCursor: next, Items: shown}, err
}

// CreateComment is POST /clips/{id}/comments.
func (s *server) CreateComment(ctx context.Context, r spec.CreateCommentRequestObject) (spec.CreateCommentResponseObject, error) {
	g, part, err := s.part(ctx, r.ID, tidings.ActComment)
	if err != nil {
		return nil, err
	}
	clip, err := s.Store.Clip(ctx, g.ClipID)
	if err != nil {
		return nil, err
	}
	who, now := subjectOf(ctx), s.Clock()
	c := tidings.Comment{ID: tidings.NewID(now), ClipID: g.ClipID, Author: tidings.Author{ID: who.UserID}, AtMS: r.Body.AtMs, UntilMS: r.Body.UntilMs,
		Body: deref(r.Body.Body), CreatedAt: now}
	if id := deref(r.Body.ParentID); id != "" {
		var ok bool
		if c.ParentID, ok = tidings.ParseID(id); !ok {
			return nil, tidings.Invalid("parent_id", "There is no such comment to reply to.")
		}
	}
	if part != nil {
		if err := fromPart(*part, &c); err != nil {
			return nil, err
		}
		if _, err := s.comment(ctx, string(or(c.ParentID, c.ID)), tidings.ActView); c.ParentID != "" && err != nil {
			return nil, tidings.Invalid("parent_id", "There is no such comment to reply to.")
		}
	}
	if c.ReplyClip, err = s.replyClip(ctx, deref(r.Body.ClipID)); err != nil {
		return nil, err
	}
	if err := c.Validate(clip.DurationMS); err != nil {
		return nil, err
	}
	if c, err = s.Store.AddComment(ctx, c); err != nil {
		return nil, err
	}
	shown, err := s.withReplies(ctx, commentJSON(who, c, tidings.Allowed(who, g, tidings.ActEdit, now)))
	if err != nil {
		return nil, err
	}
	return spec.CreateComment201JSONResponse(shown[0]), nil
}

// UpdateComment is PATCH /comments/{id}: its author's to do.
func (s *server) UpdateComment(ctx context.Context, r spec.UpdateCommentRequestObject) (spec.UpdateCommentResponseObject, error) {
	c, err := s.comment(ctx, r.ID, tidings.ActComment)
	if err != nil {
		return nil, err
	}
	who := subjectOf(ctx)
	if c.Author.ID != who.UserID {
		return nil, tidings.Errorf(tidings.KindForbidden, "This is somebody else's comment.")
	}
	version, err := ifMatch(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	c.Body = r.Body.Body
	if err := c.Validate(nil); err != nil {
		return nil, err
	}
	if c, err = s.Store.UpdateComment(ctx, c.ID, c.Body, version); err != nil {
		return nil, err
	}
	_, err = s.clip(ctx, string(c.ClipID), tidings.ActEdit)
	shown, err := s.withReplies(ctx, commentJSON(who, c, err == nil))
	if err != nil {
		return nil, err
	}
	return spec.UpdateComment200JSONResponse(shown[0]), nil
}

// DeleteComment is DELETE /comments/{id}: for its author and for those who may
// edit the clip.
func (s *server) DeleteComment(ctx context.Context, r spec.DeleteCommentRequestObject) (spec.DeleteCommentResponseObject, error) {
	c, err := s.comment(ctx, r.ID, tidings.ActComment)
	if err != nil {
		return nil, err
	}
	if c.Author.ID != subjectOf(ctx).UserID {
		if _, err := s.clip(ctx, string(c.ClipID), tidings.ActEdit); err != nil {
			return nil, err
		}
	}
	return spec.DeleteComment204Response{}, s.Store.DeleteComment(ctx, c.ID)
}
