package auth

import (
	"context"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// ListSessions is GET /sessions.
func (h *SessionHandlers) ListSessions(ctx context.Context, _ spec.ListSessionsRequestObject) (spec.ListSessionsResponseObject, error) {
	all, err := h.Store.Sessions(ctx, request.SubjectOf(ctx).UserID, SessionHash(ctx))
	return spec.ListSessions200JSONResponse{Items: spec.Map(all, sessionJSON)}, err
}

func sessionJSON(v tidings.Session) spec.Session {
	return spec.Session{ID: v.ID, Method: string(v.Method), Agent: v.Agent, Network: v.Network, CreatedAt: spec.Instant(v.CreatedAt),
		SeenAt: spec.Instant(v.SeenAt), ExpiresAt: spec.Instant(v.ExpiresAt), Current: v.Current}
}

// RevokeSession is DELETE /sessions/{id}.
func (h *SessionHandlers) RevokeSession(ctx context.Context, r spec.RevokeSessionRequestObject) (spec.RevokeSessionResponseObject, error) {
	id, ok := tidings.ParseID(r.ID)
	if !ok {
		return nil, tidings.NotFound()
	}
	return spec.RevokeSession204Response{}, h.Store.RevokeSession(ctx, request.SubjectOf(ctx).UserID, id)
}

// RevokeSessions is DELETE /sessions: all but the caller's own.
func (h *SessionHandlers) RevokeSessions(ctx context.Context, _ spec.RevokeSessionsRequestObject) (spec.RevokeSessionsResponseObject, error) {
	_, err := h.Store.RevokeSessions(ctx, request.SubjectOf(ctx).UserID, SessionHash(ctx))
	return spec.RevokeSessions204Response{}, err
}

// ChangePassword is PUT /password. It requires the current password, so that a
// browser left open is not enough to take an account over. Attempts are limited
// like those of signing in.
func (h *SessionHandlers) ChangePassword(ctx context.Context, r spec.ChangePasswordRequestObject) (spec.ChangePasswordResponseObject, error) {
	user, err := h.Store.User(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return nil, err
	}

	_, phc, err := h.Store.UserByEmail(ctx, user.Email)
	if err != nil {
		return nil, err
	}
	if err := h.checkCurrentPassword(ctx, user, phc, r.Body.CurrentPassword); err != nil {
		return nil, err
	}

	hash, err := h.Passwords.Hash(ctx, r.Body.NewPassword)
	if tidings.KindOf(err) == tidings.KindInvalid {
		return nil, tidings.Invalid("new_password", "At least %d characters.", MinPassword)
	}
	if err != nil {
		return nil, err
	}
	if err := h.Store.ChangePassword(ctx, user.ID, phc, hash, SessionHash(ctx), spec.Deref(r.Body.RevokeTokens)); err != nil || SessionHash(ctx) == "" {
		return spec.ChangePassword204Response{}, err
	}

	return spec.ChangePassword204Response{}, h.Authenticator.RememberDevice(ctx, user.ID)
}

// checkCurrentPassword verifies the current password. A user without one may
// set the first with a session, not with a token.
func (h *SessionHandlers) checkCurrentPassword(ctx context.Context, user tidings.User, phc string, given *string) error {
	if phc == "" {
		return RequireSession(ctx)
	}
	if given == nil || *given == "" {
		return tidings.Invalid("current_password", "This is needed.")
	}
	if err := h.SignInLimiter.Check("change " + string(user.ID)); err != nil {
		return err
	}

	ok, err := h.Passwords.Verify(ctx, phc, *given)
	if err == nil && !ok {
		err = tidings.Invalid("current_password", "This is not your password.")
	}

	return err
}
