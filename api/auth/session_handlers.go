package auth

import (
	"context"
	"strings"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// PasswordStore is what sessionHandlers needs of the rows.
type PasswordStore interface {
	// ChangePassword is KindStale when the stored hash is no longer was. It ends
	// all sessions but keep and, with endTokens, all API tokens.
	ChangePassword(ctx context.Context, user tidings.ID, was, hash, keep string, endTokens bool) error
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

// SignIn is POST /session.
func (h *SessionHandlers) SignIn(ctx context.Context, r spec.SignInRequestObject) (spec.SignInResponseObject, error) {
	me, err := h.Authenticator.SignInByPassword(ctx, h.Passwords, r.Body.Email, r.Body.Password)
	return spec.SignIn200JSONResponse(me), err
}

// SignInByPassword signs in the person with the address and the password. An
// unknown address and a wrong password get the same answer after the same time.
func (a *Authenticator) SignInByPassword(ctx context.Context, passwords *PasswordHasher, email, password string) (spec.Me, error) {
	email = strings.TrimSpace(email)
	succeed, err := a.BeginPasswordSignIn(ctx, email)
	if err != nil {
		return spec.Me{}, err
	}

	user, phc, err := a.Store.UserByEmail(ctx, email)
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return spec.Me{}, err
	}

	ok, err := passwords.Verify(ctx, phc, password)
	if err != nil {
		return spec.Me{}, err
	}
	if !ok {
		return spec.Me{}, a.RefuseSignIn(ctx, user, tidings.ByPassword, tidings.Errorf(tidings.KindUnauthenticated, "The address or the password is wrong."))
	}
	succeed()
	if err := a.SignIn(ctx, user.ID, tidings.ByPassword); err != nil {
		return spec.Me{}, err
	}

	return a.Me(ctx, user)
}

// SignOut is DELETE /session. It may be called without a session.
func (h *SessionHandlers) SignOut(ctx context.Context, _ spec.SignOutRequestObject) (spec.SignOutResponseObject, error) {
	return spec.SignOut204Response{}, h.Authenticator.SignOut(ctx)
}
