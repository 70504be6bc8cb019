package api

import (
	"cmp"
	"context"
	"fmt"
	"regexp"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// CommentStore is what commentHandlers needs of the rows.
type CommentStore interface {
	AddComment(ctx context.Context, c tidings.Comment) (tidings.Comment, error)
	Clip(ctx context.Context, id tidings.ID) (tidings.Clip, error) // also in the trash
	ClipAccess(ctx context.Context, clip, user tidings.ID) (tidings.ClipAccess, error)
	Comment(ctx context.Context, id tidings.ID) (tidings.Comment, error)
	Comments(ctx context.Context, clip tidings.ID) ([]tidings.Comment, error)
	DeleteComment(ctx context.Context, id tidings.ID) error
	HideComment(ctx context.Context, id, by tidings.ID) (tidings.Comment, error)
	Members(ctx context.Context, ws tidings.ID) ([]tidings.Member, error)
	ReopenThread(ctx context.Context, id tidings.ID) (tidings.Comment, error)
	ResolveThread(ctx context.Context, id, by tidings.ID) (tidings.Comment, error)
	ShowComment(ctx context.Context, id tidings.ID) (tidings.Comment, error)
	UpdateComment(ctx context.Context, id tidings.ID, body string, ifVersion *int64) (tidings.Comment, error)
}

// commentHandlers serves comments and their threads.
type commentHandlers struct {
	store         CommentStore
	commentAccess *commentAccess
	commentViews  *commentViews
	access        *auth.Access
	clock         tidings.Clock
}

// authorizeComment is the access check of a comment: the comment, if the caller
// may do act with its clip and sees the comment, and their permissions.
func (a *commentAccess) authorizeComment(ctx context.Context, id string, act tidings.Action) (tidings.Comment, commentPerms, error) {
	cid, ok := tidings.ParseID(id)
	if !ok {
		return tidings.Comment{}, commentPerms{}, tidings.NotFound()
	}

	c, err := a.store.CommentRow(ctx, cid)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return tidings.Comment{}, commentPerms{}, a.access.NotFoundInConstantTime(ctx, c.ClipID, act)
	}
	if err != nil {
		return c, commentPerms{}, err
	}

	g, _, err := a.authorizeContribution(ctx, string(c.ClipID), act)
	if err != nil {
		return tidings.Comment{}, commentPerms{}, err
	}

	e := a.permsOn(ctx, g)
	sees, err := a.access.SeesComment(ctx, c)
	if err != nil || !sees || c.DeletedAt != nil || c.HiddenAt != nil && !e.canEdit && !e.isAuthor(c) {
		return tidings.Comment{}, e, cmp.Or(err, tidings.NotFound())
	}

	return c, e, nil
}

// commentPerms are the caller's permissions on the comments of a clip.
type commentPerms struct {
	subject    tidings.Subject
	canComment bool // may comment
	canEdit    bool // may edit the clip, and so moderate its comments
}

func (a *commentAccess) permsOn(ctx context.Context, g tidings.ClipAccess) commentPerms {
	who, now := request.SubjectOf(ctx), a.clock()
	return commentPerms{subject: who, canComment: tidings.Allowed(who, g, tidings.ActComment, now), canEdit: tidings.Allowed(who, g, tidings.ActEdit, now)}
}

// isAuthor reports whether the caller wrote the comment: as a user, or as a
// guest in this session.
func (e commentPerms) isAuthor(c tidings.Comment) bool {
	if e.subject.UserID != "" {
		return e.subject.UserID == c.Author.ID
	}
	return e.subject.GuestID != "" && e.subject.GuestID == c.GuestID
}

