package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// OIDC is an OpenID provider people may sign in by; see package oidc.
type OIDC interface {
	Name() string
	Issuer() string
	// AuthURL is where a browser is sent to. KindUnavailable while the provider is down.
	AuthURL(ctx context.Context, state, nonce, verifier, redirect string) (string, error)
	// Claims trades the code of an answer for what the provider says of the
	// person: KindUnauthenticated when its word cannot be trusted,
	// KindUnavailable while it is down. iss is the answer's own parameter.
	Claims(ctx context.Context, code, iss, nonce, verifier, redirect string) (tidings.Claims, error)
}

// OIDCRules say what somebody whom the provider knows may do here.
type OIDCRules struct {
	Domains      []string     // only addresses of these, confirmed by the provider; none = any
	SignUp       tidings.Role // unknown people join with this role; "" = they may not
	Workspace    tidings.ID   // which they join; "" = the oldest one
	LinkVerified bool         // a confirmed address opens the local account that has it
}

// oidcFlow is what is remembered while a browser is at the provider.
type oidcFlow struct {
	Nonce    string     `json:"nonce"`
	Verifier string     `json:"verifier"` // of PKCE, RFC 7636
	Next     string     `json:"next"`
	Link     tidings.ID `json:"-"` // who connects an account; "" = somebody signs in
}

// The problems that the login page and the security page can say something of.
var oidcProblems = map[string]string{
	"off":          "Signing in this way is not set up here.",
	"down":         "%s cannot be reached just now. You can sign in with your password or a passkey.",
	"denied":       "You were not signed in: %s says that it was cancelled or refused.",
	"expired":      "That took too long, or was begun in another browser. Try again.",
	"untrusted":    "The answer of %s could not be trusted, so it was not accepted. If it happens again, tell whoever runs this server.",
	"unverified":   "%s has not confirmed your email address. Confirm it there and try again.",
	"domain":       "Accounts with your email address may not sign in here.",
	"unknown":      "Nobody here has this account at %s. Ask for an invitation, or sign in and connect it in Settings.",
	"taken":        "There is an account with your email address already. Sign in to it, then connect %s in Settings.",
	"someone_else": "This account at %s is connected to somebody else here.",
	"signed_out":   "You were signed out meanwhile. Sign in and connect %s again.",
}

// oidcProblem is the sentence for a code from the address; "" for none.
func (s *server) oidcProblem(code string) string {
	text := oidcProblems[code]
	name := "The provider"
	if s.OIDC != nil {
		name = s.OIDC.Name()
	}
	return strings.ReplaceAll(text, "%s", name)
}

// refusal is why somebody who came back from the provider is not let in.
type refusal string

func (r refusal) Error() string { return "oidc: " + string(r) }

func (s *server) redirectURI(ctx context.Context) string {
	return request.FromContext(ctx).BaseURL + "/auth/oidc/callback"
}

// beginOIDC remembers a flow and gives the URL at the provider.
func (s *server) beginOIDC(ctx context.Context, f oidcFlow) (string, error) {
	if err := s.begins.Check(auth.AddressKey(request.FromContext(ctx).ClientIP)); err != nil {
		return "", err
	}

	state := randomText(32)
	f.Nonce, f.Verifier = randomText(32), randomText(32)
	to, err := s.OIDC.AuthURL(ctx, state, f.Nonce, f.Verifier, s.redirectURI(ctx))
	if err != nil {
		return "", err
	}

	data, err := json.Marshal(f)
	if err != nil {
		return "", err
	}

	return to, s.Store.BeginCeremony(ctx, state, tidings.Ceremony{Kind: tidings.CeremonyOIDC, UserID: f.Link, Browser: bindBrowser(request.FromContext(ctx)), Data: data, ExpiresAt: s.Clock().Add(flowTime)})
}

// oidcStart is GET /auth/oidc/start.
func (s *server) oidcStart(c echo.Context) error {
	ctx := c.Request().Context()
	next := request.LocalPath(c.QueryParam("next"))
	if s.OIDC == nil {
		return s.oidcFailed(c, refusal("off"), oidcFlow{Next: next})
	}
	to, err := s.beginOIDC(ctx, oidcFlow{Next: next})
	if err != nil {
		return s.oidcFailed(c, err, oidcFlow{Next: next})
	}
	return redirect(c, to)
}

// oidcCallback is GET /auth/oidc/callback: the browser comes back.
func (s *server) oidcCallback(c echo.Context) error {
	ctx := c.Request().Context()

	if s.OIDC == nil {
		return s.oidcFailed(c, refusal("off"), oidcFlow{})
	}
	if err := s.logins.Check("provider " + auth.AddressKey(request.FromContext(ctx).ClientIP)); err != nil {
		return err
	}

	f, err := s.takeOIDC(ctx, c.QueryParam("state"))
	if err != nil {
		return s.oidcFailed(c, err, f)
	}
	if c.QueryParam("error") != "" {
		return s.oidcFailed(c, refusal("denied"), f)
	}

	claims, err := s.OIDC.Claims(ctx, c.QueryParam("code"), c.QueryParam("iss"), f.Nonce, f.Verifier, s.redirectURI(ctx))
	if err == nil && f.Link != "" {
		err = s.connect(ctx, claims, f.Link)
	} else if err == nil {
		err = s.enter(ctx, claims)
	}

	if err != nil {
		return s.oidcFailed(c, err, f)
	}

	return redirect(c, cmp.Or(f.Next, "/"))
}

