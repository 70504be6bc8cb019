package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tidings.example/tidings/tidings"
)

// FixFunc says what to do about the error of a check, in terms of the settings.
type FixFunc func(err error) string

// describeCause is the sentence of an error, if it has one, and its cause.
func describeCause(err error) string {
	var e *tidings.Error
	if !errors.As(err, &e) || e.Err == nil {
		return DescribeError(err)
	}
	return fmt.Sprintf("%s (%v)", e.Msg, e.Err)
}

// CheckStorage asks an S3 server whether the bucket can be used.
func CheckStorage(endpoint string, examine func(ctx context.Context) error, fix FixFunc) Check {
	return func(ctx context.Context) []Finding {
		if err := examine(ctx); err != nil {
			return reportFailure("storage", fix(err), "%s: %s", endpoint, describeCause(err))
		}
		return reportOK("storage", "%s", endpoint)
	}
}

// CheckMeilisearch checks a Meilisearch at url; examine returns its version.
func CheckMeilisearch(url string, examine func(ctx context.Context) (version string, err error), fix FixFunc) Check {
	return func(ctx context.Context) []Finding {
		version, err := examine(ctx)
		if err != nil {
			return reportFailure("search", fix(err), "%s: %s", url, describeCause(err))
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
func CheckMail(m MailServer, from string, fix FixFunc) Check {
	return func(ctx context.Context) []Finding {
		if err := m.Check(ctx); err != nil {
			return reportFailure("mail", fix(err), "%s: %v", m.Address(), err)
		}
		return reportOK("mail", "%s, from %s", m.Address(), from)
	}
}

// CheckMailLinks is the check of a mail server that works while links for
// forgotten passwords, which need a public URL, cannot be mailed.
func CheckMailLinks(mail Check) Check {
	return func(ctx context.Context) []Finding {
		findings := mail(ctx)
		if Failed(findings) {
			return findings
		}
		return reportWarning("mail", "Set --public-url to the URL people use.", "%s; without a public URL no links for forgotten passwords are mailed", findings[0].Text)
	}
}

// CheckFailed reports settings from which a service cannot be made.
func CheckFailed(name, fix string, err error) Check {
	return func(context.Context) []Finding { return reportFailure(name, fix, "%s", DescribeError(err)) }
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
func CheckSignIn(c SignInConfig, fix FixFunc) Check {
	return func(ctx context.Context) []Finding {
		if err := c.Provider.Ready(ctx); err != nil {
			return reportWarning("oidc", fix(err), "%s: %s", c.Issuer, describeCause(err))
		}

		if c.Workspace != "" {
			has, err := c.HasWorkspace(ctx)
			switch {
			case err != nil && tidings.KindOf(err) != tidings.KindNotFound: // a new installation has no database
				return reportFailure("oidc", "The database cannot be read: run tidings audit, and look at the log of tidings serve.", "oidc-workspace: %v", err)
			case err == nil && !has:
				return reportFailure("oidc", "Set --oidc-workspace to an id that tidings workspace list prints.", "%s", NoSignUpWorkspace(c.Workspace))
			}
		}

		text := fmt.Sprintf("%s at %s; unknown people: %s", c.Provider.Name(), c.Issuer, c.SignUp)
		switch {
		case c.PublicURL == "":
			return reportWarning("oidc", "Set --public-url to the URL people use, and register PUBLIC-URL/auth/oidc/callback at the provider.",
				"%s; without a public URL the address the provider sends people back to depends on the request", text)
		case c.SignUp != "off" && c.Domains == "":
			return reportWarning("oidc", "Set --oidc-allowed-domains to the domains of your people's addresses, or --oidc-signup to off. With a provider of your own alone this may stay.",
				"%s; anybody with an account there may join", text)
		}

		return reportOK("oidc", "%s; it must send people back to %s/auth/oidc/callback", text, strings.TrimRight(c.PublicURL, "/"))
	}
}

// NoSignUpWorkspace is the message that the workspace new people are to join
// does not exist.
func NoSignUpWorkspace(id string) string {
	return fmt.Sprintf("oidc-workspace: no workspace has the id %s, so nobody new can join by the provider; tidings workspace list shows those there are", id)
}

// describeLanguages names the languages of an engine that knows few.
func describeLanguages(e tidings.SpeechEngine) string {
	if len(e.Languages) == 0 {
		return ""
	}
	return "; it understands " + strings.Join(e.Languages, " ") + " alone: speech in other languages comes out as nonsense, unless a model that knows them is installed"
}

// CheckSpeech reports the speech engines of the settings. dir is the folder of
// the built-in one.
func CheckSpeech(engines []tidings.SpeechEngine, dir string, fix func(tidings.SpeechEngine) string) Check {
	return func(context.Context) (out []Finding) {
		for _, e := range engines {
			switch {
			case e.Missing != "":
				out = append(out, reportWarning("speech", fix(e), "%s: %s", e.Name, e.Missing)...)
			case e.Live:
				out = append(out, reportOK("speech", "%s, model %s; on this machine, in %s", e.Name, e.Model, dir)...)
			case e.Remote:
				out = append(out, reportOK("speech", "%s, model %s; the sound of clips leaves this machine", e.Name, e.Model)...)
			default:
				out = append(out, reportOK("speech", "%s, model %s; on this machine%s", e.Name, e.Model, describeLanguages(e))...)
			}
		}
		return out
	}
}