// commentJSON is the comment as the caller sees it.
func (e commentPerms) commentJSON(c tidings.Comment) spec.Comment {
	if snippet := e.subject.SnippetOf(c.ClipID); snippet != nil {
		c = toSnippetTime(*snippet, c)
	}

	stands := c.DeletedAt == nil
	mine := stands && e.canComment && e.isAuthor(c)
	out := spec.Comment{ID: c.ID, ClipID: c.ClipID, ParentID: spec.OrNil(c.ParentID), Author: commentAuthorJSON(c), AtMs: c.AtMS, UntilMs: c.UntilMS,
		Body: c.Body, Mentions: spec.Map(c.Mentions, spec.AuthorOf), Reactions: spec.Map(c.Reactions, e.reactionJSON), ReplyClipID: spec.OrNil(c.ReplyClip),
		CreatedAt: spec.Instant(c.CreatedAt), EditedAt: spec.InstantOrNil(c.EditedAt), Deleted: !stands, Hidden: c.HiddenAt != nil,
		ResolvedAt: spec.InstantOrNil(c.ResolvedAt), CanEdit: mine, CanDelete: mine || e.canEdit && stands,
		CanResolve: stands && e.canComment && e.subject.UserID != "" && c.ParentID == "", CanHide: e.canEdit && stands, Version: c.Version}
	if c.ResolvedAt != nil {
		out.ResolvedBy = new(spec.AuthorOf(c.ResolvedBy))
	}

	if out.Hidden && !e.canEdit {
		out.Body, out.Mentions, out.Reactions, out.ReplyClipID = "", []spec.Author{}, []spec.Reaction{}, nil
	}

	return out
}

// withReply is a comment as the caller sees it, with the voice or video reply
// it stands for.
func (v *commentViews) withReply(ctx context.Context, e commentPerms, c tidings.Comment) (spec.Comment, error) {
	shown, err := v.addReplyClips(ctx, e.commentJSON(c))
	if err != nil {
		return spec.Comment{}, err
	}
	return shown[0], nil
}

func commentAuthorJSON(c tidings.Comment) spec.CommentAuthor {
	a := spec.AuthorOf(c.Author)
	return spec.CommentAuthor{ID: spec.OrNil(a.ID), Name: a.Name, AvatarURL: a.AvatarURL, Guest: c.GuestID != ""}
}

// threadCursorKey is the form of a comment's sort key: the time of its thread,
// the id of the thread, its own id.
var threadCursorKey = regexp.MustCompile(`^\d{19} [0-9A-Z]{26} ([0-9A-Z]{26})?$`)

// orderByThread sorts the comments of a clip by thread, and returns their sort
// keys.
func orderByThread(all []tidings.Comment) (ordered []tidings.Comment, keys map[tidings.ID]string) {
	keys = make(map[tidings.ID]string, len(all))
	for _, t := range tidings.Threads(all) {
		at := int64(0)
		if t.First.AtMS != nil {
			at = *t.First.AtMS + 1
		}

		ordered = append(append(ordered, t.First), t.Replies...)
		keys[t.First.ID] = fmt.Sprintf("%019d %s ", at, t.First.ID)
		for _, r := range t.Replies {
			keys[r.ID] = keys[t.First.ID] + string(r.ID)
		}
	}

	return ordered, keys
}

// ListComments is GET /clips/{id}/comments.
func (h *commentHandlers) ListComments(ctx context.Context, r spec.ListCommentsRequestObject) (spec.ListCommentsResponseObject, error) {
	g, snippet, err := h.access.AuthorizeClipOrSnippet(ctx, r.ID, tidings.ActRead)
	if err != nil {
		return nil, err
	}
	if err := checkCursor(r.Params.Cursor, threadCursorKey); err != nil {
		return nil, err
	}

	all, err := h.store.Comments(ctx, g.ClipID)
	if err != nil {
		return nil, err
	}

	if snippet != nil {
		all = snippetComments(*snippet, all)
	}

	all, keys := orderByThread(all)
	items, next, err := pageOf(all, func(c tidings.Comment) string { return keys[c.ID] }, false, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}

	shown, err := h.commentViews.addReplyClips(ctx, spec.Map(items, h.commentAccess.permsOn(ctx, g).commentJSON)...)
	return spec.ListComments200JSONResponse{NextCursor: next, Items: shown}, err
}

