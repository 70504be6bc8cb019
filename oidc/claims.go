package oidc

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tidings.example/tidings/tidings"
)

const (
	maxClockSkew = 5 * time.Minute // of the provider's clock ahead of ours
	maxSubject   = 255             // characters (OpenID Connect Core 1.0, section 2)
)

// checkIDToken makes the checks that go-oidc leaves to its caller: nonce, subject,
// time of issue and authorised party (OpenID Connect Core 1.0, section 3.1.3.7).
func (p *Provider) checkIDToken(id *oidc.IDToken, nonce string) error {
	if nonce == "" || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return errors.New("the nonce is another one")
	}
	if id.Subject == "" || len(id.Subject) > maxSubject {
		return errors.New("the subject is empty or too long")
	}
	if id.IssuedAt.After(p.Clock().Add(maxClockSkew)) {
		return fmt.Errorf("issued in the future, at %v", id.IssuedAt)
	}

	var more struct {
		AuthorizedParty string `json:"azp"`
	}
	if err := id.Claims(&more); err != nil {
		return err
	}
	if more.AuthorizedParty != "" && more.AuthorizedParty != p.ClientID || more.AuthorizedParty == "" && len(id.Audience) > 1 {
		return fmt.Errorf("made for %v, %q", id.Audience, more.AuthorizedParty)
	}

	return nil
}

// profileClaims are the claims read from an ID token or the userinfo endpoint.
type profileClaims struct {
	Subject       string   `json:"sub"`
	Email         string   `json:"email"`
	EmailVerified flexBool `json:"email_verified"`
	Name          string   `json:"name"`
	Zone          string   `json:"zoneinfo"`
}

// flexBool is a boolean that some providers write as a string.
type flexBool bool

// UnmarshalJSON implements json.Unmarshaler.
func (t *flexBool) UnmarshalJSON(b []byte) error {
	*t = flexBool(strings.Trim(string(b), `"`) == "true")
	return nil
}

// readClaims reads the claims of the ID token. Without an address in it they come
// from the userinfo endpoint, whose subject must be the same.
func (p *Provider) readClaims(ctx context.Context, d *discovery, id *oidc.IDToken, token *oauth2.Token) (tidings.Claims, error) {
	var profile profileClaims
	if err := id.Claims(&profile); err != nil {
		return tidings.Claims{}, p.untrustedError(err)
	}

	if profile.Email == "" && d.provider.UserInfoEndpoint() != "" {
		if err := readUserInfo(ctx, d.provider, token, id.Subject, &profile); err != nil {
			return tidings.Claims{}, p.untrustedError(err)
		}
	}

	// The configured issuer: Google writes its own in two ways.
	return tidings.Claims{Issuer: p.Config.Issuer, Subject: id.Subject, Email: profile.Email, EmailVerified: bool(profile.EmailVerified) && profile.Email != "",
		Name: profile.Name, Zone: profile.Zone}, nil
}

// readUserInfo reads claims from the userinfo endpoint.
func readUserInfo(ctx context.Context, provider *oidc.Provider, token *oauth2.Token, subject string, out *profileClaims) error {
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return err
	}
	if info.Subject != subject {
		return errors.New("userinfo speaks of somebody else")
	}

	var claims json.RawMessage
	if err := info.Claims(&claims); err != nil {
		return err
	}

	return json.Unmarshal(claims, out)
}
