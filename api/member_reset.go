package api

import (
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// CreateResetLink is POST /workspaces/{ws}/members/{user}/password-reset. It
// takes no Idempotency-Key: the answers of keys are stored, and a link that
// opens an account must not be. Made again, a link replaces the one before.
func (h *workspaceHandlers) CreateResetLink(ctx context.Context, r spec.CreateResetLinkRequestObject) (spec.CreateResetLinkResponseObject, error) {
	ws, role, err := auth.RoleIn(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	if !role.Manages() {
		return nil, tidings.Errorf(tidings.KindForbidden, "Only owners and admins may do this.")
	}
	if err := auth.RequireSession(ctx); err != nil {
		return nil, err
	}

	who := request.SubjectOf(ctx)
	token := auth.RandomText(16)
	made, err := h.store.CreateResetLink(ctx, ws, authorFilter(who, &r.User), who.UserID, auth.HashSecret(token), h.canMail)
	if err != nil {
		return nil, err
	}

	return spec.CreateResetLink201JSONResponse{URL: request.FromContext(ctx).BaseURL + "/reset/" + token, ExpiresAt: spec.Instant(made.ExpiresAt)}, nil
}
