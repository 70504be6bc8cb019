package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

const (
	passkeyTime = 5 * time.Minute // a challenge may be answered for so long
	maxPasskeys = 50              // of one person
)

// relyingParty is this server as authenticators know it: by the host name in
// the URL people use. KindConflict where browsers would not have it.
// (https://www.w3.org/TR/webauthn-3/#relying-party-identifier)
func (s *server) relyingParty(ctx context.Context) (*webauthn.WebAuthn, error) {
	k := request.FromContext(ctx)
	if why := s.passkeyTrouble(k); why != "" {
		return nil, tidings.Errorf(tidings.KindConflict, "%s", why)
	}

	base, err := url.Parse(k.BaseURL)
	if err != nil {
		return nil, err
	}

	return webauthn.New(&webauthn.Config{
		RPID: strings.ToLower(base.Hostname()), RPDisplayName: "Tidings", RPOrigins: []string{k.BaseURL}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
		// Password managers answer more than they were asked.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
}

// passkeyTrouble says why passkeys cannot work at the address of this request;
// "" when they can.
func (s *server) passkeyTrouble(k *request.State) string {
	base, err := url.Parse(k.BaseURL)
	if err != nil || base.Hostname() == "" {
		return "Passkeys need an address with a host name."
	}

	host := strings.ToLower(base.Hostname())

	if public := s.origin.PublicURL(); public != nil && !strings.EqualFold(k.Request.Host, public.Host) {
		return fmt.Sprintf("Passkeys belong to %s. Open that address to use them.", public)
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return fmt.Sprintf("Passkeys need a host name; %s is a number. On the server's own machine open http://localhost instead.", host)
	}
	if base.Scheme != "https" && host != "localhost" && !strings.HasSuffix(host, ".localhost") {
		return "Passkeys need a secure page: https://, or http://localhost."
	}

	return ""
}

// signInOptions is what counts as a way to sign in at this address.
func (s *server) signInOptions(ctx context.Context) tidings.SignInOptions {
	w := tidings.SignInOptions{}
	if rp, err := s.relyingParty(ctx); err == nil {
		w.RPID = rp.Config.RPID
	} else if public := s.origin.PublicURL(); public != nil {
		w.RPID = strings.ToLower(public.Hostname())
	}
	if s.OIDC != nil {
		w.Issuer = s.OIDC.Issuer()
	}
	return w
}

// keyHolder is a person as the webauthn library asks for them. Their handle is
// their id, which says nothing about them.
type keyHolder struct {
	user tidings.User
	keys []webauthn.Credential
}

func (h keyHolder) WebAuthnID() []byte                         { return []byte(h.user.ID) }
func (h keyHolder) WebAuthnName() string                       { return h.user.Email }
func (h keyHolder) WebAuthnDisplayName() string                { return h.user.Name }
func (h keyHolder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func keyHolderOf(user tidings.User, keys ...tidings.Passkey) (keyHolder, error) {
	h := keyHolder{user: user}
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
	if h, err := keyHolderOf(tidings.User{}, p); err == nil {
		out.Synced = h.keys[0].Flags.BackupState
	}
	return out
}

// ListPasskeys is GET /passkeys.
func (s *server) ListPasskeys(ctx context.Context, _ spec.ListPasskeysRequestObject) (spec.ListPasskeysResponseObject, error) {
	all, err := s.Store.Passkeys(ctx, request.SubjectOf(ctx).UserID)
	here := s.signInOptions(ctx).RPID
	return spec.ListPasskeys200JSONResponse{Items: spec.Map(all, func(p tidings.Passkey) spec.Passkey { return passkeyJSON(p, here) })}, err
}

// BeginPasskey is POST /passkeys/options.
func (s *server) BeginPasskey(ctx context.Context, _ spec.BeginPasskeyRequestObject) (spec.BeginPasskeyResponseObject, error) {
	if err := auth.RequireSession(ctx); err != nil {
		return nil, err
	}

	rp, err := s.relyingParty(ctx)
	if err != nil {
		return nil, err
	}

	user, err := s.Store.User(ctx, request.SubjectOf(ctx).UserID)
	if err != nil {
		return nil, err
	}

	all, err := s.Store.Passkeys(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	if len(all) >= maxPasskeys {
		return nil, tidings.Errorf(tidings.KindConflict, "You have %d passkeys. Remove one first.", len(all))
	}

	h, err := keyHolderOf(user, all...)
	if err != nil {
		return nil, err
	}

	// The authenticators that have one already are left out.
	options, session, err := rp.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return nil, err
	}

	browser := sha256.Sum256([]byte(request.FromContext(ctx).Credentials.Session))
	err = s.challenge(ctx, tidings.CeremonyPasskeyAdd, user.ID, browser[:], session)
	return spec.BeginPasskey200JSONResponse{PublicKey: options.Response}, err
}

// challenge remembers a challenge that was given out, until passkeyTime is over.
func (s *server) challenge(ctx context.Context, kind tidings.CeremonyKind, user tidings.ID, browser []byte, session *webauthn.SessionData) error {
	data, err := json.Marshal(session)
	if err != nil {
		return err
	}
	return s.Store.BeginCeremony(ctx, session.Challenge, tidings.Ceremony{Kind: kind, UserID: user, Browser: browser, Data: data, ExpiresAt: s.Clock().Add(passkeyTime)})
}

// take takes the ceremony a challenge belongs to.
func (s *server) take(ctx context.Context, kind tidings.CeremonyKind, challenge string, browser []byte) (c tidings.Ceremony, session webauthn.SessionData, err error) {
	c, err = s.Store.TakeCeremony(ctx, kind, challenge, browser)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return c, session, tidings.Wrap(err, tidings.KindInvalid, "This took too long, or was done already. Try again.")
	}
	if err == nil {
		err = json.Unmarshal(c.Data, &session)
	}
	return c, session, err
}

// AddPasskey is POST /passkeys.
func (s *server) AddPasskey(ctx context.Context, r spec.AddPasskeyRequestObject) (spec.AddPasskeyResponseObject, error) {
	if err := auth.RequireSession(ctx); err != nil {
		return nil, err
	}

	name := strings.TrimSpace(r.Body.Name)
	if name == "" {
		return nil, tidings.Invalid("name", "This is needed.")
	}

	rp, err := s.relyingParty(ctx)
	if err != nil {
		return nil, err
	}

	got, err := protocol.ParseCredentialCreationResponseBytes(r.Body.Credential)
	if err != nil {
		return nil, tidings.Wrap(err, tidings.KindInvalid, "This is not a passkey.")
	}

	browser := sha256.Sum256([]byte(request.FromContext(ctx).Credentials.Session))
	begun, session, err := s.take(ctx, tidings.CeremonyPasskeyAdd, got.Response.CollectedClientData.Challenge, browser[:])
	if err != nil {
		return nil, err
	}
	if begun.UserID != request.SubjectOf(ctx).UserID {
		return nil, tidings.Errorf(tidings.KindInvalid, "This was begun by somebody else.")
	}

	key, err := rp.CreateCredential(keyHolder{user: tidings.User{ID: begun.UserID}}, session, got)
	if err != nil {
		return nil, tidings.Wrap(err, tidings.KindInvalid, "This passkey was not made for here.")
	}

	record, err := json.Marshal(key)
	if err != nil {
		return nil, err
	}

	now := s.Clock()
	p := tidings.Passkey{ID: tidings.NewID(now), UserID: begun.UserID, CredentialID: key.ID, RPID: rp.Config.RPID, Name: name, Record: record, CreatedAt: now}
	if err := s.Store.AddPasskey(ctx, p); err != nil {
		return nil, err
	}

	return spec.AddPasskey201JSONResponse(passkeyJSON(p, rp.Config.RPID)), nil
}

// RenamePasskey is PATCH /passkeys/{id}.
func (s *server) RenamePasskey(ctx context.Context, r spec.RenamePasskeyRequestObject) (spec.RenamePasskeyResponseObject, error) {
	id, ok := tidings.ParseID(r.ID)
	if !ok {
		return nil, tidings.NotFound()
	}
	name := strings.TrimSpace(r.Body.Name)
	if name == "" {
		return nil, tidings.Invalid("name", "This is needed.")
	}
	return spec.RenamePasskey204Response{}, s.Store.RenamePasskey(ctx, request.SubjectOf(ctx).UserID, id, name)
}

// RemovePasskey is DELETE /passkeys/{id}.
func (s *server) RemovePasskey(ctx context.Context, r spec.RemovePasskeyRequestObject) (spec.RemovePasskeyResponseObject, error) {
	id, ok := tidings.ParseID(r.ID)
	if !ok {
		return nil, tidings.NotFound()
	}
	return spec.RemovePasskey204Response{}, s.Store.RemovePasskey(ctx, request.SubjectOf(ctx).UserID, id, s.signInOptions(ctx))
}
