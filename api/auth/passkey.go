package auth

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// PasskeyStore is what passkeyHandlers needs of the rows.
type PasskeyStore interface {
	AddPasskey(ctx context.Context, p tidings.Passkey) error // KindConflict when it is registered
	// A ceremony is identified by its challenge or state and can be taken once:
	// KindNotFound for one that is taken, expired, or of another browser.
	BeginCeremony(ctx context.Context, secret string, c tidings.Ceremony) error
	CountSignInMethods(ctx context.Context, user tidings.ID, ways tidings.SignInOptions) (int64, error)
	PasskeyByCredential(ctx context.Context, id []byte) (tidings.Passkey, error)
	Passkeys(ctx context.Context, user tidings.ID) ([]tidings.Passkey, error)
	RemovePasskey(ctx context.Context, user, id tidings.ID, ways tidings.SignInOptions) error // KindConflict: the last way to sign in
	RenamePasskey(ctx context.Context, user, id tidings.ID, name string) error
	TakeCeremony(ctx context.Context, kind tidings.CeremonyKind, secret string, browser []byte) (tidings.Ceremony, error)
	UsePasskey(ctx context.Context, p tidings.Passkey, suspect bool) error
	User(ctx context.Context, id tidings.ID) (tidings.User, error)
}

// PasskeyHandlers serves passkeys and sign-in by passkey (WebAuthn).
type PasskeyHandlers struct {
	Store            PasskeyStore
	Methods          *SignInMethods
	Authenticator    *Authenticator
	ChallengeLimiter *Limiter
	Clock            tidings.Clock
}

const (
	passkeyTime = 5 * time.Minute // life of a challenge
	maxPasskeys = 50              // per person
)

// passkeyUser implements webauthn.User. The user handle is the user's id, which
// reveals nothing about the person.
type passkeyUser struct {
	user tidings.User
	keys []webauthn.Credential
}

func (h passkeyUser) WebAuthnID() []byte                         { return []byte(h.user.ID) }
func (h passkeyUser) WebAuthnName() string                       { return h.user.Email }
func (h passkeyUser) WebAuthnDisplayName() string                { return h.user.Name }
func (h passkeyUser) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func newPasskeyUser(user tidings.User, keys ...tidings.Passkey) (passkeyUser, error) {
	h := passkeyUser{user: user}
	for _, p := range keys {
		var c webauthn.Credential
		if err := json.Unmarshal(p.Record, &c); err != nil {
			return h, fmt.Errorf("passkey %s: %w", p.ID, err)
		}
		h.keys = append(h.keys, c)
	}
	return h, nil
}

func passkeyJSON(p tidings.Passkey, rpID string) spec.Passkey {
	out := spec.Passkey{ID: p.ID, Name: p.Name, RpID: p.RPID, Usable: p.RPID == rpID, Suspect: p.SuspectAt != nil, CreatedAt: spec.Instant(p.CreatedAt), UsedAt: spec.InstantOrNil(p.UsedAt)}
	if h, err := newPasskeyUser(tidings.User{}, p); err == nil {
		out.Synced = h.keys[0].Flags.BackupState
	}
	return out
}

// ListPasskeys is GET /passkeys.
func (h *PasskeyHandlers) ListPasskeys(ctx context.Context, _ spec.ListPasskeysRequestObject) (spec.ListPasskeysResponseObject, error) {
	all, err := h.Store.Passkeys(ctx, request.SubjectOf(ctx).UserID)
	here := h.Methods.signInOptions(ctx).RPID
	return spec.ListPasskeys200JSONResponse{Items: spec.Map(all, func(p tidings.Passkey) spec.Passkey { return passkeyJSON(p, here) })}, err
}

