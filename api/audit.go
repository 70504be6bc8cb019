package api

import (
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// ListAudit is GET /workspaces/{ws}/audit.
func (h *workspaceHandlers) ListAudit(ctx context.Context, r spec.ListAuditRequestObject) (spec.ListAuditResponseObject, error) {
	ws, role, err := auth.RoleIn(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	if role != tidings.RoleOwner && role != tidings.RoleAdmin {
		return nil, tidings.Errorf(tidings.KindForbidden, "Only owners and admins may read the audit log.")
	}
	items, next, err := h.store.AuditLog(ctx, tidings.AuditFilter{WorkspaceID: ws, ActorID: tidings.ID(spec.Deref(r.Params.Actor)),
		Action: tidings.AuditAction(spec.Deref(r.Params.Action)), Limit: pageSize(r.Params.Limit), Cursor: spec.Deref(r.Params.Cursor)})
	return spec.ListAudit200JSONResponse{Items: spec.Map(items, auditJSON), NextCursor: spec.OrNil(next)}, err
}

func auditJSON(e tidings.AuditEntry) spec.AuditEntry {
	out := spec.AuditEntry{ID: e.ID, At: spec.Instant(e.CreatedAt), Action: string(e.Action), TargetID: spec.OrNil(e.TargetID), Detail: e.Detail, Network: e.Network}
	if e.ActorID != "" {
		out.Actor = &spec.AuditActor{ID: e.ActorID, Name: e.ActorName}
	}
	return out
}
