package auth

import (
	"context"
	"strings"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// ResetStore is what ResetHandlers needs of the rows.
type ResetStore interface {
	RequestPasswordReset(ctx context.Context, email, baseURL string) error
	PasswordResetByHash(ctx context.Context, hash []byte) (tidings.PasswordReset, error) // also used and expired ones
	ResetPassword(ctx context.Context, hash []byte, passwordHash string, mail bool) error
}

// ResetHandlers serves links by which a password is set without the old one.
type ResetHandlers struct {
	Store         ResetStore
	Passwords     *PasswordHasher
	SignInLimiter *Limiter
	Clock         tidings.Clock
	CanMail       bool
	// PublicURL is the URL in mails, without a slash at its end. That of the
	// request will not do: strangers make the requests.
	PublicURL string
}

// ByMail reports whether links can be asked for by mail.
func (h *ResetHandlers) ByMail() bool { return h.CanMail && h.PublicURL != "" }

// RequestPasswordReset is POST /password/forgot. Whether there is an account is
// looked up later, when the mail is sent.
func (h *ResetHandlers) RequestPasswordReset(ctx context.Context, r spec.RequestPasswordResetRequestObject) (spec.RequestPasswordResetResponseObject, error) {
	if !h.ByMail() {
		return nil, tidings.Errorf(tidings.KindConflict, "This server sends no mail. Ask an owner or admin of your workspace: they can make a link for you.")
	}

	email := strings.TrimSpace(r.Body.Email)
	if !tidings.ValidEmail(email) {
		return nil, tidings.Invalid("email", "This is not an email address.")
	}
	if err := h.SignInLimiter.Check("forgot " + AddressKey(request.FromContext(ctx).ClientIP)); err != nil {
		return nil, err
	}

	// The person who is signed in need not be the one who has forgotten it.
	anonymous := tidings.WithActor(ctx, tidings.Actor{Network: request.Network(request.FromContext(ctx).ClientIP)})
	return spec.RequestPasswordReset202Response{}, h.Store.RequestPasswordReset(anonymous, email, h.PublicURL)
}

// ResetPassword is POST /password/reset. Wrong tokens are limited by address;
// they do not refuse a right one, which others behind the same address may have.
func (h *ResetHandlers) ResetPassword(ctx context.Context, r spec.ResetPasswordRequestObject) (spec.ResetPasswordResponseObject, error) {
	key := "reset " + AddressKey(request.FromContext(ctx).ClientIP)
	reset, err := h.Store.PasswordResetByHash(ctx, HashSecret(r.Body.Token))
	switch {
	case err == nil:
		key += " " + string(reset.ID)
	case tidings.KindOf(err) != tidings.KindNotFound:
		return nil, err
	}

	if limited := h.SignInLimiter.Check(key); limited != nil {
		return nil, limited
	}
	if err != nil {
		return nil, err
	}

	// Passwords are hashed only for links that are open: hashing is expensive.
	hash := ""
	if reset.Open(h.Clock()) {
		hash, err = h.Passwords.Hash(ctx, r.Body.NewPassword)
		if tidings.KindOf(err) == tidings.KindInvalid {
			return nil, tidings.Invalid("new_password", "At least %d characters.", MinPassword)
		}
		if err != nil {
			return nil, err
		}
	}

	return spec.ResetPassword204Response{}, h.Store.ResetPassword(ctx, HashSecret(r.Body.Token), hash, h.CanMail)
}
