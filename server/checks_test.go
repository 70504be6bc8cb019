package server

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/oidc/oidctest"
	"tidings.example/tidings/store"
)

// TestDoctorAsksTheProvider: the findings for a provider that answers, is
// down, or lets every account of the provider join.
func TestDoctorAsksTheProvider(t *testing.T) {
	p := oidctest.New(t)
	good := Config{OIDCIssuer: p.URL, OIDCClientID: "t", OIDCSignup: "member", OIDCDomains: "example.org", PublicURL: "https://tidings.example"}
	for name, c := range map[string]struct {
		change      func(*Config)
		state, says string
	}{
		"good":          {func(*Config) {}, "ok", "https://tidings.example/auth/oidc/callback"},
		"no public URL": {func(c *Config) { c.PublicURL = "" }, "warn", "without a public URL"},
		"anybody":       {func(c *Config) { c.OIDCDomains = "" }, "warn", "anybody"},
		"no issuer":     {func(c *Config) { c.OIDCIssuer = "http://id.example" }, "fail", "https://"},
		"no database":   {func(c *Config) { c.OIDCWorkspace, c.Data = "01ARYZ6S41TSV4RRFFQ69G5FAV", t.TempDir() }, "ok", "https://tidings.example/auth/oidc/callback"},
		"no workspace":  {func(c *Config) { c.OIDCWorkspace, c.Data = "01ARYZ6S41TSV4RRFFQ69G5FAV", database(t) }, "fail", "no workspace has the id 01ARYZ6S41TSV4RRFFQ69G5FAV"},
		"no file":       {func(c *Config) { c.OIDCSecretFile = filepath.Join(t.TempDir(), "none") }, "fail", "cannot be read"},
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

	if found := new(Config).checkSignIn()(t.Context()); found != nil {
		t.Errorf("without one: %+v", found)
	}

	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	good.OIDCSecretFile = file
	if o, err := good.oidcProvider(); err != nil || o.ClientSecret != "s3cret" {
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
