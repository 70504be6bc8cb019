package api

import (
	"context"
	"slices"
	"strings"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/page"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// WorkspaceStore is what workspaceHandlers needs of the rows.
type WorkspaceStore interface {
	AuditLog(ctx context.Context, f tidings.AuditFilter) (items []tidings.AuditEntry, next string, err error)
	CreateResetLink(ctx context.Context, ws, user, actor tidings.ID, hash []byte, mail bool) (tidings.PasswordReset, error)
	CreateWorkspace(ctx context.Context, id tidings.ID, name string, owner tidings.ID) (tidings.Workspace, error)
	Members(ctx context.Context, ws tidings.ID) ([]tidings.Member, error)
	Memberships(ctx context.Context, user tidings.ID) ([]tidings.Membership, error)
	RemoveMember(ctx context.Context, ws, user, actor tidings.ID) error
	SetRole(ctx context.Context, ws, user, actor tidings.ID, to tidings.Role) error
	WorkspaceBytes(ctx context.Context, ws tidings.ID) (int64, error)
}

// WorkspaceSettingsStore is what the settings of a workspace need of the rows.
type WorkspaceSettingsStore interface {
	EmbedOrigins(ctx context.Context, ws tidings.ID) (origins []string, set bool, err error)
	RenameWorkspace(ctx context.Context, w tidings.Workspace) (tidings.Workspace, error)                   // KindStale
	SetEmbedOrigins(ctx context.Context, w tidings.Workspace, origins []string) (tidings.Workspace, error) // KindStale
	SetHeat(ctx context.Context, w tidings.Workspace, on bool) (tidings.Workspace, error)                  // KindStale
	SetMaskProfanity(ctx context.Context, w tidings.Workspace, on bool) (tidings.Workspace, error)         // KindStale
}

// workspaceHandlers serves workspaces, their members and the audit log.
type workspaceHandlers struct {
	store          WorkspaceStore
	settings       WorkspaceSettingsStore
	clock          tidings.Clock
	embedAncestors string
	ownersOnly     bool
	canMail        bool
	quota          int64 // bytes of originals in a workspace; 0 = no limit
}

// ListWorkspaces is GET /workspaces.
func (h *workspaceHandlers) ListWorkspaces(ctx context.Context, r spec.ListWorkspacesRequestObject) (spec.ListWorkspacesResponseObject, error) {
	all, err := h.store.Memberships(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return nil, err
	}
	items, next, err := pageOf(all, func(m tidings.Membership) string { return string(m.Workspace.ID) }, false, r.Params.Limit, r.Params.Cursor)
	return spec.ListWorkspaces200JSONResponse{Items: spec.Map(items, spec.WorkspaceOf), NextCursor: next}, err
}

// GetWorkspace is GET /workspaces/{ws}.
func (h *workspaceHandlers) GetWorkspace(ctx context.Context, r spec.GetWorkspaceRequestObject) (spec.GetWorkspaceResponseObject, error) {
	m, err := h.loadMembership(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	out := spec.WorkspaceOf(m)
	if out.EmbedOrigins, err = h.embedOrigins(ctx, m.Workspace.ID); err != nil {
		return nil, err
	}

	out.RoomBytes, err = h.roomBytes(ctx, m.Workspace.ID)
	return spec.GetWorkspace200JSONResponse(out), err
}

// roomBytes is how many bytes of originals still fit into a workspace; nil
// without a quota.
func (h *workspaceHandlers) roomBytes(ctx context.Context, ws tidings.ID) (*int64, error) {
	if h.quota == 0 {
		return nil, nil
	}

	used, err := h.store.WorkspaceBytes(ctx, ws)
	if err != nil {
		return nil, err
	}

	return new(max(0, h.quota-used)), nil
}

// loadMembership is the caller's membership in a workspace.
func (h *workspaceHandlers) loadMembership(ctx context.Context, ws string) (tidings.Membership, error) {
	id, _, err := auth.RoleIn(ctx, ws)
	if err != nil {
		return tidings.Membership{}, err
	}

	all, err := h.store.Memberships(ctx, request.SubjectOf(ctx).UserID)
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
func (h *workspaceHandlers) UpdateWorkspace(ctx context.Context, r spec.UpdateWorkspaceRequestObject) (spec.UpdateWorkspaceResponseObject, error) {
	m, err := h.loadMembership(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	if m.Role != tidings.RoleOwner && m.Role != tidings.RoleAdmin {
		return nil, tidings.Errorf(tidings.KindForbidden, "Only owners and admins may do this.")
	}
	if m.Workspace.Version, err = expectedVersion(r.Params.IfMatch, m.Workspace.Version); err != nil {
		return nil, err
	}

	var origins []string
	if r.Body.EmbedOrigins != nil {
		if origins, err = page.CleanOrigins(*r.Body.EmbedOrigins); err != nil {
			return nil, err
		}
	}

	if r.Body.Name != nil {
		if m.Workspace.Name = strings.TrimSpace(*r.Body.Name); m.Workspace.Name == "" {
			return nil, tidings.Invalid("name", "This is needed.")
		}
		if m.Workspace, err = h.settings.RenameWorkspace(ctx, m.Workspace); err != nil {
			return nil, err
		}
	}

	if origins != nil {
		if m.Workspace, err = h.settings.SetEmbedOrigins(ctx, m.Workspace, origins); err != nil {
			return nil, err
		}
	}

	if r.Body.Heat != nil && *r.Body.Heat != m.Workspace.Heat {
		if m.Workspace, err = h.settings.SetHeat(ctx, m.Workspace, *r.Body.Heat); err != nil {
			return nil, err
		}
	}

	if r.Body.MaskProfanity != nil && *r.Body.MaskProfanity != m.Workspace.MaskProfanity {
		if m.Workspace, err = h.settings.SetMaskProfanity(ctx, m.Workspace, *r.Body.MaskProfanity); err != nil {
			return nil, err
		}
	}

	out := spec.WorkspaceOf(m)
	out.EmbedOrigins, err = h.embedOrigins(ctx, m.Workspace.ID)
	return spec.UpdateWorkspace200JSONResponse(out), err
}

// ListMembers is GET /workspaces/{ws}/members.
func (h *workspaceHandlers) ListMembers(ctx context.Context, r spec.ListMembersRequestObject) (spec.ListMembersResponseObject, error) {
	id, _, err := auth.RoleIn(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	all, err := h.store.Members(ctx, id)
	if err != nil {
		return nil, err
	}
	items, next, err := pageOf(membersShown(ctx, id, all), memberKey, false, r.Params.Limit, r.Params.Cursor)
	return spec.ListMembers200JSONResponse{NextCursor: next, Items: spec.Map(items, memberJSON)}, err
}

// embedOrigins are the origins that may frame embeds of a workspace's clips:
// its setting, or the server's default.
func (h *workspaceHandlers) embedOrigins(ctx context.Context, ws tidings.ID) (*[]string, error) {
	list, set, err := h.settings.EmbedOrigins(ctx, ws)
	if !set {
		list = strings.Fields(h.embedAncestors)
	}
	if list == nil || h.embedAncestors == page.FrameNone && !set {
		list = []string{}
	}
	return &list, err
}
