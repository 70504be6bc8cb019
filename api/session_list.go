package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// sessionHash is the name under which the caller's session is stored; "" for
// callers without one.
func sessionHash(ctx context.Context) string {
	k := callOf(ctx)
	if k.creds.session == "" || k.creds.token != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(k.creds.session)) // as scs hashes them
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// ListSessions is GET /sessions.
func (s *server) ListSessions(ctx context.Context, _ spec.ListSessionsRequestObject) (spec.ListSessionsResponseObject, error) {
	all, err := s.Store.Sessions(ctx, subjectOf(ctx).UserID, sessionHash(ctx))
	return spec.ListSessions200JSONResponse{Items: mapped(all, sessionJSON)}, err
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
	return spec.RevokeSession204Response{}, s.Store.RevokeSession(ctx, subjectOf(ctx).UserID, id)
}

// RevokeSessions is DELETE /sessions: all but the caller's own.
func (s *server) RevokeSessions(ctx context.Context, _ spec.RevokeSessionsRequestObject) (spec.RevokeSessionsResponseObject, error) {
	_, err := s.Store.RevokeSessions(ctx, subjectOf(ctx).UserID, sessionHash(ctx))
	return spec.RevokeSessions204Response{}, err
}

// ChangePassword is PUT /password. The current password is asked for, so that
// a browser left open is not enough to take an account over; the tries are
// limited like those of signing in.
func (s *server) ChangePassword(ctx context.Context, r spec.ChangePasswordRequestObject) (spec.ChangePasswordResponseObject, error) {
	user, err := s.Store.User(ctx, subjectOf(ctx).UserID)
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

	hash, err := s.hashing.hash(ctx, r.Body.NewPassword)
	if tidings.KindOf(err) == tidings.KindInvalid {
		return nil, tidings.Invalid("new_password", "At least %d characters.", MinPassword)
	}
	if err != nil {
		return nil, err
	}
	if err := s.Store.ChangePassword(ctx, user.ID, phc, hash, sessionHash(ctx)); err != nil || sessionHash(ctx) == "" {
		return spec.ChangePassword204Response{}, err
	}

	return spec.ChangePassword204Response{}, s.knowDevice(ctx, user.ID)
}

// checkCurrent asks for the password that an account has. Who signs in by
// passkey or provider alone may set a first one in a browser, not by a token.
func (s *server) checkCurrent(ctx context.Context, user tidings.User, phc string, given *string) error {
	if phc == "" {
		return inBrowser(ctx)
	}
	if given == nil || *given == "" {
		return tidings.Invalid("current_password", "This is needed.")
	}
	if err := s.logins.check("change " + string(user.ID)); err != nil {
		return err
	}

	ok, err := s.hashing.verify(ctx, phc, *given)
	if err == nil && !ok {
		err = tidings.Invalid("current_password", "This is not your password.")
	}

	return err
}

// inBrowser refuses API tokens: whoever finds one must not be able to make
// themselves at home in the account.
func inBrowser(ctx context.Context) error {
	if sessionHash(ctx) == "" {
		return tidings.Errorf(tidings.KindForbidden, "This can be done only in a browser that is signed in.")
	}
	return nil
}
