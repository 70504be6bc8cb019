package oidc_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"tidings.example/tidings/oidc"
	"tidings.example/tidings/oidc/oidctest"
	"tidings.example/tidings/tidings"
)

const redirectURL = "http://localhost/auth/oidc/callback"

func openProvider(t *testing.T, p *oidctest.Provider) *oidc.Provider {
	t.Helper()
	got, err := oidc.New(oidc.Config{Issuer: p.URL, ClientID: oidctest.Client, ClientSecret: oidctest.Secret, Name: "Harbour ID"})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// browser is one sign-in of a person: the secrets it keeps, and the query of the
// redirect back.
type browser struct {
	state, nonce, verifier string
	query                  url.Values
}

func authorize(t *testing.T, o *oidc.Provider, p *oidctest.Provider) browser {
	t.Helper()
	v := browser{state: randomSecret(), nonce: randomSecret(), verifier: randomSecret()}
	to, err := o.AuthURL(t.Context(), v.state, v.nonce, v.verifier, redirectURL)
	if err != nil {
		t.Fatal(err)
	}

	v.query = p.Visit(to)
	if v.query.Get("state") != v.state {
		t.Fatalf("%v", v.query)
	}

	return v
}

func randomSecret() string { return rand.Text() + rand.Text() }

func (v browser) exchangeCode(t *testing.T, o *oidc.Provider) (tidings.Claims, error) {
	t.Helper()
	return o.Claims(t.Context(), v.query.Get("code"), v.query.Get("iss"), v.nonce, v.verifier, redirectURL)
}

func TestClaims(t *testing.T) {
	p := oidctest.New(t)
	o := openProvider(t, p)
	got, err := authorize(t, o, p).exchangeCode(t, o)
	want := tidings.Claims{Issuer: p.URL, Subject: "person-1", Email: "noa@example.org", EmailVerified: true, Name: "Noa"}
	if err != nil || got != want {
		t.Errorf("%+v %v", got, err)
	}

	// New keys, and of another algorithm, are found without a restart.
	for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.ES256} {
		p.Rotate(alg)
		if got, err := authorize(t, o, p).exchangeCode(t, o); err != nil || got != want {
			t.Errorf("%s: %+v %v", alg, got, err)
		}
	}

	// A token without an address: userinfo is requested.
	p.Bend(func(c oidctest.Claims) { delete(c, "email"); delete(c, "email_verified") })
	if got, err := authorize(t, o, p).exchangeCode(t, o); err != nil || got.Email != "info@example.org" || !got.EmailVerified {
		t.Errorf("%+v %v", got, err)
	}

	p.Bend(func(c oidctest.Claims) { delete(c, "email"); c["sub"] = "person-2" })
	if _, err := authorize(t, o, p).exchangeCode(t, o); tidings.KindOf(err) != tidings.KindUnauthenticated {
		t.Errorf("userinfo of somebody else: %v", err)
	}

	p.Bend(func(c oidctest.Claims) { c["email_verified"] = "false" })
	if got, err := authorize(t, o, p).exchangeCode(t, o); err != nil || got.EmailVerified {
		t.Errorf("%+v %v", got, err)
	}
}

