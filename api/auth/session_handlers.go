package auth

import (
	"context"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// PasswordStore is what sessionHandlers needs of the rows.
type PasswordStore interface {
	// ChangePassword is KindStale when the stored hash is no longer was.
	ChangePassword(ctx context.Context, user tidings.ID, was, hash, keep string) error
	RevokeSession(ctx context.Context, user, id tidings.ID) error
	RevokeSessions(ctx context.Context, user tidings.ID, keep string) (n int64, err error)
	Sessions(ctx context.Context, user tidings.ID, current string) ([]tidings.Session, error)
	User(ctx context.Context, id tidings.ID) (tidings.User, error)
	UserByEmail(ctx context.Context, email string) (u tidings.User, passwordHash string, err error)
}

// SessionHandlers serves sign-in by password, the list of sessions, and changes
// of the password.
type SessionHandlers struct {
	Store         PasswordStore
	Authenticator *Authenticator
	Passwords     *PasswordHasher
	SignInLimiter *Limiter
}

// SignIn is POST /session. An unknown address and a wrong password get the same
// answer after the same time.
func (h *SessionHandlers) SignIn(ctx context.Context, r spec.SignInRequestObject) (spec.SignInResponseObject, error) {
	succeed, err := h.Authenticator.BeginPasswordSignIn(ctx, r.Body.Email)
	if err != nil {
		return nil, err
	}

	user, phc, err := h.Store.UserByEmail(ctx, r.Body.Email)
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return nil, err
	}

	ok, err := h.Passwords.Verify(ctx, phc, r.Body.Password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, h.Authenticator.RefuseSignIn(ctx, user, tidings.ByPassword, tidings.Errorf(tidings.KindUnauthenticated, "The address or the password is wrong."))
	}
	succeed()
	if err := h.Authenticator.SignIn(ctx, user.ID, tidings.ByPassword); err != nil {
		return nil, err
	}

	me, err := h.Authenticator.Me(ctx, user)
	return spec.SignIn200JSONResponse(me), err
}

// SignOut is DELETE /session. It may be called without a session.
func (h *SessionHandlers) SignOut(ctx context.Context, _ spec.SignOutRequestObject) (spec.SignOutResponseObject, error) {
	return spec.SignOut204Response{}, h.Authenticator.SignOut(ctx)
}
