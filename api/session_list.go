package api

import (
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// ListSessions is GET /sessions.
func (s *server) ListSessions(ctx context.Context, _ spec.ListSessionsRequestObject) (spec.ListSessionsResponseObject, error) {
	all, err := s.Store.Sessions(ctx, request.SubjectOf(ctx).UserID, auth.SessionHash(ctx))
	return spec.ListSessions200JSONResponse{Items: spec.Map(all, sessionJSON)}, err
}

func sessionJSON(v tidings.Session) spec.Session {
	return spec.Session{ID: v.ID, Method: string(v.Method), Agent: v.Agent, Network: v.Network, CreatedAt: spec.Instant(v.CreatedAt),
		SeenAt: spec.Instant(v.SeenAt), ExpiresAt: spec.Instant(v.ExpiresAt), Current: v.Current}
}

// RevokeSession is DELETE /sessions/{id}.
func (s *server) RevokeSession(ctx context.Context, r spec.RevokeSessionRequestObject) (spec.RevokeSessionResponseObject, error) {
	id, ok := tidings.ParseID(r.ID)
	if !ok {
		return nil, tidings.NotFound()
	}
	return spec.RevokeSession204Response{}, s.Store.RevokeSession(ctx, request.SubjectOf(ctx).UserID, id)
}

// RevokeSessions is DELETE /sessions: all but the caller's own.
func (s *server) RevokeSessions(ctx context.Context, _ spec.RevokeSessionsRequestObject) (spec.RevokeSessionsResponseObject, error) {
	_, err := s.Store.RevokeSessions(ctx, request.SubjectOf(ctx).UserID, auth.SessionHash(ctx))
	return spec.RevokeSessions204Response{}, err
}

// ChangePassword is PUT /password. The current password is asked for, so that
// a browser left open is not enough to take an account over; the tries are
// limited like those of signing in.
func (s *server) ChangePassword(ctx context.Context, r spec.ChangePasswordRequestObject) (spec.ChangePasswordResponseObject, error) {
	user, err := s.Store.User(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return nil, err
	}

	_, phc, err := s.Store.UserByEmail(ctx, user.Email)
	if err != nil {
		return nil, err
	}
	if err := s.checkCurrent(ctx, user, phc, r.Body.CurrentPassword); err != nil {
		return nil, err
	}

	hash, err := s.passwords.Hash(ctx, r.Body.NewPassword)
	if tidings.KindOf(err) == tidings.KindInvalid {
		return nil, tidings.Invalid("new_password", "At least %d characters.", auth.MinPassword)
	}
	if err != nil {
		return nil, err
	}
	if err := s.Store.ChangePassword(ctx, user.ID, phc, hash, auth.SessionHash(ctx)); err != nil || auth.SessionHash(ctx) == "" {
		return spec.ChangePassword204Response{}, err
	}

	return spec.ChangePassword204Response{}, s.auth.RememberDevice(ctx, user.ID)
}

// checkCurrent asks for the password that an account has. Who signs in by
// passkey or provider alone may set a first one in a browser, not by a token.
func (s *server) checkCurrent(ctx context.Context, user tidings.User, phc string, given *string) error {
	if phc == "" {
		return auth.RequireSession(ctx)
	}
	if given == nil || *given == "" {
		return tidings.Invalid("current_password", "This is needed.")
	}
	if err := s.logins.Check("change " + string(user.ID)); err != nil {
		return err
	}

	ok, err := s.passwords.Verify(ctx, phc, *given)
	if err == nil && !ok {
		err = tidings.Invalid("current_password", "This is not your password.")
	}

	return err
}
