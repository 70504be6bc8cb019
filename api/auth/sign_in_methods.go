package auth

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// SignInMethods are the sign-in methods available at the address of a request.
type SignInMethods struct {
	Origin   *request.Origin
	Provider OIDCProvider
}

// SignInWays are the sign-in methods, and the problem that occurred at the
// provider.
func (m *SignInMethods) SignInWays(ctx context.Context, problem string) *spec.SignInWays {
	w := &spec.SignInWays{PasskeyTrouble: spec.OrNil(m.passkeyUnavailable(request.FromContext(ctx))), Problem: spec.OrNil(m.oidcProblemText(problem))}
	if m.Provider != nil {
		w.OidcName = spec.OrNil(m.Provider.Name())
	}
	return w
}

// oidcProblemText is the sentence for a problem code; "" for none.
func (m *SignInMethods) oidcProblemText(code string) string {
	text := oidcProblems[code]
	name := "The provider"
	if m.Provider != nil {
		name = m.Provider.Name()
	}
	return strings.ReplaceAll(text, "%s", name)
}

// relyingParty is this server as authenticators identify it: by the host name
// of its URL. KindConflict where browsers would refuse it.
// (https://www.w3.org/TR/webauthn-3/#relying-party-identifier)
func (m *SignInMethods) relyingParty(ctx context.Context) (*webauthn.WebAuthn, error) {
	k := request.FromContext(ctx)
	if why := m.passkeyUnavailable(k); why != "" {
		return nil, tidings.Errorf(tidings.KindConflict, "%s", why)
	}

	base, err := url.Parse(k.BaseURL)
	if err != nil {
		return nil, err
	}

	return webauthn.New(&webauthn.Config{
		RPID: strings.ToLower(base.Hostname()), RPDisplayName: "Tidings", RPOrigins: []string{k.BaseURL}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
		// Password managers answer more extensions than requested.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
}

// passkeyUnavailable is why passkeys cannot work at the address of the request;
// "" when they can.
func (m *SignInMethods) passkeyUnavailable(k *request.State) string {
	base, err := url.Parse(k.BaseURL)
	if err != nil || base.Hostname() == "" {
		return "Passkeys need an address with a host name."
	}

	host := strings.ToLower(base.Hostname())

	if public := m.Origin.PublicURL(); public != nil && !strings.EqualFold(k.Request.Host, public.Host) {
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

// signInOptions are the sign-in methods that count at this address.
func (m *SignInMethods) signInOptions(ctx context.Context) tidings.SignInOptions {
	w := tidings.SignInOptions{}
	if rp, err := m.relyingParty(ctx); err == nil {
		w.RPID = rp.Config.RPID
	} else if public := m.Origin.PublicURL(); public != nil {
		w.RPID = strings.ToLower(public.Hostname())
	}
	if m.Provider != nil {
		w.Issuer = m.Provider.Issuer()
	}
	return w
}
