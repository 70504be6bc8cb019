package auth

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// BeginPasskeySignIn is POST /session/passkey/options. It does not take an
// address, so it does not reveal who has an account.
func (h *PasskeyHandlers) BeginPasskeySignIn(ctx context.Context, _ spec.BeginPasskeySignInRequestObject) (spec.BeginPasskeySignInResponseObject, error) {
	if err := h.Authenticator.delayChallenge(ctx, h.ChallengeLimiter); err != nil {
		return nil, err
	}

	rp, err := h.Methods.relyingParty(ctx)
	if err != nil {
		return nil, err
	}

	options, session, err := rp.BeginDiscoverableLogin()
	if err != nil {
		return nil, err
	}

	request.FromContext(ctx).Writer.Header().Set("Cache-Control", response.CacheNever)
	err = h.storeChallenge(ctx, tidings.CeremonyPasskeySignIn, "", bindFlowBrowser(request.FromContext(ctx)), session)
	return spec.BeginPasskeySignIn200JSONResponse{PublicKey: options.Response}, err
}

// PasskeySignIn is POST /session/passkey. Wrong answers are limited by address
// and passkey together; those for other passkeys only delay.
func (h *PasskeyHandlers) PasskeySignIn(ctx context.Context, r spec.PasskeySignInRequestObject) (spec.PasskeySignInResponseObject, error) {
	rp, err := h.Methods.relyingParty(ctx)
	if err != nil {
		return nil, err
	}

	got, err := protocol.ParseCredentialRequestResponseBytes(r.Body.Credential)
	if err != nil {
		return nil, tidings.Wrap(err, tidings.KindInvalid, "This is not a passkey's answer.")
	}

	succeed, err := h.Authenticator.attempts.beginAttempt(ctx, "passkey "+hex.EncodeToString(HashSecret(string(got.RawID))))
	if err != nil {
		return nil, err
	}

	_, session, err := h.takeChallenge(ctx, tidings.CeremonyPasskeySignIn, got.Response.CollectedClientData.Challenge, flowBrowserHash(request.FromContext(ctx)))
	if err != nil {
		return nil, err
	}

	user, err := h.verifyPasskey(ctx, rp, session, got)
	if err != nil {
		return nil, err
	}
	succeed()
	if err := h.Authenticator.SignIn(ctx, user.ID, tidings.ByPasskey); err != nil {
		return nil, err
	}

	me, err := h.Authenticator.Me(ctx, user)
	return spec.PasskeySignIn200JSONResponse(me), err
}

// verifyPasskey is the user whose passkey signed the challenge.
func (h *PasskeyHandlers) verifyPasskey(ctx context.Context, rp *webauthn.WebAuthn, session webauthn.SessionData, got *protocol.ParsedCredentialAssertionData) (tidings.User, error) {
	var user tidings.User
	p, err := h.Store.PasskeyByCredential(ctx, got.RawID)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return user, errBadPasskey(err)
	}
	if err != nil {
		return user, err
	}
	if user, err = h.Store.User(ctx, p.UserID); err != nil {
		return user, err
	}

	holder, err := newPasskeyUser(user, p)
	if err != nil {
		return user, err
	}

	_, key, err := rp.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		if string(handle) != string(user.ID) || p.RPID != rp.Config.RPID {
			return nil, errors.New("the passkey is not that person's, or not of this host")
		}
		return holder, nil
	}, session, got)
	if err != nil {
		return user, h.Authenticator.RefuseSignIn(ctx, user, tidings.ByPasskey, errBadPasskey(err))
	}

	return user, h.recordPasskeyUse(ctx, user, p, key)
}

func errBadPasskey(err error) error {
	return tidings.Wrap(err, tidings.KindUnauthenticated, "This passkey was not accepted. It may have been removed here.")
}

// recordPasskeyUse stores the signature counter. A counter that goes back means
// that two devices have the same key. Then the passkey is refused, unless it is
// the only way to sign in, which would lock its owner out; the list of passkeys
// marks it in any case.
func (h *PasskeyHandlers) recordPasskeyUse(ctx context.Context, user tidings.User, p tidings.Passkey, key *webauthn.Credential) (err error) {
	copied := key.Authenticator.CloneWarning
	key.Authenticator.CloneWarning = false // SuspectAt has it
	if p.Record, err = json.Marshal(key); err != nil {
		return err
	}
	if err := h.Store.UsePasskey(ctx, p, copied); err != nil {
		return err
	}
	if !copied {
		return nil
	}

	ways, err := h.Store.CountSignInMethods(ctx, p.UserID, h.Methods.signInOptions(ctx))
	if err != nil || ways <= 1 {
		return err
	}

	return h.Authenticator.RefuseSignIn(ctx, user, tidings.ByPasskey, tidings.Errorf(tidings.KindUnauthenticated,
		"This passkey may have been copied: its counter went back. Sign in another way, and remove it."))
}
