package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/oidc/oidctest"
	"tidings.example/tidings/store"
)

func TestConfigOIDC(t *testing.T) {
	const issuer, client = "TIDINGS_OIDC_ISSUER", "TIDINGS_OIDC_CLIENT_ID"
	for name, c := range map[string]struct {
		env  map[string]string
		says string // "" = all is well
	}{
		"none":            {nil, ""},
		"all":             {map[string]string{issuer: "https://id.example", client: "t", "TIDINGS_OIDC_SIGNUP": "member", "TIDINGS_OIDC_ALLOWED_DOMAINS": "Example.org, a.example"}, ""},
		"no client":       {map[string]string{issuer: "https://id.example"}, "oidc-client-id"},
		"no issuer":       {map[string]string{client: "t"}, "oidc-issuer"},
		"owners join":     {map[string]string{issuer: "https://id.example", client: "t", "TIDINGS_OIDC_SIGNUP": "owner"}, "oidc-signup"},
		"two secrets":     {map[string]string{issuer: "https://id.example", client: "t", "TIDINGS_OIDC_CLIENT_SECRET": "canary", "TIDINGS_OIDC_CLIENT_SECRET_FILE": "f"}, "exclude each other"},
		"an address":      {map[string]string{issuer: "https://id.example", client: "t", "TIDINGS_OIDC_ALLOWED_DOMAINS": "ana@example.org"}, "oidc-allowed-domains"},
		"a wildcard":      {map[string]string{issuer: "https://id.example", client: "t", "TIDINGS_OIDC_ALLOWED_DOMAINS": "*.org"}, "oidc-allowed-domains"},
		"no workspace id": {map[string]string{issuer: "https://id.example", client: "t", "TIDINGS_OIDC_WORKSPACE": "Harbour"}, "oidc-workspace"},
	} {
		_, _, err := loadConfig("serve", nil, env(c.env), io.Discard)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "canary")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDoctorAsksTheProvider: what is said of one that answers, is down, or is
// set up so that anybody may join.
func TestDoctorAsksTheProvider(t *testing.T) {
	p := oidctest.New(t)
	good := config{OIDCIssuer: p.URL, OIDCClientID: "t", OIDCSignup: "member", OIDCDomains: "example.org", PublicURL: "https://tidings.example"}
	for name, c := range map[string]struct {
		change      func(*config)
		state, says string
	}{
		"good":          {func(*config) {}, "ok", "https://tidings.example/auth/oidc/callback"},
		"no public URL": {func(c *config) { c.PublicURL = "" }, "warn", "public-url"},
		"anybody":       {func(c *config) { c.OIDCDomains = "" }, "warn", "anybody"},
		"no issuer":     {func(c *config) { c.OIDCIssuer = "http://id.example" }, "fail", "https://"},
		"no database":   {func(c *config) { c.OIDCWorkspace, c.Data = "01ARYZ6S41TSV4RRFFQ69G5FAV", t.TempDir() }, "ok", "https://tidings.example/auth/oidc/callback"},
		"no workspace":  {func(c *config) { c.OIDCWorkspace, c.Data = "01ARYZ6S41TSV4RRFFQ69G5FAV", database(t) }, "fail", "no workspace has the id 01ARYZ6S41TSV4RRFFQ69G5FAV"},
		"no file":       {func(c *config) { c.OIDCSecretFile = filepath.Join(t.TempDir(), "none") }, "fail", "cannot be read"},
	} {
		cfg := good
		c.change(&cfg)
		found := cfg.checkSignIn()(t.Context())
		if len(found) != 1 || found[0].State != c.state || !strings.Contains(found[0].Text, c.says) {
			t.Errorf("%s: %+v", name, found)
		}
	}

	p.Answer(http.StatusBadGateway)

	if found := good.checkSignIn()(t.Context()); found[0].State != "warn" || !strings.Contains(found[0].Text, "502") {
		t.Errorf("down: %+v", found)
	}

	if found := new(config).checkSignIn()(t.Context()); found != nil {
		t.Errorf("without one: %+v", found)
	}

	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	good.OIDCSecretFile = file
	if o, err := good.provider(); err != nil || o.ClientSecret != "s3cret" {
		t.Errorf("%+v %v", o, err)
	}
}

// database is a data folder whose server does not run.
func database(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Config{Dir: dir})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
