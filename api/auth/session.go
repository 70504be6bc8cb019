package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// Names of the session cookie. The prefix makes browsers insist on https, on
// this very host and on the whole of it; over plain http it cannot be used.
const (
	secureCookie = "__Host-tidings"
	plainCookie  = "tidings"
)

// Keys of a session's data.
const (
	sessionUser   = "user"   // id of the person signed in
	sessionUnlock = "unlock" // share links whose password was given; see unlockRecord
)

// SessionStore stores sessions. Tokens are hashes of the cookie's. SessionCommit
// with v nil changes a session and is KindUnauthenticated when it is over.
type SessionStore interface {
	SessionFind(ctx context.Context, token string) (data []byte, found bool, err error)
	SessionCommit(ctx context.Context, token string, v *tidings.Session, data []byte, expiry time.Time) error
	SessionDelete(ctx context.Context, token string) error
}

// sessionAdapter implements scs.CtxStore; the cookie's token is stored as a hash.
type sessionAdapter struct{ SessionStore }

var errNoContext = errors.New("sessions are read with a context")

func (sessionAdapter) Find(string) ([]byte, bool, error)      { return nil, false, errNoContext }
func (sessionAdapter) Commit(string, []byte, time.Time) error { return errNoContext }
func (sessionAdapter) Delete(string) error                    { return errNoContext }

func (r sessionAdapter) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return r.SessionFind(ctx, token)
}

// CommitCtx creates the session that SignIn asks for. Otherwise it changes the
// visitor's own, or that of a person who is signed in, which must still exist:
// a session that was revoked meanwhile must not be created again.
func (r sessionAdapter) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	k := request.FromContext(ctx)
	begins := &tidings.Session{UserID: k.SignIn.UserID, Method: k.SignIn.Method, Agent: userAgent(k.Request), Network: request.Network(k.ClientIP)}
	if begins.UserID == "" && k.Subject.UserID != "" && k.Credentials.Session != "" {
		begins = nil
	}
	return r.SessionCommit(ctx, token, begins, data, expiry)
}

func (r sessionAdapter) DeleteCtx(ctx context.Context, token string) error {
	return r.SessionDelete(ctx, token)
}

// maxAgent is how much of a User-Agent is kept, in bytes.
const maxAgent = 300

func userAgent(r *http.Request) string {
	text := strings.ToValidUTF8(r.UserAgent(), "")
	return strings.ToValidUTF8(text[:min(len(text), maxAgent)], "")
}

func newSessionManager(rows SessionStore, life time.Duration) *scs.SessionManager {
	m := scs.New()
	m.Store, m.Lifetime, m.HashTokenInStore = sessionAdapter{rows}, life, true
	return m
}

func sessionCookie(secure bool) string {
	if secure {
		return secureCookie
	}
	return plainCookie
}

// sessionToken is the value of the request's session cookie, if it has one.
func sessionToken(r *http.Request, secure bool) string {
	c, err := r.Cookie(sessionCookie(secure))
	if err != nil {
		return ""
	}
	return c.Value
}

// SaveSession stores the session of ctx, then sets its cookie: in this order, so
// that no client is signed in before the row is written.
func (a *Authenticator) SaveSession(ctx context.Context) error {
	token, expiry, err := a.sessions.Commit(ctx)
	if err != nil {
		return err
	}
	a.setSessionCookie(ctx, token, expiry)
	return nil
}

// setSessionCookie sets the cookie, or deletes it when the token is empty.
func (a *Authenticator) setSessionCookie(ctx context.Context, token string, expiry time.Time) {
	k := request.FromContext(ctx)
	c := &http.Cookie{Name: sessionCookie(k.Secure), Value: token, Path: "/", HttpOnly: true, Secure: k.Secure, SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	} else {
		c.Expires = expiry
	}
	http.SetCookie(k.Writer, c)
	k.Writer.Header().Set("Cache-Control", "no-store")
}

// SignIn begins a new session for the person. The old token becomes invalid, so
// that a cookie planted before cannot be used after (session fixation).
func (a *Authenticator) SignIn(ctx context.Context, user tidings.ID, by tidings.SignInMethod) error {
	request.FromContext(ctx).SignIn = request.SignIn{UserID: user, Method: by}
	if err := a.sessions.RenewToken(ctx); err != nil {
		return err
	}
	a.sessions.Put(ctx, sessionUser, string(user))
	if err := a.SaveSession(ctx); err != nil {
		return err
	}
	return a.RememberDevice(ctx, user)
}

// SignOut ends the session of ctx and deletes its cookie.
func (a *Authenticator) SignOut(ctx context.Context) error {
	if request.FromContext(ctx).Credentials.Session != "" {
		if err := a.sessions.Destroy(ctx); err != nil {
			return err
		}
	}

	a.setSessionCookie(ctx, "", time.Time{})
	return nil
}

// SessionHash is the stored hash of the caller's session token; "" without one.
func SessionHash(ctx context.Context) string {
	k := request.FromContext(ctx)
	if k.Credentials.Session == "" || k.Credentials.TokenHash != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(k.Credentials.Session)) // as scs hashes them
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// RequireSession refuses API tokens: a leaked one must not be enough to add a way
// to sign in.
func RequireSession(ctx context.Context) error {
	if SessionHash(ctx) == "" {
		return tidings.Errorf(tidings.KindForbidden, "This can be done only in a browser that is signed in.")
	}
	return nil
}

// RefuseSignIn writes a failed sign-in to the audit log and returns why. It takes
// as long for an unknown account as for a known one.
func (a *Authenticator) RefuseSignIn(ctx context.Context, user tidings.User, by tidings.SignInMethod, why error) error {
	// The person who is signed in need not be the one who tried.
	anonymous := tidings.WithActor(ctx, tidings.Actor{Network: request.Network(request.FromContext(ctx).ClientIP)})
	err := a.Store.Audit(anonymous, tidings.AuditEntry{Action: tidings.AuditSignInFailed, TargetID: user.ID, Detail: map[string]string{"method": string(by), "person": user.Name}})
	if err != nil {
		return err
	}
	return why
}

// Me is the account of a person as they see it themselves.
func (a *Authenticator) Me(ctx context.Context, u tidings.User) (spec.Me, error) {
	memberships, err := a.Store.Memberships(ctx, u.ID)
	return spec.MeOf(u, memberships), err
}
