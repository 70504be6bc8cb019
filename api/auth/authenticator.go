// Package auth finds the subject of a request by its credentials (session
// cookie, API token, share link), limits attempts with secrets, and holds the
// access check of clips that every handler asks.
package auth

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// Level is the credentials a route requires. What the caller may see and do
// there is decided by the access check (Access).
type Level int

const (
	// None: the credentials are not even read.
	None Level = iota
	// Visitor: any caller, also without an account; the route asks the access check.
	Visitor
	// Reader, Writer, Admin: a person, by a session or an API token of that scope.
	Reader
	Writer
	Admin
	// Worker: a machine that transcribes, by a token of that scope, which opens no
	// route of another level that reads credentials.
	Worker
	// Commenter: a writer, or a visitor by a share link. The access check decides
	// whether they may comment and whether they must give a name first.
	Commenter
)

var levelScopes = map[Level]tidings.Scope{Reader: tidings.ScopeRead, Writer: tidings.ScopeWrite, Commenter: tidings.ScopeWrite, Admin: tidings.ScopeAdmin, Worker: tidings.ScopeWorker}

// Rows is what authentication needs of the rows.
type Rows interface {
	TokenByHash(ctx context.Context, hash []byte) (tidings.Token, error)
	Memberships(ctx context.Context, user tidings.ID) ([]tidings.Membership, error)
	LinkByHash(ctx context.Context, hash []byte) (tidings.Link, error)
	Guest(ctx context.Context, id tidings.ID) (tidings.Guest, error)
	User(ctx context.Context, id tidings.ID) (tidings.User, error)
	UserByEmail(ctx context.Context, email string) (u tidings.User, passwordHash string, err error)
	Audit(ctx context.Context, e tidings.AuditEntry) error
	SessionStore
}

// Config is what an Authenticator needs.
type Config struct {
	Store       Rows
	Origin      *request.Origin
	SessionLife time.Duration
	SignIns     *Limiter      // attempts with passwords and other secrets
	SignInDelay time.Duration // of attempts at what others guess at, too
	LinkMisses  *Limiter      // unknown link tokens, by address
	Clock       tidings.Clock
}

// Authenticator finds the subject of a request by its credentials, and keeps
// sessions.
type Authenticator struct {
	Config
	attempts *attemptLimiter
	sessions *scs.SessionManager
	csrf     *http.CrossOriginProtection
}

// NewAuthenticator makes an authenticator. It fails on a public URL that cannot
// be an origin.
func NewAuthenticator(cfg Config) (*Authenticator, error) {
	a := &Authenticator{Config: cfg, attempts: newAttemptLimiter(cfg.SignIns, cfg.SignInDelay), sessions: newSessionManager(cfg.Store, cfg.SessionLife), csrf: http.NewCrossOriginProtection()}
	if public := cfg.Origin.PublicURL(); public != nil {
		return a, a.csrf.AddTrustedOrigin(public.Scheme + "://" + public.Host)
	}
	return a, nil
}

// RequireAuth identifies the caller, refuses cross-site requests (CSRF), and
// requires the level.
func (a *Authenticator) RequireAuth(level Level) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			k := request.FromContext(c.Request().Context())

			if c.Request().Header.Get("Authorization") == "" {
				if err := a.refuseCrossSite(k, c.Request()); err != nil {
					return err
				}
			}

			if level != None {
				ctx, err := a.Identify(c.Request().Context(), c.Request())
				if err != nil {
					return err
				}
				c.SetRequest(c.Request().WithContext(ctx))
				c.Response().Header().Add("Vary", "Cookie, Authorization")
			}

			if err := CheckLevel(level, k.Subject); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// refuseCrossSite refuses a change that a page of another origin asks for. The
// log and the answer name both origins: behind a proxy that does not pass on
// the host they differ for every request.
func (a *Authenticator) refuseCrossSite(k *request.State, r *http.Request) error {
	err := a.csrf.Check(r)
	if err == nil {
		return nil
	}

	origin, host := fmt.Sprintf("%.200s", r.Header.Get("Origin")), fmt.Sprintf("%.200s", r.Host)
	k.Log.Warn("a change asked for by a page of another origin is refused; behind a proxy set public-url, or let the proxy pass on Host",
		"origin", origin, "host", host, "sec_fetch_site", r.Header.Get("Sec-Fetch-Site"))
	return tidings.Wrap(err, tidings.KindForbidden, "A page of another site may not do this: its Origin is %q, the Host of the request is %q.", origin, host)
}