// TestAttacks: none of these responses is accepted.
func TestAttacks(t *testing.T) {
	p := oidctest.New(t)
	p.Rotate(jose.RS256)
	o := openProvider(t, p)
	thief, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}

	der, err := x509.MarshalPKIXPublicKey(p.Public())
	if err != nil {
		t.Fatal(err)
	}

	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	for name, attack := range map[string]struct {
		bend func(oidctest.Claims)
		sign func([]byte) string
		lie  func(*browser)
	}{
		"alg none":                  {sign: oidctest.Unsigned},
		"HS256 with the public key": {sign: func(c []byte) string { return p.SignHMAC(public, c) }},
		"HS256 with the secret":     {sign: func(c []byte) string { return p.SignHMAC([]byte(oidctest.Secret+strings.Repeat("x", 32)), c) }},
		"another key": {sign: func(c []byte) string {
			return signToken(t, jose.SigningKey{Algorithm: jose.RS256, Key: thief}, c)
		}},
		"another key in the header": {sign: func(c []byte) string {
			return signToken(t, jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: thief, KeyID: "x"}}, c)
		}},
		"changed after signing": {sign: func(c []byte) string {
			parts := strings.Split(p.Sign(c), ".")
			return parts[0] + "." + strings.Split(p.Sign([]byte(strings.Replace(string(c), "person-1", "person-9", 1))), ".")[1] + "." + parts[2]
		}},
		"no token":            {sign: func([]byte) string { return "" }},
		"wrong aud":           {bend: func(c oidctest.Claims) { c["aud"] = "another-app" }},
		"aud of many, no azp": {bend: func(c oidctest.Claims) { c["aud"] = []string{oidctest.Client, "another-app"} }},
		"azp of another": {bend: func(c oidctest.Claims) {
			c["aud"], c["azp"] = []string{oidctest.Client, "another-app"}, "another-app"
		}},
		"no aud":               {bend: func(c oidctest.Claims) { delete(c, "aud") }},
		"wrong iss":            {bend: func(c oidctest.Claims) { c["iss"] = "https://evil.example" }},
		"iss with a slash":     {bend: func(c oidctest.Claims) { c["iss"] = p.URL + "/" }},
		"expired":              {bend: func(c oidctest.Claims) { c["exp"] = time.Now().Add(-time.Second).Unix() }},
		"no expiry":            {bend: func(c oidctest.Claims) { delete(c, "exp") }},
		"not valid yet":        {bend: func(c oidctest.Claims) { c["nbf"] = time.Now().Add(time.Hour).Unix() }},
		"issued in the future": {bend: func(c oidctest.Claims) { c["iat"] = time.Now().Add(time.Hour).Unix() }},
		"another nonce":        {bend: func(c oidctest.Claims) { c["nonce"] = "replayed" }},
		"no nonce":             {bend: func(c oidctest.Claims) { delete(c, "nonce") }},
		"no subject":           {bend: func(c oidctest.Claims) { c["sub"] = "" }},
		"a long subject":       {bend: func(c oidctest.Claims) { c["sub"] = strings.Repeat("s", 256) }},
		"a mixed-up issuer":    {lie: func(v *browser) { v.query.Set("iss", "https://evil.example") }},
		"another verifier":     {lie: func(v *browser) { v.verifier = randomSecret() }},
		"a made-up code":       {lie: func(v *browser) { v.query.Set("code", "made-up") }},
		"no code":              {lie: func(v *browser) { v.query.Del("code") }},
	} {
		p.Bend(attack.bend)
		p.SignWith(attack.sign)
		v := authorize(t, o, p)
		if attack.lie != nil {
			attack.lie(&v)
		}

		if got, err := v.exchangeCode(t, o); tidings.KindOf(err) != tidings.KindUnauthenticated || got != (tidings.Claims{}) {
			t.Errorf("%s: %+v %v", name, got, err)
		} else if all := err.Error(); strings.Contains(all, "canary") {
			t.Errorf("%s: a secret stands in the error: %s", name, all)
		}
	}
}

// TestReplays: a code is valid once, and a response only for its own sign-in.
func TestReplays(t *testing.T) {
	p := oidctest.New(t)
	o := openProvider(t, p)
	v := authorize(t, o, p)
	if _, err := v.exchangeCode(t, o); err != nil {
		t.Fatal(err)
	}

	if _, err := v.exchangeCode(t, o); tidings.KindOf(err) != tidings.KindUnauthenticated {
		t.Errorf("a code that was used: %v", err)
	}

	// The nonce of another sign-in, with a valid code.
	one, two := authorize(t, o, p), authorize(t, o, p)
	one.query, one.verifier = two.query, two.verifier
	if _, err := one.exchangeCode(t, o); tidings.KindOf(err) != tidings.KindUnauthenticated {
		t.Errorf("another visit's answer: %v", err)
	}
}

func signToken(t *testing.T, key jose.SigningKey, claims []byte) string {
	s, err := jose.NewSigner(key, nil)
	if err != nil {
		t.Error(err)
		return ""
	}

	o, err := s.Sign(claims)
	if err != nil {
		t.Error(err)
		return ""
	}

	text, err := o.CompactSerialize()
	if err != nil {
		t.Error(err)
	}

	return text
}

// TestIssuerIsNamed: a provider that promises to name itself must (RFC 9207).
func TestIssuerIsNamed(t *testing.T) {
	p := oidctest.New(t)
	p.Say(map[string]any{"authorization_response_iss_parameter_supported": true})
	o := openProvider(t, p)
	if _, err := authorize(t, o, p).exchangeCode(t, o); tidings.KindOf(err) != tidings.KindUnauthenticated {
		t.Errorf("an answer that names nobody: %v", err)
	}

	v := authorize(t, o, p)
	v.query.Set("iss", p.URL)
	if _, err := v.exchangeCode(t, o); err != nil {
		t.Error(err)
	}
}

