package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/tidings"
)

// OIDCStore is what oidcHandlers needs of the rows.
type OIDCStore interface {
	// A ceremony is identified by its challenge or state and can be taken once:
	// KindNotFound for one that is taken, expired, or of another browser.
	BeginCeremony(ctx context.Context, secret string, c tidings.Ceremony) error
	Identities(ctx context.Context, user tidings.ID) ([]tidings.Identity, error)
	IdentityBySubject(ctx context.Context, issuer, subject string) (tidings.Identity, error)
	JoinByIdentity(ctx context.Context, u tidings.User, i tidings.Identity, ws tidings.ID, role tidings.Role) (tidings.User, error)
	LinkIdentity(ctx context.Context, i tidings.Identity) error // KindConflict: linked to another user
	TakeCeremony(ctx context.Context, kind tidings.CeremonyKind, secret string, browser []byte) (tidings.Ceremony, error)
	UnlinkIdentity(ctx context.Context, user, id tidings.ID, ways tidings.SignInOptions) error // KindConflict: the last way to sign in
	UseIdentity(ctx context.Context, id tidings.ID, email string) error
	User(ctx context.Context, id tidings.ID) (tidings.User, error)
	UserByEmail(ctx context.Context, email string) (u tidings.User, passwordHash string, err error)
}

// OIDCHandlers serves sign-in by an OpenID provider and the accounts linked to
// it.
type OIDCHandlers struct {
	Store            OIDCStore
	Methods          *SignInMethods
	Authenticator    *Authenticator
	ChallengeLimiter *Limiter
	Clock            tidings.Clock
	Provider         OIDCProvider
	Rules            OIDCRules
	SignInLimiter    *Limiter
}

// OIDCProvider is the OpenID provider; see package oidc.
type OIDCProvider interface {
	Name() string
	Issuer() string
	// AuthURL is the authorization endpoint with its parameters.
	// KindUnavailable while the provider is down.
	AuthURL(ctx context.Context, state, nonce, verifier, redirect string) (string, error)
	// Claims exchanges the code of a callback for the claims of the ID token:
	// KindUnauthenticated when it cannot be verified, KindUnavailable while the
	// provider is down. iss is the callback's own parameter.
	Claims(ctx context.Context, code, iss, nonce, verifier, redirect string) (tidings.Claims, error)
}

// OIDCRules are the rules for people who sign in by the provider.
type OIDCRules struct {
	Domains      []string     // only confirmed addresses of these; none = any
	SignUp       tidings.Role // role of new users; "" = no sign-up
	Workspace    tidings.ID   // of new users; "" = the oldest one
	LinkVerified bool         // a confirmed address signs in to the local account that has it
}

// oidcFlow is the state of a sign-in while the browser is at the provider.
type oidcFlow struct {
	Nonce    string     `json:"nonce"`
	Verifier string     `json:"verifier"` // of PKCE, RFC 7636
	Next     string     `json:"next"`
	Link     tidings.ID `json:"-"` // the user who links an account; "" = a sign-in
}

// oidcProblems are the sentences of the login and security page, by the code in
// the URL.
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

// oidcRefusal is why a callback of the provider does not sign in.
type oidcRefusal string

func (r oidcRefusal) Error() string { return "oidc: " + string(r) }

func (h *OIDCHandlers) redirectURI(ctx context.Context) string {
	return request.FromContext(ctx).BaseURL + "/auth/oidc/callback"
}

// beginFlow stores a flow and returns the URL at the provider.
func (h *OIDCHandlers) beginFlow(ctx context.Context, f oidcFlow) (string, error) {
	if err := h.Authenticator.delayChallenge(ctx, h.ChallengeLimiter); err != nil {
		return "", err
	}

	state := RandomText(32)
	f.Nonce, f.Verifier = RandomText(32), RandomText(32)
	to, err := h.Provider.AuthURL(ctx, state, f.Nonce, f.Verifier, h.redirectURI(ctx))
	if err != nil {
		return "", err
	}

	data, err := json.Marshal(f)
	if err != nil {
		return "", err
	}

	return to, h.Store.BeginCeremony(ctx, state, tidings.Ceremony{Kind: tidings.CeremonyOIDC, UserID: f.Link, Browser: bindFlowBrowser(request.FromContext(ctx)), Data: data, ExpiresAt: h.Clock().Add(flowTime)})
}

// Start is GET /auth/oidc/start.
func (h *OIDCHandlers) Start(c echo.Context) error {
	ctx := c.Request().Context()
	next := request.LocalPath(c.QueryParam("next"))
	if h.Provider == nil {
		return h.redirectWithProblem(c, oidcRefusal("off"), oidcFlow{Next: next})
	}
	to, err := h.beginFlow(ctx, oidcFlow{Next: next})
	if err != nil {
		return h.redirectWithProblem(c, err, oidcFlow{Next: next})
	}
	return response.Redirect(c, to)
}

// Callback is GET /auth/oidc/callback: the browser returns from the provider.
// Unknown states are limited by address; those of flows are never refused for it:
// they cannot be guessed.
func (h *OIDCHandlers) Callback(c echo.Context) error {
	ctx := c.Request().Context()

	if h.Provider == nil {
		return h.redirectWithProblem(c, oidcRefusal("off"), oidcFlow{})
	}

	f, err := h.takeOIDCFlow(ctx, c.QueryParam("state"))
	if err != nil {
		return h.countFlowMiss(c, err, f)
	}
	if c.QueryParam("error") != "" {
		return h.redirectWithProblem(c, oidcRefusal("denied"), f)
	}

	claims, err := h.Provider.Claims(ctx, c.QueryParam("code"), c.QueryParam("iss"), f.Nonce, f.Verifier, h.redirectURI(ctx))
	if err == nil && f.Link != "" {
		err = h.linkIdentity(ctx, claims, f.Link)
	} else if err == nil {
		err = h.signInByClaims(ctx, claims)
	}

	if err != nil {
		return h.redirectWithProblem(c, err, f)
	}

	return response.Redirect(c, cmp.Or(f.Next, "/"))
}

