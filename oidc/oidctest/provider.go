// Package oidctest is an OpenID provider for tests, as strict as the
// specification allows (OpenID Connect Core 1.0, PKCE with S256 only). Tests
// change its behaviour to simulate faulty and malicious providers.
package oidctest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Client and Secret are the credentials of the only client.
const (
	Client = "tidings"
	Secret = "oidc-secret-canary"
)

// Claims are the claims of an id_token.
type Claims map[string]any

// Provider is a running provider with one person, who always consents.
type Provider struct {
	testing.TB
	URL    string
	server *httptest.Server

	mu     sync.Mutex
	key    crypto.Signer
	kid    string
	alg    jose.SignatureAlgorithm
	codes  map[string]visit
	more   map[string]any             // added to the discovery document
	bend   func(Claims)               // changes the claims before they are signed
	sign   func(claims []byte) string // nil = with the key
	status int                        // of all responses, if not 0
	Asked  []string                   // paths, in order
}

// visit is the state of one authorization request.
type visit struct{ nonce, challenge, redirect string }

// New starts a provider that signs with ES256, whose keys are fast to generate.
func New(t testing.TB) *Provider {
	p := &Provider{TB: t, codes: map[string]visit{}}
	p.Rotate(jose.ES256)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.serveDiscovery)
	mux.HandleFunc("GET /keys", p.serveKeys)
	mux.HandleFunc("POST /token", p.serveToken)
	mux.HandleFunc("GET /userinfo", p.serveUserInfo)
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.Asked = append(p.Asked, r.URL.Path)
		status := p.status
		p.mu.Unlock()

		if status != 0 {
			http.Error(w, "no", status)
			return
		}

		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.server.Close)
	p.URL = p.server.URL
	return p
}

// Rotate makes a new key for the algorithm; the old one is no longer published.
func (p *Provider) Rotate(alg jose.SignatureAlgorithm) {
	var key crypto.Signer
	var err error
	if alg == jose.ES256 {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}

	if err != nil {
		p.Fatal(err)
	}

	p.mu.Lock()
	defer p.mu.Unlock()

	p.key, p.alg, p.kid = key, alg, rand.Text()
}

// Bend changes the claims of tokens from now on; nil = unchanged.
func (p *Provider) Bend(fn func(Claims)) { p.mu.Lock(); defer p.mu.Unlock(); p.bend = fn }

// SignWith signs tokens in another way from now on; nil = unchanged.
func (p *Provider) SignWith(fn func(claims []byte) string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sign = fn
}

// Say adds fields to the discovery document.
func (p *Provider) Say(more map[string]any) { p.mu.Lock(); defer p.mu.Unlock(); p.more = more }

// Answer gives every response that status; 0 = its own.
func (p *Provider) Answer(status int) { p.mu.Lock(); defer p.mu.Unlock(); p.status = status }

// Public is the public key.
func (p *Provider) Public() crypto.PublicKey { p.mu.Lock(); defer p.mu.Unlock(); return p.key.Public() }

// Visit opens authURL as a person who consents, and returns the query of the
// redirect back.
func (p *Provider) Visit(authURL string) url.Values {
	p.Helper()
	u, err := url.Parse(authURL)
	if err != nil {
		p.Fatal(err)
	}

	q := u.Query()
	if u.Path != "/authorize" || q.Get("client_id") != Client || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" ||
		len(q.Get("code_challenge")) != 43 || len(q.Get("state")) < 32 || len(q.Get("nonce")) < 32 || q.Get("redirect_uri") == "" {
		p.Fatalf("the provider refuses %s", authURL)
	}

	code := rand.Text()
	p.mu.Lock()
	defer p.mu.Unlock()

	p.codes[code] = visit{nonce: q.Get("nonce"), challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri")}
	return url.Values{"code": {code}, "state": {q.Get("state")}}
}

func (p *Provider) serveDiscovery(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"userinfo_endpoint": p.URL + "/userinfo", "id_token_signing_alg_values_supported": []string{"RS256", "ES256", "HS256", "none"}}
	for k, v := range p.more {
		out[k] = v
	}
	writeJSON(w, http.StatusOK, out)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func (p *Provider) serveKeys(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: p.kid, Algorithm: string(p.alg), Use: "sig"}}})
}

// serveToken exchanges a code, once, for the right verifier and redirect URI.
func (p *Provider) serveToken(w http.ResponseWriter, r *http.Request) {
	user, pass, ok := r.BasicAuth()
	if !ok || user != Client || pass != Secret {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}

	p.mu.Lock()
	v, known := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || r.PostFormValue("redirect_uri") != v.redirect || base64.RawURLEncoding.EncodeToString(sum[:]) != v.challenge {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}

	writeJSON(w, http.StatusOK, map[string]any{"access_token": "access-canary", "token_type": "Bearer", "expires_in": 60, "id_token": p.newIDToken(v.nonce)})
}

func (p *Provider) newIDToken(nonce string) string {
	p.mu.Lock()
	bend, sign := p.bend, p.sign
	p.mu.Unlock()
	now := time.Now()
	c := Claims{"iss": p.URL, "aud": Client, "sub": "person-1", "nonce": nonce, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"email": "noa@example.org", "email_verified": true, "name": "Noa"}
	if bend != nil {
		bend(c)
	}

	text, err := json.Marshal(c)
	if err != nil {
		p.Error(err)
	}

	if sign != nil {
		return sign(text)
	}

	return p.Sign(text)
}

// Sign signs claims with the provider's key.
func (p *Provider) Sign(claims []byte) string {
	p.mu.Lock()
	key := jose.SigningKey{Algorithm: p.alg, Key: jose.JSONWebKey{Key: p.key, KeyID: p.kid}}
	p.mu.Unlock()
	return p.signCompact(key, claims)
}

// SignHMAC signs claims with HS256 and any secret, such as a public key.
func (p *Provider) SignHMAC(secret, claims []byte) string {
	return p.signCompact(jose.SigningKey{Algorithm: jose.HS256, Key: secret}, claims)
}

func (p *Provider) signCompact(key jose.SigningKey, claims []byte) string {
	s, err := jose.NewSigner(key, nil)
	if err != nil {
		p.Error(err)
		return ""
	}

	object, err := s.Sign(claims)
	if err != nil {
		p.Error(err)
		return ""
	}

	text, err := object.CompactSerialize()
	if err != nil {
		p.Error(err)
	}

	return text
}

// Unsigned is a token with alg none.
func Unsigned(claims []byte) string {
	b64 := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf("%s.%s.", b64([]byte(`{"alg":"none","typ":"JWT"}`)), b64(claims))
}

func (p *Provider) serveUserInfo(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer access-canary" {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_token"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"sub": "person-1", "email": "info@example.org", "email_verified": "true"})
}
