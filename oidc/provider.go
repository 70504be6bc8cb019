// Package oidc signs people in with an OpenID provider: discovery, the
// authorization URL, and the verification of the response (OpenID Connect Core
// 1.0 with PKCE, RFC 7636, and issuer identification, RFC 9207).
//
// For the operator: the provider is contacted only when it is needed, so the
// server starts while the provider is down.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tidings.example/tidings/tidings"
)

// Config names a provider.
type Config struct {
	Issuer       string // URL, exactly as in the provider's discovery document
	ClientID     string
	ClientSecret string // "" for public clients
	Name         string // shown to people; "" = the host name
	Clock        tidings.Clock
}

// Provider is an OpenID provider. It is safe for concurrent use.
type Provider struct {
	Config
	client      *http.Client
	discovering chan struct{} // semaphore: one discovery at a time

	mu            sync.Mutex
	discovery     *discovery // nil before the first success
	nextDiscovery time.Time  // no earlier attempt
	discoveryErr  error      // of the last attempt
}

// New validates the configuration and sends no request.
func New(cfg Config) (*Provider, error) {
	u, err := url.Parse(cfg.Issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, tidings.Errorf(tidings.KindInvalid, "oidc-issuer: %q is not a URL such as https://id.example.", cfg.Issuer)
	}
	if err := requireHTTPS(u); err != nil {
		return nil, tidings.Wrap(err, tidings.KindInvalid, "oidc-issuer: %q must begin with https://.", cfg.Issuer)
	}
	if cfg.ClientID == "" {
		return nil, tidings.Errorf(tidings.KindInvalid, "oidc-client-id is needed with oidc-issuer.")
	}

	if cfg.Name == "" {
		cfg.Name = u.Hostname()
	}

	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}

	dialer := &safeDialer{issuer: u.Hostname()}
	return &Provider{Config: cfg, client: dialer.newHTTPClient(), discovering: make(chan struct{}, 1)}, nil
}

// requireHTTPS returns an error for a URL that is not https, except on this
// machine.
func requireHTTPS(u *url.URL) error {
	at, err := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || err == nil && at.IsLoopback()
	if u.Scheme == "https" || u.Scheme == "http" && local {
		return nil
	}
	return fmt.Errorf("%s://%s is not https", u.Scheme, u.Host)
}

// Name is the provider's name for people.
func (p *Provider) Name() string { return p.Config.Name }

// Issuer is the provider's issuer identifier.
func (p *Provider) Issuer() string { return p.Config.Issuer }

// Ready returns an error when there is no discovery document.
func (p *Provider) Ready(ctx context.Context) error {
	_, err := p.currentDiscovery(ctx)
	return err
}

// oauthConfig is the configuration of a flow with a redirect URI.
func (p *Provider) oauthConfig(d *discovery, redirect string) *oauth2.Config {
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: d.endpoint, RedirectURL: redirect, Scopes: d.scopes}
}

// AuthURL is the URL to which a browser is sent to sign in. state, nonce and
// verifier are secrets of this sign-in.
func (p *Provider) AuthURL(ctx context.Context, state, nonce, verifier, redirect string) (string, error) {
	d, err := p.currentDiscovery(ctx)
	if err != nil {
		return "", err
	}
	return p.oauthConfig(d, redirect).AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), nil
}

// Claims exchanges the authorization code for an ID token, verifies it and
// returns its claims. iss is the response's parameter (RFC 9207), or "". Errors:
// KindUnauthenticated when the response cannot be trusted, KindUnavailable while
// the provider is down.
func (p *Provider) Claims(ctx context.Context, code, iss, nonce, verifier, redirect string) (tidings.Claims, error) {
	var none tidings.Claims
	d, err := p.currentDiscovery(ctx)
	if err != nil {
		return none, err
	}
	if iss != "" && iss != p.Config.Issuer || iss == "" && d.sendsIss {
		return none, p.untrustedError(fmt.Errorf("the answer names issuer %q", iss))
	}
	if code == "" {
		return none, p.untrustedError(errors.New("the answer has no code"))
	}

	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), 2*requestTimeout)
	defer cancel()

	token, err := p.oauthConfig(d, redirect).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return none, p.exchangeError(err)
	}

	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return none, p.untrustedError(errors.New("there is no id_token"))
	}

	id, err := d.verifier.Verify(ctx, raw)
	if err != nil {
		return none, p.untrustedError(err)
	}
	if err := p.checkIDToken(id, nonce); err != nil {
		return none, p.untrustedError(err)
	}

	return p.readClaims(ctx, d, id, token)
}

// untrustedError is KindUnauthenticated with a cause for the log.
func (p *Provider) untrustedError(err error) error {
	return tidings.Wrap(err, tidings.KindUnauthenticated, "The answer of %s could not be trusted.", p.Config.Name)
}

// exchangeError distinguishes a rejected code from a provider that is down.
func (p *Provider) exchangeError(err error) error {
	var response *oauth2.RetrieveError
	var network net.Error
	if errors.As(err, &response) && response.Response != nil && response.Response.StatusCode < 500 {
		// The body is untrusted and may hold secrets: only the error code is kept.
		return p.untrustedError(fmt.Errorf("token endpoint: status %d, %q", response.Response.StatusCode, response.ErrorCode))
	}
	if response != nil || errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) {
		return tidings.Wrap(fmt.Errorf("token endpoint: %w", redactError(err)), tidings.KindUnavailable, "%s cannot be reached.", p.Config.Name)
	}
	return p.untrustedError(fmt.Errorf("token endpoint: %w", redactError(err)))
}

// redactError removes the body of the provider's response, which may hold secrets.
func redactError(err error) error {
	var response *oauth2.RetrieveError
	if errors.As(err, &response) && response.Response != nil {
		return fmt.Errorf("status %d", response.Response.StatusCode)
	}
	return err
}
