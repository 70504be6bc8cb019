package api

import (
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// ListIdentities is GET /identities.
func (s *server) ListIdentities(ctx context.Context, _ spec.ListIdentitiesRequestObject) (spec.ListIdentitiesResponseObject, error) {
	user, err := s.Store.User(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return nil, err
	}

	_, phc, err := s.Store.UserByEmail(ctx, user.Email)
	if err != nil {
		return nil, err
	}

	all, err := s.Store.Identities(ctx, user.ID)
	asked := s.signInOptions(ctx).Issuer
	return spec.ListIdentities200JSONResponse{Password: phc != "", Items: spec.Map(all, func(i tidings.Identity) spec.Identity {
		return spec.Identity{ID: i.ID, Issuer: i.Issuer, Email: i.Email, Current: i.Issuer == asked, CreatedAt: spec.Instant(i.CreatedAt), UsedAt: spec.InstantOrNil(i.UsedAt)}
	})}, err
}

// BeginIdentity is POST /identities. It is no link that one can be lured to:
// another site's page cannot send it.
func (s *server) BeginIdentity(ctx context.Context, _ spec.BeginIdentityRequestObject) (spec.BeginIdentityResponseObject, error) {
	if err := auth.RequireSession(ctx); err != nil {
		return nil, err
	}
	if s.OIDC == nil {
		return nil, tidings.NotFound()
	}
	to, err := s.beginOIDC(ctx, oidcFlow{Next: "/settings/security", Link: request.SubjectOf(ctx).UserID})
	return spec.BeginIdentity200JSONResponse{URL: to}, err
}

// UnlinkIdentity is DELETE /identities/{id}.
func (s *server) UnlinkIdentity(ctx context.Context, r spec.UnlinkIdentityRequestObject) (spec.UnlinkIdentityResponseObject, error) {
	id, ok := tidings.ParseID(r.ID)
	if !ok {
		return nil, tidings.NotFound()
	}
	return spec.UnlinkIdentity204Response{}, s.Store.UnlinkIdentity(ctx, request.SubjectOf(ctx).UserID, id, s.signInOptions(ctx))
}
