package admin

import (
	"context"
	"fmt"
	"strings"

	"tidings.example/tidings/tidings"
)

// CheckStorage asks an S3 server whether it is ready.
func CheckStorage(endpoint string, ready func(ctx context.Context) error) Check {
	return func(ctx context.Context) []Finding {
		if err := ready(ctx); err != nil {
			return reportFailure("storage", "%s: %v", endpoint, err)
		}
		return reportOK("storage", "%s", endpoint)
	}
}

// CheckMeilisearch checks a Meilisearch at url; examine returns its version.
func CheckMeilisearch(url string, examine func(ctx context.Context) (version string, err error)) Check {
	return func(ctx context.Context) []Finding {
		version, err := examine(ctx)
		if err != nil {
			return reportFailure("search", "%s: %s (%v)", url, tidings.Sentence(err), err)
		}
		return reportOK("search", "Meilisearch %s at %s", version, url)
	}
}

// MailServer is what CheckMail needs of a mailer.
type MailServer interface {
	Check(ctx context.Context) error // signs in at the mail server
	Address() string                 // host and port
}

// CheckMail signs in at the mail server.
func CheckMail(m MailServer, from string) Check {
	return func(ctx context.Context) []Finding {
		if err := m.Check(ctx); err != nil {
			return reportFailure("mail", "%s: %v", m.Address(), err)
		}
		return reportOK("mail", "%s, from %s", m.Address(), from)
	}
}

// CheckFailed reports settings from which a service cannot be made.
func CheckFailed(name string, err error) Check {
	return func(context.Context) []Finding { return reportFailure(name, "%s", DescribeError(err)) }
}

// SignInProvider is what CheckSignIn needs of an OpenID provider.
type SignInProvider interface {
	Ready(ctx context.Context) error
	Name() string
}

// SignInConfig is the settings of signing in by an OpenID provider.
type SignInConfig struct {
	Provider  SignInProvider
	Issuer    string
	SignUp    string // role of people who join, or "off"
	Domains   string // whose addresses may sign in; "" = any
	Workspace string // id of the workspace they join; "" = the oldest
	PublicURL string // of the server

	// HasWorkspace looks for Workspace; KindNotFound while there is no database.
	HasWorkspace func(ctx context.Context) (bool, error)
}

// CheckSignIn asks the OpenID provider and looks for risky settings. The server
// runs without the provider: people have passwords and passkeys.
func CheckSignIn(c SignInConfig) Check {
	return func(ctx context.Context) []Finding {
		if err := c.Provider.Ready(ctx); err != nil {
			return reportWarning("oidc", "%s: %v", c.Issuer, err)
		}

		if c.Workspace != "" {
			has, err := c.HasWorkspace(ctx)
			switch {
			case err != nil && tidings.KindOf(err) != tidings.KindNotFound: // a new installation has no database
				return reportFailure("oidc", "oidc-workspace: %v", err)
			case err == nil && !has:
				return reportFailure("oidc", "%s", NoSignUpWorkspace(c.Workspace))
			}
		}

		text := fmt.Sprintf("%s at %s; unknown people: %s", c.Provider.Name(), c.Issuer, c.SignUp)
		switch {
		case c.PublicURL == "":
			return reportWarning("oidc", "%s; set public-url, so that the address the provider sends people back to is always the same", text)
		case c.SignUp != "off" && c.Domains == "":
			return reportWarning("oidc", "%s; anybody with an account there may join, unless oidc-allowed-domains says otherwise", text)
		}

		return reportOK("oidc", "%s; it must send people back to %s/auth/oidc/callback", text, strings.TrimRight(c.PublicURL, "/"))
	}
}

// NoSignUpWorkspace is the message that the workspace new people are to join
// does not exist.
func NoSignUpWorkspace(id string) string {
	return fmt.Sprintf("oidc-workspace: no workspace has the id %s, so nobody new can join by the provider; tidings workspace list shows those there are", id)
}

// CheckSpeech reports the speech engines of the settings. dir is the folder of
// the built-in one.
func CheckSpeech(engines []tidings.SpeechEngine, dir string) Check {
	return func(context.Context) (out []Finding) {
		for _, e := range engines {
			switch {
			case e.Missing != "":
				out = append(out, reportWarning("speech", "%s: %s", e.Name, e.Missing)...)
			case e.Live:
				out = append(out, reportOK("speech", "%s, model %s; on this machine, in %s", e.Name, e.Model, dir)...)
			case e.Remote:
				out = append(out, reportOK("speech", "%s, model %s; the sound of clips leaves this machine", e.Name, e.Model)...)
			default:
				out = append(out, reportOK("speech", "%s, model %s; on this machine", e.Name, e.Model)...)
			}
		}
		return out
	}
}
