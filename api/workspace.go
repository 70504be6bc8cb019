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

func workspaceJSON(m tidings.Membership) spec.Workspace {
	return spec.Workspace{ID: m.Workspace.ID, Name: m.Workspace.Name, Role: m.Role, Heat: m.Workspace.Heat, CreatedAt: spec.Instant(m.Workspace.CreatedAt), Version: m.Workspace.Version}
}

// ListWorkspaces is GET /workspaces.
func (s *server) ListWorkspaces(ctx context.Context, r spec.ListWorkspacesRequestObject) (spec.ListWorkspacesResponseObject, error) {
	all, err := s.Store.Memberships(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return nil, err
	}
	items, next, err := paged(all, func(m tidings.Membership) string { return string(m.Workspace.ID) }, false, r.Params.Limit, r.Params.Cursor)
	return spec.ListWorkspaces200JSONResponse{Items: spec.Map(items, workspaceJSON), NextCursor: next}, err
}

// GetWorkspace is GET /workspaces/{ws}.
func (s *server) GetWorkspace(ctx context.Context, r spec.GetWorkspaceRequestObject) (spec.GetWorkspaceResponseObject, error) {
	m, err := s.membership(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	out := workspaceJSON(m)
	out.EmbedOrigins, err = s.embedOrigins(ctx, m.Workspace.ID)
	return spec.GetWorkspace200JSONResponse(out), err
}

// membership is the caller's place in a workspace.
func (s *server) membership(ctx context.Context, ws string) (tidings.Membership, error) {
	id, _, err := auth.RoleIn(ctx, ws)
	if err != nil {
		return tidings.Membership{}, err
	}

	all, err := s.Store.Memberships(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return tidings.Membership{}, err
	}

	i := slices.IndexFunc(all, func(m tidings.Membership) bool { return m.Workspace.ID == id })
	if i < 0 {
		return tidings.Membership{}, tidings.NotFound()
	}

	return all[i], nil
}

// UpdateWorkspace is PATCH /workspaces/{ws}.
func (s *server) UpdateWorkspace(ctx context.Context, r spec.UpdateWorkspaceRequestObject) (spec.UpdateWorkspaceResponseObject, error) {
	m, err := s.membership(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	if m.Role != tidings.RoleOwner && m.Role != tidings.RoleAdmin {
		return nil, tidings.Errorf(tidings.KindForbidden, "Only owners and admins may do this.")
	}
	if m.Workspace.Version, err = expected(r.Params.IfMatch, m.Workspace.Version); err != nil {
		return nil, err
	}

	var origins []string
	if r.Body.EmbedOrigins != nil {
		if origins, err = cleanOrigins(*r.Body.EmbedOrigins); err != nil {
			return nil, err
		}
	}

	if r.Body.Name != nil {
		if m.Workspace.Name = strings.TrimSpace(*r.Body.Name); m.Workspace.Name == "" {
			return nil, tidings.Invalid("name", "This is needed.")
		}
		if m.Workspace, err = s.Store.RenameWorkspace(ctx, m.Workspace); err != nil {
			return nil, err
		}
	}

	if origins != nil {
		if m.Workspace, err = s.Store.SetEmbedOrigins(ctx, m.Workspace, origins); err != nil {
			return nil, err
		}
	}

	if r.Body.Heat != nil && *r.Body.Heat != m.Workspace.Heat {
		if m.Workspace, err = s.Store.SetHeat(ctx, m.Workspace, *r.Body.Heat); err != nil {
			return nil, err
		}
	}

	out := workspaceJSON(m)
	out.EmbedOrigins, err = s.embedOrigins(ctx, m.Workspace.ID)
	return spec.UpdateWorkspace200JSONResponse(out), err
}

// ListMembers is GET /workspaces/{ws}/members.
func (s *server) ListMembers(ctx context.Context, r spec.ListMembersRequestObject) (spec.ListMembersResponseObject, error) {
	id, _, err := auth.RoleIn(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Members(ctx, id)
	if err != nil {
		return nil, err
	}
	items, next, err := paged(all, memberKey, false, r.Params.Limit, r.Params.Cursor)
	return spec.ListMembers200JSONResponse{NextCursor: next, Items: spec.Map(items, memberJSON)}, err
}
