// Package oidc is the OpenID provider people may sign in by: discovery, the
// URL a browser is sent to, and the check of what comes back (OpenID Connect
// Core 1.0 with PKCE, RFC 7636, and issuer identification, RFC 9207).
//
// The provider is asked only when it is needed, so the server starts while it
// is down, and finds it once it is back.
package oidc

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tidings.example/tidings/tidings"
)

const (
	refresh = 24 * time.Hour  // discovery is asked again
	retry   = 3 * time.Second // after a failure it is not asked for so long
	skew    = 5 * time.Minute // between the provider's clock and ours
	longest = 255             // characters of a subject (OpenID Connect Core, section 2)
)

// Config names a provider.
type Config struct {
	Issuer       string // its URL, as it writes it itself
	ClientID     string
	ClientSecret string // "" for public clients
	Name         string // what people call it; "" = its host name
	Clock        tidings.Clock
}

// Provider is an OpenID provider. Its methods may be called from many goroutines.
type Provider struct {
	Config
	client *http.Client
	turn   chan struct{} // one discovery at a time

	mu    sync.Mutex
	known *known    // nil before it was found
	until time.Time // when to ask again
	fault error     // of the last discovery
}

// known is what discovery has told.
type known struct {
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier // keeps the provider's keys, and fetches new ones
	endpoint oauth2.Endpoint
	sendsIss bool
	scopes   []string
}

