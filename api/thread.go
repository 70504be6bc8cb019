package api

import (
	"context"
	"slices"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/search/fold"
	"tidings.example/tidings/tidings"
)

// ResolveThread is POST /comments/{id}/resolve.
func (h *commentHandlers) ResolveThread(ctx context.Context, r spec.ResolveThreadRequestObject) (spec.ResolveThreadResponseObject, error) {
	c, e, err := h.commentAccess.authorizeComment(ctx, r.ID, tidings.ActComment)
	if err != nil {
		return nil, err
	}
	if c, err = h.store.ResolveThread(ctx, c.ID, request.SubjectOf(ctx).UserID); err != nil {
		return nil, err
	}
	shown, err := h.commentViews.withReply(ctx, e, c)
	return spec.ResolveThread200JSONResponse(shown), err
}

// ReopenThread is DELETE /comments/{id}/resolve.
func (h *commentHandlers) ReopenThread(ctx context.Context, r spec.ReopenThreadRequestObject) (spec.ReopenThreadResponseObject, error) {
	c, e, err := h.commentAccess.authorizeComment(ctx, r.ID, tidings.ActComment)
	if err != nil {
		return nil, err
	}
	if c, err = h.store.ReopenThread(ctx, c.ID); err != nil {
		return nil, err
	}
	shown, err := h.commentViews.withReply(ctx, e, c)
	return spec.ReopenThread200JSONResponse(shown), err
}

// HideComment is POST /comments/{id}/hide.
func (h *commentHandlers) HideComment(ctx context.Context, r spec.HideCommentRequestObject) (spec.HideCommentResponseObject, error) {
	c, e, err := h.commentAccess.authorizeComment(ctx, r.ID, tidings.ActEdit)
	if err != nil {
		return nil, err
	}
	if c, err = h.store.HideComment(ctx, c.ID, request.SubjectOf(ctx).UserID); err != nil {
		return nil, err
	}
	shown, err := h.commentViews.withReply(ctx, e, c)
	return spec.HideComment200JSONResponse(shown), err
}

// ShowComment is DELETE /comments/{id}/hide.
func (h *commentHandlers) ShowComment(ctx context.Context, r spec.ShowCommentRequestObject) (spec.ShowCommentResponseObject, error) {
	c, e, err := h.commentAccess.authorizeComment(ctx, r.ID, tidings.ActEdit)
	if err != nil {
		return nil, err
	}
	if c, err = h.store.ShowComment(ctx, c.ID); err != nil {
		return nil, err
	}
	shown, err := h.commentViews.withReply(ctx, e, c)
	return spec.ShowComment200JSONResponse(shown), err
}

// ListClipPeople is GET /clips/{id}/people, for members of the clip's
// workspace.
func (h *commentHandlers) ListClipPeople(ctx context.Context, r spec.ListClipPeopleRequestObject) (spec.ListClipPeopleResponseObject, error) {
	g, err := h.access.AuthorizeClip(ctx, r.ID, tidings.ActRead)
	if err != nil {
		return nil, err
	}
	if request.SubjectOf(ctx).Roles[g.WorkspaceID] == "" {
		return nil, tidings.Errorf(tidings.KindForbidden, "You are not in this workspace.")
	}
	people, err := h.peopleWhoSee(ctx, g, spec.Deref(r.Params.Q), pageSize(r.Params.Limit))
	return spec.ListClipPeople200JSONResponse{Items: spec.Map(people, spec.AuthorOf)}, err
}

// peopleWhoSee are the first members by name who may see the clip and whose
// name q matches.
func (h *commentHandlers) peopleWhoSee(ctx context.Context, g tidings.ClipAccess, q string, limit int) ([]tidings.Author, error) {
	members, err := h.store.Members(ctx, g.WorkspaceID)
	if err != nil {
		return nil, err
	}
	if request.SubjectOf(ctx).Roles[g.WorkspaceID] == tidings.RoleGuest {
		if members, err = h.speakersOf(ctx, g, members); err != nil {
			return nil, err
		}
	}

	var out []tidings.Author
	for _, m := range members {
		if len(out) == limit {
			break
		}
		if fold.MatchName(m.Name, q) == fold.NoName {
			continue
		}
		if g, err = h.store.ClipAccess(ctx, g.ClipID, m.ID); err != nil { // access depends on the member's channels
			return nil, err
		}

		who := tidings.Subject{UserID: m.ID, Scope: tidings.ScopeAdmin, Roles: map[tidings.ID]tidings.Role{g.WorkspaceID: m.Role}}
		if tidings.Allowed(who, g, tidings.ActView, h.clock()) {
			out = append(out, tidings.Author{ID: m.ID, Name: m.Name, Avatar: m.Avatar})
		}
	}

	return out, nil
}

// speakersOf are those of the members who speak on the clip: its author, and who
// has commented.
func (h *commentHandlers) speakersOf(ctx context.Context, g tidings.ClipAccess, members []tidings.Member) ([]tidings.Member, error) {
	comments, err := h.store.Comments(ctx, g.ClipID)
	speakers := map[tidings.ID]bool{g.AuthorID: true}
	for _, c := range comments {
		speakers[c.Author.ID] = true
	}
	return slices.DeleteFunc(members, func(m tidings.Member) bool { return !speakers[m.ID] }), err
}