// CreateComment is POST /clips/{id}/comments.
func (h *commentHandlers) CreateComment(ctx context.Context, r spec.CreateCommentRequestObject) (spec.CreateCommentResponseObject, error) {
	if made, repeated := request.RepeatedCreation(ctx); repeated {
		return h.repeatedComment(ctx, made.ID)
	}

	g, snippet, err := h.commentAccess.authorizeContribution(ctx, r.ID, tidings.ActComment)
	if err != nil {
		return nil, err
	}

	clip, err := h.store.Clip(ctx, g.ClipID)
	if err != nil {
		return nil, err
	}

	who, now := request.SubjectOf(ctx), h.clock()
	c := tidings.Comment{ID: tidings.NewID(now), ClipID: g.ClipID, Author: tidings.Author{ID: who.UserID}, AtMS: r.Body.AtMs, UntilMS: r.Body.UntilMs,
		Body: spec.Deref(r.Body.Body), CreatedAt: now}
	if who.UserID == "" {
		c.GuestID = who.GuestID
	}

	if id := spec.Deref(r.Body.ParentID); id != "" {
		var ok bool
		if c.ParentID, ok = tidings.ParseID(id); !ok {
			return nil, tidings.Invalid("parent_id", "There is no such comment to reply to.")
		}
	}

	if snippet != nil {
		if err := fromSnippetTime(*snippet, &c); err != nil {
			return nil, err
		}
		if _, _, err := h.commentAccess.authorizeComment(ctx, string(cmp.Or(c.ParentID, c.ID)), tidings.ActRead); c.ParentID != "" && err != nil {
			return nil, tidings.Invalid("parent_id", "There is no such comment to reply to.")
		}
	}

	if c.ReplyClip, err = h.authorizeReplyClip(ctx, spec.Deref(r.Body.ClipID)); err != nil {
		return nil, err
	}
	if err := c.Validate(clip.DurationMS); err != nil {
		return nil, err
	}

	claimed, err := request.ClaimForCreation(ctx, request.Creation{ID: c.ID})
	if err != nil {
		return nil, err
	}
	if c, err = h.store.AddComment(claimed, c); err != nil {
		return nil, err
	}

	shown, err := h.commentViews.withReply(ctx, h.commentAccess.permsOn(ctx, g), c)
	return spec.CreateComment201JSONResponse(shown), err
}

// repeatedComment answers a repeated request for the comment that the first one
// has made.
func (h *commentHandlers) repeatedComment(ctx context.Context, id tidings.ID) (spec.CreateCommentResponseObject, error) {
	_, perms, err := h.commentAccess.authorizeComment(ctx, string(id), tidings.ActComment)
	if err != nil {
		return nil, err
	}
	c, err := h.store.Comment(ctx, id)
	if err != nil {
		return nil, err
	}
	shown, err := h.commentViews.withReply(ctx, perms, c)
	return spec.CreateComment201JSONResponse(shown), err
}

// UpdateComment is PATCH /comments/{id}, for the comment's author.
func (h *commentHandlers) UpdateComment(ctx context.Context, r spec.UpdateCommentRequestObject) (spec.UpdateCommentResponseObject, error) {
	c, e, err := h.commentAccess.authorizeComment(ctx, r.ID, tidings.ActComment)
	if err != nil {
		return nil, err
	}
	if !e.isAuthor(c) {
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
	if c, err = h.store.UpdateComment(ctx, c.ID, c.Body, version); err != nil {
		return nil, err
	}

	shown, err := h.commentViews.withReply(ctx, e, c)
	return spec.UpdateComment200JSONResponse(shown), err
}

// DeleteComment is DELETE /comments/{id}: for its author and for those who may
// edit the clip.
func (h *commentHandlers) DeleteComment(ctx context.Context, r spec.DeleteCommentRequestObject) (spec.DeleteCommentResponseObject, error) {
	c, e, err := h.commentAccess.authorizeComment(ctx, r.ID, tidings.ActComment)
	if err != nil {
		return nil, err
	}
	if !e.isAuthor(c) && !e.canEdit {
		return nil, tidings.Errorf(tidings.KindForbidden, "This is somebody else's comment.")
	}
	return spec.DeleteComment204Response{}, h.store.DeleteComment(ctx, c.ID)
}
