package api

import (
	"cmp"
	"context"
	"strings"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// AcceptInvite is POST /invites/{token}/accept.
func (h *inviteHandlers) AcceptInvite(ctx context.Context, r spec.AcceptInviteRequestObject) (spec.AcceptInviteResponseObject, error) {
	if err := h.limitInvite(ctx, r.Token); err != nil {
		return nil, err
	}

	who := request.SubjectOf(ctx)

	if r.Body != nil && *r.Body != (spec.SignUp{}) { // openapi.yaml requires all fields
		me, err := h.signUp(ctx, r.Token, *r.Body)
		return spec.AcceptInvite201JSONResponse(me), err
	}
	if err := auth.CheckLevel(auth.Writer, who); err != nil {
		return nil, err
	}
	if err := h.store.AcceptInvite(ctx, auth.HashSecret(r.Token), who.UserID); err != nil {
		return nil, err
	}

	user, err := h.store.User(ctx, who.UserID)
	if err != nil {
		return nil, err
	}

	me, err := h.auth.Me(ctx, user)
	return spec.AcceptInvite200JSONResponse(me), err
}

// limitInvite limits attempts by address: those with an unknown token together,
// and those at each invitation. Wrong tokens do not refuse a right one, which
// others behind the same address may have.
func (h *inviteHandlers) limitInvite(ctx context.Context, token string) error {
	key := "invite " + auth.AddressKey(request.FromContext(ctx).ClientIP)
	i, err := h.store.InviteByHash(ctx, auth.HashSecret(token))
	switch {
	case err == nil:
		key += " " + string(i.ID)
	case tidings.KindOf(err) != tidings.KindNotFound:
		return err
	}

	return h.signInLimiter.Check(key)
}

// signUp creates an account by an invitation. Callers who are signed in have
// one already.
func (h *inviteHandlers) signUp(ctx context.Context, token string, in spec.SignUp) (spec.Me, error) {
	if request.SubjectOf(ctx).UserID != "" {
		return spec.Me{}, tidings.Errorf(tidings.KindConflict, "You are signed in. Accept as yourself, or sign out first.")
	}

	if _, repeated := request.RepeatedCreation(ctx); repeated {
		return h.auth.SignInByPassword(ctx, h.passwords, in.Email, in.Password)
	}

	a := tidings.NewAccount{Name: strings.TrimSpace(in.Name), Email: strings.TrimSpace(in.Email), TimeZone: cmp.Or(spec.Deref(in.TimeZone), "UTC")}
	if err := auth.ValidateSetup(tidings.Setup{WorkspaceName: "there is one", Name: a.Name, Email: a.Email, TimeZone: a.TimeZone}); err != nil {
		return spec.Me{}, err
	}

	// Passwords are hashed only for valid invitations: hashing is expensive.
	i, err := h.store.InviteByHash(ctx, auth.HashSecret(token))
	if err != nil {
		return spec.Me{}, err
	}
	if !i.Open(h.clock()) {
		return spec.Me{}, tidings.NotFound()
	}
	if !i.AllowsEmail(a.Email) {
		return spec.Me{}, tidings.Invalid("email", "This invitation is for another address.")
	}
	if a.PasswordHash, err = h.passwords.Hash(ctx, in.Password); err != nil {
		return spec.Me{}, err
	}

	claimed, err := request.ClaimForCookie(ctx, request.Creation{})
	if err != nil {
		return spec.Me{}, err
	}
	user, err := h.store.SignUp(claimed, auth.HashSecret(token), a)
	if err != nil {
		return spec.Me{}, err
	}
	if err := h.auth.SignIn(ctx, user.ID, tidings.ByInvite); err != nil {
		return spec.Me{}, err
	}

	return h.auth.Me(ctx, user)
}