// countFlowMiss answers a callback without a flow.
func (h *OIDCHandlers) countFlowMiss(c echo.Context, err error, f oidcFlow) error {
	if errors.Is(err, oidcRefusal("expired")) {
		if limited := h.SignInLimiter.Check("provider " + AddressKey(request.FromContext(c.Request().Context()).ClientIP)); limited != nil {
			return limited
		}
	}
	return h.redirectWithProblem(c, err, f)
}

// takeOIDCFlow is the flow of the state, once, and only in the browser that began
// it.
func (h *OIDCHandlers) takeOIDCFlow(ctx context.Context, state string) (f oidcFlow, err error) {
	begun, err := h.Store.TakeCeremony(ctx, tidings.CeremonyOIDC, state, flowBrowserHash(request.FromContext(ctx)))
	if tidings.KindOf(err) == tidings.KindNotFound {
		return f, oidcRefusal("expired")
	}
	if err == nil {
		err = json.Unmarshal(begun.Data, &f)
	}
	f.Link = begun.UserID
	return f, err
}

// redirectWithProblem returns the browser to the page it came from, with a
// problem code. Internal errors are logged and get the error page.
func (h *OIDCHandlers) redirectWithProblem(c echo.Context, err error, f oidcFlow) error {
	var why oidcRefusal
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
		return response.Redirect(c, "/settings/security?"+query.Encode())
	}

	if f.Next != "" {
		query.Set("next", f.Next)
	}

	return response.Redirect(c, "/login?"+query.Encode())
}

// linkIdentity links the provider's account to the person who began the flow
// and must still be signed in.
func (h *OIDCHandlers) linkIdentity(ctx context.Context, c tidings.Claims, user tidings.ID) error {
	if request.SubjectOf(ctx).UserID != user || RequireSession(ctx) != nil {
		return oidcRefusal("signed_out")
	}
	err := h.Store.LinkIdentity(ctx, tidings.Identity{UserID: user, Issuer: c.Issuer, Subject: c.Subject, Email: c.Email})
	if tidings.KindOf(err) == tidings.KindConflict {
		return oidcRefusal("someone_else")
	}
	return err
}

// checkDomain checks the claims against the allowed domains.
func (r OIDCRules) checkDomain(c tidings.Claims) error {
	if len(r.Domains) == 0 {
		return nil
	}
	if !c.EmailVerified {
		return oidcRefusal("unverified")
	}

	at := strings.LastIndexByte(c.Email, '@')
	if at < 0 || !slices.Contains(r.Domains, strings.ToLower(c.Email[at+1:])) {
		return oidcRefusal("domain")
	}

	return nil
}

// signInByClaims signs in the user of the provider's account, found by issuer
// and subject, never by email alone.
func (h *OIDCHandlers) signInByClaims(ctx context.Context, c tidings.Claims) error {
	if err := h.Rules.checkDomain(c); err != nil {
		return err
	}

	known, err := h.Store.IdentityBySubject(ctx, c.Issuer, c.Subject)
	user := known.UserID
	switch {
	case err == nil:
		err = h.Store.UseIdentity(ctx, known.ID, c.Email)
	case tidings.KindOf(err) == tidings.KindNotFound:
		user, err = h.findOrCreateUser(ctx, c)
	}

	if err != nil {
		return err
	}

	return h.Authenticator.SignIn(ctx, user, tidings.ByOIDC)
}

// findOrCreateUser finds or creates the user of a provider's account that is
// new here.
func (h *OIDCHandlers) findOrCreateUser(ctx context.Context, c tidings.Claims) (tidings.ID, error) {
	if !h.Rules.LinkVerified && h.Rules.SignUp == "" {
		return "", oidcRefusal("unknown")
	}
	if !c.EmailVerified || !IsEmail(c.Email) {
		return "", oidcRefusal("unverified")
	}

	identity := tidings.Identity{Issuer: c.Issuer, Subject: c.Subject, Email: c.Email}
	has, _, err := h.Store.UserByEmail(ctx, c.Email)
	switch {
	case err == nil && h.Rules.LinkVerified:
		identity.UserID = has.ID
		return has.ID, h.Store.LinkIdentity(ctx, identity)
	case err == nil:
		return "", oidcRefusal("taken")
	case tidings.KindOf(err) != tidings.KindNotFound:
		return "", err
	case h.Rules.SignUp == "":
		return "", oidcRefusal("unknown")
	}

	name, _, _ := strings.Cut(c.Email, "@")
	u := tidings.User{Email: c.Email, Name: cmp.Or(strings.TrimSpace(cleanPrefix(c.Name, 100)), name), TimeZone: "UTC"}
	if IsTimeZone(c.Zone) {
		u.TimeZone = c.Zone
	}

	u, err = h.Store.JoinByIdentity(ctx, u, identity, h.Rules.Workspace, h.Rules.SignUp)
	if tidings.KindOf(err) == tidings.KindConflict {
		return "", oidcRefusal("taken")
	}

	return u.ID, err
}

// cleanPrefix is the first n characters of text, without control characters.
func cleanPrefix(text string, n int) string {
	runes := slices.DeleteFunc([]rune(text), func(r rune) bool { return r < ' ' || r == 0x7f })
	return string(runes[:min(len(runes), n)])
}
