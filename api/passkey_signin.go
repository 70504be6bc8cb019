package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// Names of the cookie that binds what strangers begin (a challenge, a visit to
// the provider) to the browser they began it in.
const (
	secureFlow = "__Host-tidings-flow"
	plainFlow  = "tidings-flow"
	flowTime   = 10 * time.Minute
)

// flowBrowser is the hash of the request's flow cookie, and nil without one.
func flowBrowser(k *request.State) []byte {
	name := plainFlow
	if k.Secure {
		name = secureFlow
	}
	c, err := k.Request.Cookie(name)
	if err != nil || len(c.Value) < 32 || len(c.Value) > 100 {
		return nil
	}
	sum := sha256.Sum256([]byte(c.Value))
	return sum[:]
}

// bindBrowser is flowBrowser; it gives the browser a cookie if it has none.
// One that is there is kept, so that two tabs may sign in at once.
func bindBrowser(k *request.State) []byte {
	if has := flowBrowser(k); has != nil {
		return has
	}

	value, name := randomText(32), plainFlow
	if k.Secure {
		name = secureFlow
	}

	// Lax, not Strict: the provider's answer comes from another site.
	http.SetCookie(k.Writer, &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: k.Secure, SameSite: http.SameSiteLaxMode, MaxAge: int(24 * time.Hour / time.Second)})
	sum := sha256.Sum256([]byte(value))
	return sum[:]
}

// BeginPasskeySignIn is POST /session/passkey/options. It does not ask who
// wants to sign in, so it tells nobody who has an account.
func (s *server) BeginPasskeySignIn(ctx context.Context, _ spec.BeginPasskeySignInRequestObject) (spec.BeginPasskeySignInResponseObject, error) {
	if err := s.begins.Check(auth.AddressKey(request.FromContext(ctx).ClientIP)); err != nil {
		return nil, err
	}

	rp, err := s.relyingParty(ctx)
	if err != nil {
		return nil, err
	}

	options, session, err := rp.BeginDiscoverableLogin()
	if err != nil {
		return nil, err
	}

	request.FromContext(ctx).Writer.Header().Set("Cache-Control", response.CacheNever)
	err = s.challenge(ctx, tidings.CeremonyPasskeySignIn, "", bindBrowser(request.FromContext(ctx)), session)
	return spec.BeginPasskeySignIn200JSONResponse{PublicKey: options.Response}, err
}

// PasskeySignIn is POST /session/passkey.
func (s *server) PasskeySignIn(ctx context.Context, r spec.PasskeySignInRequestObject) (spec.PasskeySignInResponseObject, error) {
	if err := s.logins.Check("passkey " + auth.AddressKey(request.FromContext(ctx).ClientIP)); err != nil {
		return nil, err
	}

	rp, err := s.relyingParty(ctx)
	if err != nil {
		return nil, err
	}

	got, err := protocol.ParseCredentialRequestResponseBytes(r.Body.Credential)
	if err != nil {
		return nil, tidings.Wrap(err, tidings.KindInvalid, "This is not a passkey's answer.")
	}

	_, session, err := s.take(ctx, tidings.CeremonyPasskeySignIn, got.Response.CollectedClientData.Challenge, flowBrowser(request.FromContext(ctx)))
	if err != nil {
		return nil, err
	}

	user, err := s.verifyPasskey(ctx, rp, session, got)
	if err != nil {
		return nil, err
	}
	if err := s.auth.SignIn(ctx, user.ID, tidings.ByPasskey); err != nil {
		return nil, err
	}

	me, err := s.me(ctx, user)
	return spec.PasskeySignIn200JSONResponse(me), err
}

// verifyPasskey is the person whose passkey has answered.
func (s *server) verifyPasskey(ctx context.Context, rp *webauthn.WebAuthn, session webauthn.SessionData, got *protocol.ParsedCredentialAssertionData) (tidings.User, error) {
	var user tidings.User
	p, err := s.Store.PasskeyByCredential(ctx, got.RawID)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return user, badPasskey(err)
	}
	if err != nil {
		return user, err
	}
	if user, err = s.Store.User(ctx, p.UserID); err != nil {
		return user, err
	}

	h, err := keyHolderOf(user, p)
	if err != nil {
		return user, err
	}

	_, key, err := rp.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		if string(handle) != string(user.ID) || p.RPID != rp.Config.RPID {
			return nil, errors.New("the passkey is not that person's, or not of this host")
		}
		return h, nil
	}, session, got)
	if err != nil {
		return user, s.refused(ctx, user, tidings.ByPasskey, badPasskey(err))
	}

	return user, s.passkeyUsed(ctx, user, p, key)
}

func badPasskey(err error) error {
	return tidings.Wrap(err, tidings.KindUnauthenticated, "This passkey was not accepted. It may have been removed here.")
}

// passkeyUsed keeps the counter. A counter that went back means that two
// devices have the same key: one of them may be a thief's. Then it opens
// nothing any more, unless there is no other way in, which would shut its
// owner out for good; the list of passkeys says so either way.
func (s *server) passkeyUsed(ctx context.Context, user tidings.User, p tidings.Passkey, key *webauthn.Credential) (err error) {
	copied := key.Authenticator.CloneWarning
	key.Authenticator.CloneWarning = false // SuspectAt remembers it
	if p.Record, err = json.Marshal(key); err != nil {
		return err
	}
	if err := s.Store.UsePasskey(ctx, p, copied); err != nil {
		return err
	}
	if !copied {
		return nil
	}

	ways, err := s.Store.CountSignInMethods(ctx, p.UserID, s.signInOptions(ctx))
	if err != nil || ways <= 1 {
		return err
	}

	return s.refused(ctx, user, tidings.ByPasskey, tidings.Errorf(tidings.KindUnauthenticated,
		"This passkey may have been copied: its counter went back. Sign in another way, and remove it."))
}
