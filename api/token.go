package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"time"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// maxTokens is how many API tokens a person may have.
const maxTokens = 100

func tokenJSON(t tidings.Token) spec.Token {
	return spec.Token{ID: t.ID, Name: t.Name, Scope: t.Scope, CreatedAt: spec.Instant(t.CreatedAt),
		LastUsedAt: spec.InstantOrNil(t.LastUsedAt), ExpiresAt: spec.InstantOrNil(t.ExpiresAt)}
}

func timeOf(t *spec.Time) *time.Time {
	if t == nil {
		return nil
	}
	at := time.Time(*t)
	return &at
}

// ListTokens is GET /tokens.
func (s *server) ListTokens(ctx context.Context, r spec.ListTokensRequestObject) (spec.ListTokensResponseObject, error) {
	all, err := s.Store.Tokens(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return nil, err
	}
	items, next, err := paged(all, func(t tidings.Token) string { return string(t.ID) }, true, r.Params.Limit, r.Params.Cursor)
	return spec.ListTokens200JSONResponse{Items: spec.Map(items, tokenJSON), NextCursor: next}, err
}

// CreateToken is POST /tokens. Only the hash of the secret is kept.
func (s *server) CreateToken(ctx context.Context, r spec.CreateTokenRequestObject) (spec.CreateTokenResponseObject, error) {
	now := s.Clock()
	t := tidings.Token{ID: tidings.NewID(now), UserID: request.SubjectOf(ctx).UserID, Name: strings.TrimSpace(r.Body.Name), Scope: r.Body.Scope,
		CreatedAt: now, ExpiresAt: timeOf(r.Body.ExpiresAt)}
	if t.Name == "" {
		return nil, tidings.Invalid("name", "This is needed.")
	}
	if t.ExpiresAt != nil && !t.ExpiresAt.After(now) {
		return nil, tidings.Invalid("expires_at", "That is over already.")
	}

	have, err := s.Store.Tokens(ctx, t.UserID)
	if err != nil {
		return nil, err
	}
	if len(have) >= maxTokens {
		return nil, tidings.Errorf(tidings.KindConflict, "You have %d tokens. Delete one first.", len(have))
	}

	secret := "tdg_" + randomText(32)
	t.Hash = auth.HashSecret(secret)
	if err := s.Store.CreateToken(ctx, t); err != nil {
		return nil, err
	}

	return spec.CreateToken201JSONResponse{ID: t.ID, Name: t.Name, Scope: t.Scope, CreatedAt: spec.Instant(t.CreatedAt),
		ExpiresAt: spec.InstantOrNil(t.ExpiresAt), Secret: secret}, nil
}

// randomText is n random bytes in base64url.
func randomText(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// DeleteToken is DELETE /tokens/{id}.
func (s *server) DeleteToken(ctx context.Context, r spec.DeleteTokenRequestObject) (spec.DeleteTokenResponseObject, error) {
	id, ok := tidings.ParseID(r.ID)
	if !ok {
		return nil, tidings.NotFound()
	}
	return spec.DeleteToken204Response{}, s.Store.DeleteToken(ctx, request.SubjectOf(ctx).UserID, id)
}
