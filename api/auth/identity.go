package auth

import (
	"context"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// ListIdentities is GET /identities.
func (h *OIDCHandlers) ListIdentities(ctx context.Context, _ spec.ListIdentitiesRequestObject) (spec.ListIdentitiesResponseObject, error) {
	user, err := h.Store.User(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return nil, err
	}

	_, phc, err := h.Store.UserByEmail(ctx, user.Email)
	if err != nil {
		return nil, err
	}

	all, err := h.Store.Identities(ctx, user.ID)
	issuer := h.Methods.signInOptions(ctx).Issuer
	return spec.ListIdentities200JSONResponse{Password: phc != "", Items: spec.Map(all, func(i tidings.Identity) spec.Identity {
		return spec.Identity{ID: i.ID, Issuer: i.Issuer, Email: i.Email, Current: i.Issuer == issuer, CreatedAt: spec.Instant(i.CreatedAt), UsedAt: spec.InstantOrNil(i.UsedAt)}
	})}, err
}

// BeginIdentity is POST /identities. It is no GET, so a link on another site
// cannot start it.
func (h *OIDCHandlers) BeginIdentity(ctx context.Context, _ spec.BeginIdentityRequestObject) (spec.BeginIdentityResponseObject, error) {
	if err := RequireSession(ctx); err != nil {
		return nil, err
	}
	if h.Provider == nil {
		return nil, tidings.NotFound()
	}
	to, err := h.beginFlow(ctx, oidcFlow{Next: "/settings/security", Link: request.SubjectOf(ctx).UserID})
	return spec.BeginIdentity200JSONResponse{URL: to}, err
}

// UnlinkIdentity is DELETE /identities/{id}.
func (h *OIDCHandlers) UnlinkIdentity(ctx context.Context, r spec.UnlinkIdentityRequestObject) (spec.UnlinkIdentityResponseObject, error) {
	id, ok := tidings.ParseID(r.ID)
	if !ok {
		return nil, tidings.NotFound()
	}
	return spec.UnlinkIdentity204Response{}, h.Store.UnlinkIdentity(ctx, request.SubjectOf(ctx).UserID, id, h.Methods.signInOptions(ctx))
}
