package auth

import (
	"cmp"
	"context"
	"crypto/subtle"
	"strings"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// SetupStore is what setupHandlers needs of the rows.
type SetupStore interface {
	NeedsSetup(ctx context.Context) (bool, error)
	Setup(ctx context.Context, in tidings.Setup) (tidings.User, tidings.Workspace, error) // KindGone once done
}

// SetupHandlers serves the setup of a new server.
type SetupHandlers struct {
	Store         SetupStore
	Authenticator *Authenticator
	Passwords     *PasswordHasher
	SetupToken    string
	SignInLimiter *Limiter
}

// GetSetup is GET /setup.
func (h *SetupHandlers) GetSetup(ctx context.Context, _ spec.GetSetupRequestObject) (spec.GetSetupResponseObject, error) {
	state, err := h.State(ctx)
	return spec.GetSetup200JSONResponse(state), err
}

func (h *SetupHandlers) State(ctx context.Context) (spec.SetupState, error) {
	needed, err := h.Store.NeedsSetup(ctx)
	r := request.FromContext(ctx).Request
	local := request.IsLocal(r) && !h.Authenticator.Origin.IsBehindProxy(r)
	return spec.SetupState{Needed: needed, TokenRequired: needed && !local}, err
}

// Setup is POST /setup: it creates the first owner, once. From another machine
// it requires the setup token printed at start, so that no other client can
// take the server over.
func (h *SetupHandlers) Setup(ctx context.Context, r spec.SetupRequestObject) (spec.SetupResponseObject, error) {
	if _, repeated := request.RepeatedCreation(ctx); repeated {
		me, err := h.Authenticator.SignInByPassword(ctx, h.Passwords, r.Body.Email, r.Body.Password)
		return spec.Setup201JSONResponse(me), err
	}

	state, err := h.State(ctx)
	if err != nil {
		return nil, err
	}
	if !state.Needed {
		return nil, tidings.Errorf(tidings.KindGone, "This server is already set up.")
	}
	if err := h.checkSetupToken(ctx, state, spec.Deref(r.Body.SetupToken)); err != nil {
		return nil, err
	}

	in := tidings.Setup{WorkspaceName: strings.TrimSpace(r.Body.WorkspaceName), Name: strings.TrimSpace(r.Body.Name),
		Email: strings.TrimSpace(r.Body.Email), TimeZone: cmp.Or(spec.Deref(r.Body.TimeZone), "UTC")}
	if err := ValidateSetup(in); err != nil {
		return nil, err
	}
	if in.PasswordHash, err = h.Passwords.Hash(ctx, r.Body.Password); err != nil {
		return nil, err
	}

	claimed, err := request.ClaimForCookie(ctx, request.Creation{})
	if err != nil {
		return nil, err
	}
	user, _, err := h.Store.Setup(claimed, in)
	if err != nil {
		return nil, err
	}
	if err := h.Authenticator.SignIn(ctx, user.ID, tidings.BySetup); err != nil {
		return nil, err
	}

	me, err := h.Authenticator.Me(ctx, user)
	return spec.Setup201JSONResponse(me), err
}

func (h *SetupHandlers) checkSetupToken(ctx context.Context, state spec.SetupState, given string) error {
	if !state.TokenRequired {
		return nil
	}
	if err := h.SignInLimiter.Check(AddressKey(request.FromContext(ctx).ClientIP)); err != nil {
		return err
	}
	if h.SetupToken == "" || subtle.ConstantTimeCompare([]byte(given), []byte(h.SetupToken)) != 1 {
		return &tidings.Error{Kind: tidings.KindForbidden, Msg: "The setup token that was printed when the server started is needed.",
			Fields: map[string]string{"setup_token": "This is not it."}}
	}
	return nil
}