// New checks the settings and asks nobody.
func New(cfg Config) (*Provider, error) {
	u, err := url.Parse(cfg.Issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, tidings.Errorf(tidings.KindInvalid, "oidc-issuer: %q is not a URL such as https://id.example.", cfg.Issuer)
	}
	if err := secure(u); err != nil {
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

	g := &guard{issuer: u.Hostname()}
	return &Provider{Config: cfg, client: g.client(), turn: make(chan struct{}, 1)}, nil
}

// secure reports an error for URLs that are not https, except on this machine.
func secure(u *url.URL) error {
	at, err := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || err == nil && at.IsLoopback()
	if u.Scheme == "https" || u.Scheme == "http" && local {
		return nil
	}
	return fmt.Errorf("%s://%s is not https", u.Scheme, u.Host)
}

// Name is what people call the provider.
func (p *Provider) Name() string { return p.Config.Name }

// Issuer is the provider's own name.
func (p *Provider) Issuer() string { return p.Config.Issuer }

// Ready reports whether the provider can be found.
func (p *Provider) Ready(ctx context.Context) error {
	_, err := p.discover(ctx)
	return err
}

// discover is what the provider says of itself, asked anew once a day. While
// it is down, what it said last is good; before that, KindUnavailable.
func (p *Provider) discover(ctx context.Context) (*known, error) {
	if k, err, fresh := p.recall(); fresh {
		return k, err
	}

	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}

	if k, err, fresh := p.recall(); fresh { // somebody was quicker
		return k, err
	}

	k, err := p.ask(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()

	if err != nil {
		p.fault = tidings.Wrap(err, tidings.KindUnavailable, "%s cannot be reached.", p.Config.Name)
		p.until = p.Clock().Add(retry)
		if p.known != nil {
			return p.known, nil
		}
		return nil, p.fault
	}

	p.known, p.fault, p.until = k, nil, p.Clock().Add(refresh)
	return k, nil
}

func (p *Provider) recall() (k *known, err error, fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.Clock().Before(p.until) {
		return nil, nil, false
	}
	if p.known != nil {
		return p.known, nil, true
	}
	return nil, p.fault, true
}

func (p *Provider) ask(ctx context.Context) (*known, error) {
	// The keys are fetched by a context of their own, long after this one.
	own := oidc.ClientContext(context.WithoutCancel(ctx), p.client)
	limit, cancel := context.WithTimeout(own, patience)
	defer cancel()

	found, err := oidc.NewProvider(limit, p.Config.Issuer)
	if err != nil {
		return nil, err
	}

	var more struct {
		Issuer   string   `json:"issuer"`
		JWKS     string   `json:"jwks_uri"`
		SendsIss bool     `json:"authorization_response_iss_parameter_supported"`
		Auth     []string `json:"token_endpoint_auth_methods_supported"`
		Scopes   []string `json:"scopes_supported"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, err
	}

	k := &known{provider: found, endpoint: found.Endpoint(), sendsIss: more.SendsIss, scopes: []string{oidc.ScopeOpenID}}
	for _, text := range []string{k.endpoint.AuthURL, k.endpoint.TokenURL, more.JWKS} {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("discovery names %q, which is no URL", text)
		}
		if err := secure(u); err != nil {
			return nil, err
		}
	}

	for _, scope := range []string{"email", "profile"} {
		if len(more.Scopes) == 0 || slices.Contains(more.Scopes, scope) {
			k.scopes = append(k.scopes, scope)
		}
	}

	k.endpoint.AuthStyle = oauth2.AuthStyleInHeader // the default of OpenID Connect
	if p.ClientSecret == "" || len(more.Auth) > 0 && !slices.Contains(more.Auth, "client_secret_basic") {
		k.endpoint.AuthStyle = oauth2.AuthStyleInParams
	}

	k.verifier = found.VerifierContext(own, &oidc.Config{ClientID: p.ClientID, Now: p.Clock})
	return k, nil
}

func (p *Provider) oauth(k *known, redirect string) *oauth2.Config {
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: k.endpoint, RedirectURL: redirect, Scopes: k.scopes}
}

// AuthURL is where a browser is sent to sign in at the provider; state, nonce
// and verifier are secrets of this one visit.
func (p *Provider) AuthURL(ctx context.Context, state, nonce, verifier, redirect string) (string, error) {
	k, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return p.oauth(k, redirect).AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), nil
}

// Claims trades the code that a browser came back with for what the provider
// says of the person, and checks its word. iss is the answer's own parameter
// (RFC 9207), or "". KindUnauthenticated when the answer cannot be trusted,
// KindUnavailable while the provider is down.
func (p *Provider) Claims(ctx context.Context, code, iss, nonce, verifier, redirect string) (tidings.Claims, error) {
	var none tidings.Claims
	k, err := p.discover(ctx)
	if err != nil {
		return none, err
	}
	if iss != "" && iss != p.Config.Issuer || iss == "" && k.sendsIss {
		return none, p.untrusted(fmt.Errorf("the answer names issuer %q", iss))
	}
	if code == "" {
		return none, p.untrusted(errors.New("the answer has no code"))
	}

	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), 2*patience)
	defer cancel()

	token, err := p.oauth(k, redirect).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return none, p.exchangeFailed(err)
	}

	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return none, p.untrusted(errors.New("there is no id_token"))
	}

	id, err := k.verifier.Verify(ctx, raw)
	if err != nil {
		return none, p.untrusted(err)
	}
	if err := p.check(id, nonce); err != nil {
		return none, p.untrusted(err)
	}

	return p.claims(ctx, k, id, token)
}

func (p *Provider) untrusted(err error) error {
	return tidings.Wrap(err, tidings.KindUnauthenticated, "The answer of %s could not be trusted.", p.Config.Name)
}

// exchangeFailed tells an answer that says no from a provider that is not there.
func (p *Provider) exchangeFailed(err error) error {
	var said *oauth2.RetrieveError
	var network net.Error
	if errors.As(err, &said) && said.Response != nil && said.Response.StatusCode < 500 {
		// Its body may hold anything: only the code of the error goes on.
		return p.untrusted(fmt.Errorf("token endpoint: status %d, %q", said.Response.StatusCode, said.ErrorCode))
	}
	if said != nil || errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) {
		return tidings.Wrap(fmt.Errorf("token endpoint: %w", scrubbed(err)), tidings.KindUnavailable, "%s cannot be reached.", p.Config.Name)
	}
	return p.untrusted(fmt.Errorf("token endpoint: %w", scrubbed(err)))
}

// scrubbed is err without what the provider wrote, which may hold secrets.
func scrubbed(err error) error {
	var said *oauth2.RetrieveError
	if errors.As(err, &said) && said.Response != nil {
		return fmt.Errorf("status %d", said.Response.StatusCode)
	}
	return err
}

// check is what the library leaves to its caller: that the token was made for
// this visit and for us alone.
func (p *Provider) check(id *oidc.IDToken, nonce string) error {
	if nonce == "" || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return errors.New("the nonce is another one")
	}
	if id.Subject == "" || len(id.Subject) > longest {
		return errors.New("the subject is empty or too long")
	}
	if id.IssuedAt.After(p.Clock().Add(skew)) {
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

// person is what is read of a token or of the userinfo endpoint.
type person struct {
	Subject       string `json:"sub"`
	Email         string `json:"email"`
	EmailVerified truth  `json:"email_verified"`
	Name          string `json:"name"`
	Zone          string `json:"zoneinfo"`
}

// truth is a boolean; some providers write it as text.
type truth bool

// UnmarshalJSON implements json.Unmarshaler.
func (t *truth) UnmarshalJSON(b []byte) error {
	*t = truth(strings.Trim(string(b), `"`) == "true")
	return nil
}

// claims reads the token; what it does not say about the address is asked of
// the userinfo endpoint, which must speak of the same person.
func (p *Provider) claims(ctx context.Context, k *known, id *oidc.IDToken, token *oauth2.Token) (tidings.Claims, error) {
	var who person
	if err := id.Claims(&who); err != nil {
		return tidings.Claims{}, p.untrusted(err)
	}

	if who.Email == "" && k.provider.UserInfoEndpoint() != "" {
		info, err := k.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err == nil && info.Subject != id.Subject {
			err = errors.New("userinfo speaks of somebody else")
		}

		var more json.RawMessage
		if err == nil {
			err = info.Claims(&more)
		}

		if err == nil {
			err = json.Unmarshal(more, &who)
		}

		if err != nil {
			return tidings.Claims{}, p.untrusted(err)
		}
	}

	// The issuer is the one that was asked: Google's tokens write theirs in two ways.
	return tidings.Claims{Issuer: p.Config.Issuer, Subject: id.Subject, Email: who.Email, EmailVerified: bool(who.EmailVerified) && who.Email != "",
		Name: who.Name, Zone: who.Zone}, nil
}
