package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tidings.example/tidings/tidings"
)

// Times of discovery.
const (
	discoveryMaxAge = 24 * time.Hour  // after which discovery is repeated
	discoveryRetry  = 3 * time.Second // the least time between attempts while discovery fails
)

// discovery is what the discovery document says (OpenID Connect Discovery 1.0).
type discovery struct {
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier // caches the provider's keys and fetches new ones
	endpoint oauth2.Endpoint
	sendsIss bool // every authorization response has the parameter iss (RFC 9207)
	scopes   []string
}

// currentDiscovery returns the cached discovery document, refreshed once a day.
// When the refresh fails, the old one is used; without one the error is
// KindUnavailable.
func (p *Provider) currentDiscovery(ctx context.Context) (*discovery, error) {
	if d, err, fresh := p.cachedDiscovery(); fresh {
		return d, err
	}

	select {
	case p.discovering <- struct{}{}:
		defer func() { <-p.discovering }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}

	if d, err, fresh := p.cachedDiscovery(); fresh { // another goroutine has done it
		return d, err
	}

	d, err := p.fetchDiscovery(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()

	if err != nil {
		p.discoveryErr = tidings.Wrap(err, tidings.KindUnavailable, "%s cannot be reached.", p.Config.Name)
		p.nextDiscovery = p.Clock().Add(discoveryRetry)
		if p.discovery != nil {
			return p.discovery, nil
		}
		return nil, p.discoveryErr
	}

	p.discovery, p.discoveryErr, p.nextDiscovery = d, nil, p.Clock().Add(discoveryMaxAge)
	return d, nil
}

// cachedDiscovery returns the result of the last attempt while it is fresh.
func (p *Provider) cachedDiscovery() (d *discovery, err error, fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.Clock().Before(p.nextDiscovery) {
		return nil, nil, false
	}
	if p.discovery != nil {
		return p.discovery, nil, true
	}
	return nil, p.discoveryErr, true
}

// fetchDiscovery requests the discovery document and validates its URLs.
func (p *Provider) fetchDiscovery(ctx context.Context) (*discovery, error) {
	// The verifier fetches keys later, so its context must outlive ctx.
	keysCtx := oidc.ClientContext(context.WithoutCancel(ctx), p.client)
	limit, cancel := context.WithTimeout(keysCtx, requestTimeout)
	defer cancel()

	provider, err := oidc.NewProvider(limit, p.Config.Issuer)
	if err != nil {
		return nil, err
	}

	var document struct {
		Issuer   string   `json:"issuer"`
		JWKS     string   `json:"jwks_uri"`
		SendsIss bool     `json:"authorization_response_iss_parameter_supported"`
		Auth     []string `json:"token_endpoint_auth_methods_supported"`
		Scopes   []string `json:"scopes_supported"`
	}
	if err := provider.Claims(&document); err != nil {
		return nil, err
	}

	d := &discovery{provider: provider, endpoint: provider.Endpoint(), sendsIss: document.SendsIss, scopes: []string{oidc.ScopeOpenID}}
	if err := checkURLs(d.endpoint.AuthURL, d.endpoint.TokenURL, document.JWKS); err != nil {
		return nil, err
	}

	for _, scope := range []string{"email", "profile"} {
		if len(document.Scopes) == 0 || slices.Contains(document.Scopes, scope) {
			d.scopes = append(d.scopes, scope)
		}
	}

	d.endpoint.AuthStyle = oauth2.AuthStyleInHeader // the default of OpenID Connect
	if p.ClientSecret == "" || len(document.Auth) > 0 && !slices.Contains(document.Auth, "client_secret_basic") {
		d.endpoint.AuthStyle = oauth2.AuthStyleInParams
	}

	d.verifier = provider.VerifierContext(keysCtx, &oidc.Config{ClientID: p.ClientID, Now: p.Clock})
	return d, nil
}

// checkURLs requires https of all URLs, see requireHTTPS.
func checkURLs(urls ...string) error {
	for _, text := range urls {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			return fmt.Errorf("discovery names %q, which is no URL", text)
		}
		if err := requireHTTPS(u); err != nil {
			return err
		}
	}
	return nil
}

// OtherIssuer returns the issuer that a discovery document names, if err says
// that it is another one than that of the configuration.
func OtherIssuer(err error) (issuer string, ok bool) {
	var mismatch *oidc.IssuerMismatchError
	if !errors.As(err, &mismatch) {
		return "", false
	}
	return mismatch.Discovered, true
}
