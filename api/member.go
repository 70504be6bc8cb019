package api

import (
	"context"
	"slices"
	"strings"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// CreateWorkspace is POST /workspaces.
func (h *workspaceHandlers) CreateWorkspace(ctx context.Context, r spec.CreateWorkspaceRequestObject) (spec.CreateWorkspaceResponseObject, error) {
	if made, repeated := request.RepeatedCreation(ctx); repeated {
		m, err := h.loadMembership(ctx, string(made.ID))
		return newWorkspaceJSON(m.Workspace), err
	}

	who, name := request.SubjectOf(ctx), strings.TrimSpace(r.Body.Name)
	if name == "" {
		return nil, tidings.Invalid("name", "This is needed.")
	}
	if h.ownersOnly && !isOwner(who) {
		return nil, tidings.Errorf(tidings.KindForbidden, "On this server only owners of a workspace may make another.")
	}
	if len(who.Roles) >= maxWorkspaces {
		return nil, tidings.Errorf(tidings.KindConflict, "You are in %d workspaces. Leave one first.", len(who.Roles))
	}

	id := tidings.NewID(h.clock())
	claimed, err := request.ClaimForCreation(ctx, request.Creation{ID: id})
	if err != nil {
		return nil, err
	}

	ws, err := h.store.CreateWorkspace(claimed, id, name, who.UserID)
	return newWorkspaceJSON(ws), err
}

// newWorkspaceJSON is a workspace as its first owner sees it.
func newWorkspaceJSON(ws tidings.Workspace) spec.CreateWorkspace201JSONResponse {
	return spec.CreateWorkspace201JSONResponse(spec.WorkspaceOf(tidings.Membership{Workspace: ws, Role: tidings.RoleOwner}))
}

// maxWorkspaces is the largest number of memberships with which a person may
// create another workspace.
const maxWorkspaces = 50

func isOwner(who tidings.Subject) bool {
	for _, r := range who.Roles {
		if r == tidings.RoleOwner {
			return true
		}
	}
	return false
}

// UpdateMember is PATCH /workspaces/{ws}/members/{user}.
func (h *workspaceHandlers) UpdateMember(ctx context.Context, r spec.UpdateMemberRequestObject) (spec.UpdateMemberResponseObject, error) {
	ws, role, err := auth.RoleIn(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	if !role.Manages() {
		return nil, tidings.Errorf(tidings.KindForbidden, "Only owners and admins may do this.")
	}

	who := request.SubjectOf(ctx)
	user := authorFilter(who, &r.User)
	if err := h.store.SetRole(ctx, ws, user, who.UserID, r.Body.Role); err != nil {
		return nil, err
	}

	all, err := h.store.Members(ctx, ws)
	if err != nil {
		return nil, err
	}

	i := slices.IndexFunc(all, func(m tidings.Member) bool { return m.ID == user })
	if i < 0 {
		return nil, tidings.NotFound() // deleted meanwhile
	}

	return spec.UpdateMember200JSONResponse(memberJSON(all[i])), nil
}

// RemoveMember is DELETE /workspaces/{ws}/members/{user}.
func (h *workspaceHandlers) RemoveMember(ctx context.Context, r spec.RemoveMemberRequestObject) (spec.RemoveMemberResponseObject, error) {
	ws, role, err := auth.RoleIn(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	who := request.SubjectOf(ctx)
	user := authorFilter(who, &r.User)
	if user != who.UserID && !role.Manages() {
		return nil, tidings.Errorf(tidings.KindForbidden, "Only owners and admins may do this.")
	}
	return spec.RemoveMember204Response{}, h.store.RemoveMember(ctx, ws, user, who.UserID)
}