// CheckLevel reports why a subject does not have a level: KindUnauthenticated or
// KindForbidden.
func CheckLevel(level Level, subject tidings.Subject) error {
	need, closed := levelScopes[level]
	switch {
	case level != None && level != Worker && subject.Scope == tidings.ScopeWorker:
		return tidings.Errorf(tidings.KindForbidden, "This token is for transcribing on another machine and for nothing else.")
	case !closed, level == Commenter && subject.UserID == "" && subject.Link != nil:
		return nil
	case subject.UserID == "":
		return tidings.Errorf(tidings.KindUnauthenticated, "Sign in first.")
	case !subject.Scope.Includes(need):
		return tidings.Errorf(tidings.KindForbidden, "This token's scope is %s; %s is needed.", subject.Scope, need)
	}

	return nil
}

// Identify reads the credentials of a request and sets its subject. An invalid
// API token is an error; an expired session makes an anonymous caller.
func (a *Authenticator) Identify(ctx context.Context, r *http.Request) (context.Context, error) {
	k := request.FromContext(ctx)
	k.Credentials = request.Credentials{Session: sessionToken(r, k.Secure), Share: r.URL.Query().Get("share")}
	if header := r.Header.Get("Authorization"); header != "" {
		secret, ok := strings.CutPrefix(header, "Bearer "+tidings.TokenPrefix)
		if !ok {
			return ctx, errBadToken()
		}
		k.Credentials.Session = ""
		k.Credentials.TokenHash = HashSecret(tidings.TokenPrefix + secret)
	}

	actor := tidings.Actor{Network: request.Network(k.ClientIP)}
	ctx, err := a.sessions.Load(tidings.WithActor(ctx, actor), k.Credentials.Session)
	if err != nil {
		return ctx, err
	}

	k.Subject, err = a.loadSubject(ctx, k.Credentials)
	actor.UserID = k.Subject.UserID
	return tidings.WithActor(ctx, actor), err
}

func errBadToken() error {
	return tidings.Errorf(tidings.KindUnauthenticated, "This API token is not valid.")
}

// loadSubject is the subject of the credentials. The context holds the session.
func (a *Authenticator) loadSubject(ctx context.Context, creds request.Credentials) (tidings.Subject, error) {
	var who tidings.Subject
	if creds.TokenHash != nil {
		t, err := a.Store.TokenByHash(ctx, creds.TokenHash)
		if tidings.KindOf(err) == tidings.KindNotFound {
			return who, errBadToken()
		}
		if err != nil {
			return who, err
		}

		who.UserID, who.Scope = t.UserID, t.Scope
	} else if id := a.sessions.GetString(ctx, sessionUser); id != "" {
		who.UserID, who.Scope = tidings.ID(id), tidings.ScopeAdmin
	}

	if who.UserID != "" {
		if err := a.addRoles(ctx, &who); err != nil {
			return who, err
		}
	}

	if err := a.AddLink(ctx, &who, creds.Share); err != nil {
		return who, err
	}

	return who, a.AddGuest(ctx, &who)
}

// addRoles adds the roles in all workspaces of the person.
func (a *Authenticator) addRoles(ctx context.Context, who *tidings.Subject) error {
	ms, err := a.Store.Memberships(ctx, who.UserID)
	who.Roles = make(map[tidings.ID]tidings.Role, len(ms))
	for _, m := range ms {
		who.Roles[m.Workspace.ID] = m.Role
	}
	return err
}

// AddLink adds the share link of the token, if there is a live one.
func (a *Authenticator) AddLink(ctx context.Context, who *tidings.Subject, token string) error {
	l, err := a.ResolveLink(ctx, token)
	switch tidings.KindOf(err) {
	case "":
		who.Link, who.Unlock = &l, a.unlockedLinks(ctx, l)
	case tidings.KindNotFound:
	default:
		return err
	}
	return nil
}

// ReloadSubject reads the subject of a long request again: tokens, links and
// sessions may have been revoked since it began.
func (a *Authenticator) ReloadSubject(ctx context.Context) (tidings.Subject, error) {
	creds := request.FromContext(ctx).Credentials
	// A new context: the old one has the session as loaded before.
	fresh, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()

	fresh, err := a.sessions.Load(fresh, creds.Session)
	if err != nil {
		return tidings.Subject{}, err
	}
	return a.loadSubject(fresh, creds)
}