// takeOIDC takes the flow that state was given out for, in this browser.
func (s *server) takeOIDC(ctx context.Context, state string) (f oidcFlow, err error) {
	begun, err := s.Store.TakeCeremony(ctx, tidings.CeremonyOIDC, state, flowBrowser(request.FromContext(ctx)))
	if tidings.KindOf(err) == tidings.KindNotFound {
		return f, refusal("expired")
	}
	if err == nil {
		err = json.Unmarshal(begun.Data, &f)
	}
	f.Link = begun.UserID
	return f, err
}

// oidcFailed takes a browser back to where it was, with a word why. Errors of
// our own go to the log and the error page.
func (s *server) oidcFailed(c echo.Context, err error, f oidcFlow) error {
	var why refusal
	switch kind := tidings.KindOf(err); {
	case errors.As(err, &why):
	case kind == tidings.KindUnavailable:
		why = "down"
	case kind == tidings.KindUnauthenticated:
		why = "untrusted"
	default:
		return err
	}

	request.FromContext(c.Request().Context()).Log.Warn("signing in by the OpenID provider failed", "why", string(why), "error", err)
	query := url.Values{"problem": {string(why)}}
	if f.Link != "" && request.SubjectOf(c.Request().Context()).UserID != "" {
		return redirect(c, "/settings/security?"+query.Encode())
	}

	if f.Next != "" {
		query.Set("next", f.Next)
	}

	return redirect(c, "/login?"+query.Encode())
}

// connect makes the provider's account a way to sign in as the person who
// began it, who must still be signed in here.
func (s *server) connect(ctx context.Context, c tidings.Claims, user tidings.ID) error {
	if request.SubjectOf(ctx).UserID != user || auth.RequireSession(ctx) != nil {
		return refusal("signed_out")
	}
	err := s.Store.LinkIdentity(ctx, tidings.Identity{UserID: user, Issuer: c.Issuer, Subject: c.Subject, Email: c.Email})
	if tidings.KindOf(err) == tidings.KindConflict {
		return refusal("someone_else")
	}
	return err
}

// allowed holds claims against the list of domains.
func (r OIDCRules) allowed(c tidings.Claims) error {
	if len(r.Domains) == 0 {
		return nil
	}
	if !c.EmailVerified {
		return refusal("unverified")
	}

	at := strings.LastIndexByte(c.Email, '@')
	if at < 0 || !slices.Contains(r.Domains, strings.ToLower(c.Email[at+1:])) {
		return refusal("domain")
	}

	return nil
}

// enter signs in whoever the provider's account belongs to: by issuer and
// subject, never by an address alone.
func (s *server) enter(ctx context.Context, c tidings.Claims) error {
	if err := s.Rules.allowed(c); err != nil {
		return err
	}

	known, err := s.Store.IdentityBySubject(ctx, c.Issuer, c.Subject)
	user := known.UserID
	switch {
	case err == nil:
		err = s.Store.UseIdentity(ctx, known.ID, c.Email)
	case tidings.KindOf(err) == tidings.KindNotFound:
		user, err = s.welcome(ctx, c)
	}

	if err != nil {
		return err
	}

	return s.auth.SignIn(ctx, user, tidings.ByOIDC)
}

// welcome finds or makes the account of somebody whose provider's account is
// new here.
func (s *server) welcome(ctx context.Context, c tidings.Claims) (tidings.ID, error) {
	if !s.Rules.LinkVerified && s.Rules.SignUp == "" {
		return "", refusal("unknown")
	}
	if !c.EmailVerified || !validEmail(c.Email) {
		return "", refusal("unverified")
	}

	identity := tidings.Identity{Issuer: c.Issuer, Subject: c.Subject, Email: c.Email}
	has, _, err := s.Store.UserByEmail(ctx, c.Email)
	switch {
	case err == nil && s.Rules.LinkVerified:
		identity.UserID = has.ID
		return has.ID, s.Store.LinkIdentity(ctx, identity)
	case err == nil:
		return "", refusal("taken")
	case tidings.KindOf(err) != tidings.KindNotFound:
		return "", err
	case s.Rules.SignUp == "":
		return "", refusal("unknown")
	}

	name, _, _ := strings.Cut(c.Email, "@")
	u := tidings.User{Email: c.Email, Name: cmp.Or(strings.TrimSpace(firstRunes(c.Name, 100)), name), TimeZone: "UTC"}
	if validZone(c.Zone) {
		u.TimeZone = c.Zone
	}

	u, err = s.Store.JoinByIdentity(ctx, u, identity, s.Rules.Workspace, s.Rules.SignUp)
	if tidings.KindOf(err) == tidings.KindConflict {
		return "", refusal("taken")
	}

	return u.ID, err
}

// firstRunes is text without control characters, cut after n characters.
func firstRunes(text string, n int) string {
	runes := slices.DeleteFunc([]rune(text), func(r rune) bool { return r < ' ' || r == 0x7f })
	return string(runes[:min(len(runes), n)])
}
