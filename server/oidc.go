package server

import (
	"context"
	"strings"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/endpoint"
	"tidings.example/tidings/oidc"
	"tidings.example/tidings/tidings"
)

// validateOIDC checks the settings of the OpenID provider.
func (c *Config) validateOIDC(bad func(name, format string, args ...any)) {
	switch tidings.Role(c.OIDCSignup) {
	case "off", tidings.RoleGuest, tidings.RoleMember, tidings.RoleAdmin:
	default:
		bad("oidc-signup", "%q is not one of off, guest, member, admin", c.OIDCSignup)
	}

	if _, ok := tidings.ParseID(c.OIDCWorkspace); c.OIDCWorkspace != "" && !ok {
		bad("oidc-workspace", "%q is not the id of a workspace", c.OIDCWorkspace)
	}

	if c.OIDCSecret != "" && c.OIDCSecretFile != "" {
		bad("oidc-client-secret and oidc-client-secret-file", "exclude each other")
	}

	if c.OIDCIssuer == "" && (c.OIDCClientID != "" || c.OIDCSignup != "off") {
		bad("oidc-issuer", "is needed with the other settings of the OpenID provider")
	}

	if c.OIDCIssuer != "" && c.OIDCClientID == "" {
		bad("oidc-client-id", "is needed with oidc-issuer")
	}

	for _, domain := range c.oidcDomains() {
		if strings.ContainsAny(domain, "@*/ ") || !strings.Contains(domain, ".") {
			bad("oidc-allowed-domains", "%q is not a domain such as example.org", domain)
		}
	}
}

func (c *Config) oidcDomains() (out []string) {
	for _, d := range strings.Split(c.OIDCDomains, ",") {
		if d = strings.ToLower(strings.TrimSpace(d)); d != "" {
			out = append(out, d)
		}
	}
	return out
}

// oidcProvider makes the OpenID provider of the settings, nil when there is none.
// It sends no request yet.
func (c *Config) oidcProvider() (*oidc.Provider, error) {
	if c.OIDCIssuer == "" {
		return nil, nil
	}

	secret, err := endpoint.ReadKey(c.OIDCSecret, c.OIDCSecretFile, "the secret of the OpenID provider")
	if err != nil {
		return nil, err
	}

	return oidc.New(oidc.Config{Issuer: c.OIDCIssuer, ClientID: c.OIDCClientID, ClientSecret: secret, Name: c.OIDCName})
}

func (c *Config) oidcRules() auth.OIDCRules {
	r := auth.OIDCRules{Domains: c.oidcDomains(), Workspace: tidings.ID(c.OIDCWorkspace), LinkVerified: c.OIDCLink}
	if c.OIDCSignup != "off" {
		r.SignUp = tidings.Role(c.OIDCSignup)
	}
	return r
}

// CheckSignUp logs an error at start when the workspace that new people are to join
// does not exist. The server starts anyway, for the people it has.
func (a *App) CheckSignUp(ctx context.Context) error {
	if a.oidc == nil || a.Config.OIDCWorkspace == "" {
		return nil
	}
	_, err := a.Store.Workspace(ctx, tidings.ID(a.Config.OIDCWorkspace))
	if tidings.KindOf(err) == tidings.KindNotFound {
		a.log.Error(admin.NoSignUpWorkspace(a.Config.OIDCWorkspace))
		return nil
	}
	return err
}