// BeginPasskey is POST /passkeys/options.
func (h *PasskeyHandlers) BeginPasskey(ctx context.Context, _ spec.BeginPasskeyRequestObject) (spec.BeginPasskeyResponseObject, error) {
	if err := RequireSession(ctx); err != nil {
		return nil, err
	}

	rp, err := h.Methods.relyingParty(ctx)
	if err != nil {
		return nil, err
	}

	user, err := h.Store.User(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return nil, err
	}

	all, err := h.Store.Passkeys(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	if len(all) >= maxPasskeys {
		return nil, tidings.Errorf(tidings.KindConflict, "You have %d passkeys. Remove one first.", len(all))
	}

	holder, err := newPasskeyUser(user, all...)
	if err != nil {
		return nil, err
	}

	// Authenticators that have a passkey already are excluded.
	options, session, err := rp.BeginRegistration(holder, webauthn.WithExclusions(webauthn.Credentials(holder.keys).CredentialDescriptors()))
	if err != nil {
		return nil, err
	}

	browser := sha256.Sum256([]byte(request.FromContext(ctx).Credentials.Session))
	err = h.storeChallenge(ctx, tidings.CeremonyPasskeyAdd, user.ID, browser[:], session)
	return spec.BeginPasskey200JSONResponse{PublicKey: options.Response}, err
}

// storeChallenge stores a challenge for passkeyTime.
func (h *PasskeyHandlers) storeChallenge(ctx context.Context, kind tidings.CeremonyKind, user tidings.ID, browser []byte, session *webauthn.SessionData) error {
	data, err := json.Marshal(session)
	if err != nil {
		return err
	}
	return h.Store.BeginCeremony(ctx, session.Challenge, tidings.Ceremony{Kind: kind, UserID: user, Browser: browser, Data: data, ExpiresAt: h.Clock().Add(passkeyTime)})
}

// takeChallenge takes the ceremony a challenge belongs to.
func (h *PasskeyHandlers) takeChallenge(ctx context.Context, kind tidings.CeremonyKind, challenge string, browser []byte) (c tidings.Ceremony, session webauthn.SessionData, err error) {
	c, err = h.Store.TakeCeremony(ctx, kind, challenge, browser)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return c, session, tidings.Wrap(err, tidings.KindInvalid, "This took too long, or was done already. Try again.")
	}
	if err == nil {
		err = json.Unmarshal(c.Data, &session)
	}
	return c, session, err
}

// AddPasskey is POST /passkeys.
func (h *PasskeyHandlers) AddPasskey(ctx context.Context, r spec.AddPasskeyRequestObject) (spec.AddPasskeyResponseObject, error) {
	if err := RequireSession(ctx); err != nil {
		return nil, err
	}

	name := strings.TrimSpace(r.Body.Name)
	if name == "" {
		return nil, tidings.Invalid("name", "This is needed.")
	}

	rp, err := h.Methods.relyingParty(ctx)
	if err != nil {
		return nil, err
	}

	got, err := protocol.ParseCredentialCreationResponseBytes(r.Body.Credential)
	if err != nil {
		return nil, tidings.Wrap(err, tidings.KindInvalid, "This is not a passkey.")
	}

	browser := sha256.Sum256([]byte(request.FromContext(ctx).Credentials.Session))
	begun, session, err := h.takeChallenge(ctx, tidings.CeremonyPasskeyAdd, got.Response.CollectedClientData.Challenge, browser[:])
	if err != nil {
		return nil, err
	}
	if begun.UserID != request.SubjectOf(ctx).UserID {
		return nil, tidings.Errorf(tidings.KindInvalid, "This was begun by somebody else.")
	}

	key, err := rp.CreateCredential(passkeyUser{user: tidings.User{ID: begun.UserID}}, session, got)
	if err != nil {
		return nil, tidings.Wrap(err, tidings.KindInvalid, "This passkey was not made for here.")
	}

	record, err := json.Marshal(key)
	if err != nil {
		return nil, err
	}

	now := h.Clock()
	p := tidings.Passkey{ID: tidings.NewID(now), UserID: begun.UserID, CredentialID: key.ID, RPID: rp.Config.RPID, Name: name, Record: record, CreatedAt: now}
	answer := spec.AddPasskey201JSONResponse(passkeyJSON(p, rp.Config.RPID))
	claimed, err := request.ClaimForAnswer(ctx, answer)
	if err != nil {
		return nil, err
	}

	return answer, h.Store.AddPasskey(claimed, p)
}

// RenamePasskey is PATCH /passkeys/{id}.
func (h *PasskeyHandlers) RenamePasskey(ctx context.Context, r spec.RenamePasskeyRequestObject) (spec.RenamePasskeyResponseObject, error) {
	id, ok := tidings.ParseID(r.ID)
	if !ok {
		return nil, tidings.NotFound()
	}
	name := strings.TrimSpace(r.Body.Name)
	if name == "" {
		return nil, tidings.Invalid("name", "This is needed.")
	}
	return spec.RenamePasskey204Response{}, h.Store.RenamePasskey(ctx, request.SubjectOf(ctx).UserID, id, name)
}

// RemovePasskey is DELETE /passkeys/{id}.
func (h *PasskeyHandlers) RemovePasskey(ctx context.Context, r spec.RemovePasskeyRequestObject) (spec.RemovePasskeyResponseObject, error) {
	id, ok := tidings.ParseID(r.ID)
	if !ok {
		return nil, tidings.NotFound()
	}
	return spec.RemovePasskey204Response{}, h.Store.RemovePasskey(ctx, request.SubjectOf(ctx).UserID, id, h.Methods.signInOptions(ctx))
}