// TestProviderDown: discovery is retried, and the cached document is used
// meanwhile.
func TestProviderDown(t *testing.T) {
	p := oidctest.New(t)
	p.Answer(http.StatusBadGateway)
	var ahead atomic.Int64
	o, err := oidc.New(oidc.Config{Issuer: p.URL, ClientID: oidctest.Client, ClientSecret: oidctest.Secret,
		Clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	if err != nil {
		t.Fatal(err)
	}

	if _, err := o.AuthURL(t.Context(), "s", "n", "v", redirectURL); tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(tidings.Sentence(err), "cannot be reached") {
		t.Errorf("%v", err)
	}

	asked := len(p.Asked)
	if err := o.Ready(t.Context()); tidings.KindOf(err) != tidings.KindUnavailable || len(p.Asked) != asked {
		t.Errorf("asked %v: %v", p.Asked, err)
	}

	p.Answer(0)
	ahead.Store(int64(5 * time.Second))

	if err := o.Ready(t.Context()); err != nil {
		t.Error(err)
	}

	v := authorize(t, o, p)
	p.Answer(http.StatusServiceUnavailable)

	if _, err := v.exchangeCode(t, o); tidings.KindOf(err) != tidings.KindUnavailable {
		t.Errorf("down between the two: %v", err)
	}

	ahead.Store(int64(48 * time.Hour))

	if err := o.Ready(t.Context()); err != nil {
		t.Errorf("what it said yesterday: %v", err)
	}
}

// TestDiscoveryIsHeldAgainst: a discovery document must be consistent.
func TestDiscoveryIsHeldAgainst(t *testing.T) {
	for name, say := range map[string]map[string]any{
		"another issuer":      {"issuer": "https://evil.example"},
		"plain http":          {"token_endpoint": "http://evil.example/token"},
		"no token endpoint":   {"token_endpoint": ""},
		"keys elsewhere":      {"jwks_uri": "file:///etc/passwd"},
		"a document too long": {"padding": strings.Repeat("x", 2<<20)},
	} {
		p := oidctest.New(t)
		p.Say(say)
		if err := openProvider(t, p).Ready(t.Context()); tidings.KindOf(err) != tidings.KindUnavailable {
			t.Errorf("%s: %v", name, err)
		}
	}

	// A redirect is not followed.
	elsewhere := oidctest.New(t)
	lure := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/.well-known/openid-configuration", http.StatusFound))
	defer lure.Close()

	o, err := oidc.New(oidc.Config{Issuer: lure.URL, ClientID: "x"})
	if err != nil {
		t.Fatal(err)
	}

	if err := o.Ready(t.Context()); tidings.KindOf(err) != tidings.KindUnavailable || len(elsewhere.Asked) > 0 {
		t.Errorf("%v, asked %v", err, elsewhere.Asked)
	}
}

func TestSettings(t *testing.T) {
	for issuer, ok := range map[string]bool{
		"https://id.example": true, "https://id.example/realms/a": true, "http://localhost:9000": true, "http://127.0.0.1:9000": true, "http://[::1]:9000": true,
		"http://id.example": false, "id.example": false, "": false, "https://id.example?x=1": false, "https://u:p@id.example": false, "ftp://localhost": false,
	} {
		_, err := oidc.New(oidc.Config{Issuer: issuer, ClientID: "x"})
		if (err == nil) != ok {
			t.Errorf("%q: %v", issuer, err)
		}
	}

	if _, err := oidc.New(oidc.Config{Issuer: "https://id.example"}); err == nil {
		t.Error("no client id is needed")
	}
}

// TestPublicClient: without a secret the client names itself in the form.
func TestPublicClient(t *testing.T) {
	var form url.Values
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()

	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"issuer": server.URL, "authorization_endpoint": server.URL + "/a", "token_endpoint": server.URL + "/t", "jwks_uri": server.URL + "/k"})
	})
	mux.HandleFunc("POST /t", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		form = r.PostForm
		w.WriteHeader(http.StatusBadRequest)
	})

	o, err := oidc.New(oidc.Config{Issuer: server.URL, ClientID: "public"})
	if err != nil {
		t.Fatal(err)
	}

	if _, err := o.Claims(t.Context(), "c", "", "n", "the-verifier", redirectURL); tidings.KindOf(err) != tidings.KindUnauthenticated {
		t.Error(err)
	}

	if form.Get("client_id") != "public" || form.Get("code_verifier") != "the-verifier" {
		t.Errorf("%v", form)
	}
}
