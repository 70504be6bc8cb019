package main

import (
	"io"
	"strings"
	"testing"
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
		_, _, err := loadConfig("serve", nil, envFrom(c.env), io.Discard)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "canary")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
