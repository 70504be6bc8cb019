package api

import (
	"context"
	"strings"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// TokenStore is what tokenHandlers needs of the rows.
type TokenStore interface {
	CreateToken(ctx context.Context, t tidings.Token) error
	DeleteToken(ctx context.Context, user, id tidings.ID) error
	Tokens(ctx context.Context, user tidings.ID) ([]tidings.Token, error)
}

// tokenHandlers serves API tokens.
type tokenHandlers struct {
	store TokenStore
	clock tidings.Clock
}

// maxTokens is how many API tokens a person may have.
const maxTokens = 100

func tokenJSON(t tidings.Token) spec.Token {
	return spec.Token{ID: t.ID, Name: t.Name, Scope: t.Scope, CreatedAt: spec.Instant(t.CreatedAt),
		LastUsedAt: spec.InstantOrNil(t.LastUsedAt), ExpiresAt: spec.InstantOrNil(t.ExpiresAt)}
}

// ListTokens is GET /tokens.
func (h *tokenHandlers) ListTokens(ctx context.Context, r spec.ListTokensRequestObject) (spec.ListTokensResponseObject, error) {
	all, err := h.store.Tokens(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return nil, err
	}
	items, next, err := pageOf(all, func(t tidings.Token) string { return string(t.ID) }, true, r.Params.Limit, r.Params.Cursor)
	return spec.ListTokens200JSONResponse{Items: spec.Map(items, tokenJSON), NextCursor: next}, err
}

// CreateToken is POST /tokens. Only the hash of the secret is stored.
func (h *tokenHandlers) CreateToken(ctx context.Context, r spec.CreateTokenRequestObject) (spec.CreateTokenResponseObject, error) {
	now := h.clock()
	expires, err := expiryOf(now, r.Body.ExpiresAt, r.Body.ExpiresInMs)
	if err != nil {
		return nil, err
	}

	t := tidings.Token{ID: tidings.NewID(now), UserID: request.SubjectOf(ctx).UserID, Name: strings.TrimSpace(r.Body.Name), Scope: r.Body.Scope,
		CreatedAt: now, ExpiresAt: expires}
	if t.Name == "" {
		return nil, tidings.Invalid("name", "This is needed.")
	}
	if t.ExpiresAt != nil && !t.ExpiresAt.After(now) {
		return nil, tidings.Invalid("expires_at", "That is over already.")
	}

	have, err := h.store.Tokens(ctx, t.UserID)
	if err != nil {
		return nil, err
	}
	if len(have) >= maxTokens {
		return nil, tidings.Errorf(tidings.KindConflict, "You have %d tokens. Delete one first.", len(have))
	}

	secret := tidings.NewTokenSecret()
	t.Hash = tidings.HashSecret(secret)
	answer := spec.CreateToken201JSONResponse{ID: t.ID, Name: t.Name, Scope: t.Scope, CreatedAt: spec.Instant(t.CreatedAt),
		ExpiresAt: spec.InstantOrNil(t.ExpiresAt), Secret: secret}
	claimed, err := request.ClaimForAnswer(ctx, answer)
	if err != nil {
		return nil, err
	}

	return answer, h.store.CreateToken(claimed, t)
}

// DeleteToken is DELETE /tokens/{id}.
func (h *tokenHandlers) DeleteToken(ctx context.Context, r spec.DeleteTokenRequestObject) (spec.DeleteTokenResponseObject, error) {
	id, ok := tidings.ParseID(r.ID)
	if !ok {
		return nil, tidings.NotFound()
	}
	return spec.DeleteToken204Response{}, h.store.DeleteToken(ctx, request.SubjectOf(ctx).UserID, id)
}
