package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// Names of the session cookie. The prefix makes browsers insist on https, on
// this very host and on the whole of it; over plain http it cannot be used.
const (
	secureCookie = "__Host-tidings"
	plainCookie  = "tidings"
)

// What a session remembers.
const (
	sessionUser   = "user"   // id of the person signed in
	sessionUnlock = "unlock" // share links whose password was given; see unlocked
)

// sessionRows hands scs our rows; the cookie's token is stored as a hash.
type sessionRows struct{ Signing }

var errNoContext = errors.New("sessions are read with a context")

func (sessionRows) Find(string) ([]byte, bool, error)      { return nil, false, errNoContext }
func (sessionRows) Commit(string, []byte, time.Time) error { return errNoContext }
func (sessionRows) Delete(string) error                    { return errNoContext }

func (r sessionRows) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return r.SessionFind(ctx, token)
}

// CommitCtx begins the session that signInAs asks for. Without that it changes
// the visitor's own, or the one of somebody who is signed in: which must still
// be there, or a session that was revoked meanwhile would come back.
func (r sessionRows) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	k := callOf(ctx)
	begins := &tidings.Session{UserID: k.signsIn.user, Method: k.signsIn.method, Agent: agent(k.r), Network: network(k.ip)}
	if begins.UserID == "" && k.subject.UserID != "" && k.creds.session != "" {
		begins = nil
	}
	return r.SessionCommit(ctx, token, begins, data, expiry)
}

func (r sessionRows) DeleteCtx(ctx context.Context, token string) error {
	return r.SessionDelete(ctx, token)
}

// maxAgent is how much of a User-Agent is kept, in bytes.
const maxAgent = 300

func agent(r *http.Request) string {
	text := strings.ToValidUTF8(r.UserAgent(), "")
	return strings.ToValidUTF8(text[:min(len(text), maxAgent)], "")
}

func newSessions(rows Signing, life time.Duration) *scs.SessionManager {
	m := scs.New()
	m.Store, m.Lifetime, m.HashTokenInStore = sessionRows{rows}, life, true
	return m
}

func cookieName(secure bool) string {
	if secure {
		return secureCookie
	}
	return plainCookie
}

// sessionToken is the value of the request's session cookie, if it has one.
func sessionToken(r *http.Request, secure bool) string {
	c, err := r.Cookie(cookieName(secure))
	if err != nil {
		return ""
	}
	return c.Value
}

// saveSession stores the session of ctx, then hands the cookie to the client:
// nobody is told that they are signed in before it is true.
func (s *server) saveSession(ctx context.Context) error {
	token, expiry, err := s.sessions.Commit(ctx)
	if err != nil {
		return err
	}
	s.setCookie(ctx, token, expiry)
	return nil
}

func (s *server) setCookie(ctx context.Context, token string, expiry time.Time) {
	k := callOf(ctx)
	c := &http.Cookie{Name: cookieName(k.secure), Value: token, Path: "/", HttpOnly: true, Secure: k.secure, SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	} else {
		c.Expires = expiry
	}
	http.SetCookie(k.w, c)
	k.w.Header().Set("Cache-Control", "no-store")
}

// signInAs begins a new session for the person: the old token is worth
// nothing any more, so a cookie planted before cannot be used after.
func (s *server) signInAs(ctx context.Context, user tidings.ID, by tidings.SignInMethod) error {
	callOf(ctx).signsIn = signsIn{user, by}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionUser, string(user))
	if err := s.saveSession(ctx); err != nil {
		return err
	}
	return s.knowDevice(ctx, user)
}

// SignIn is POST /session. Wrong address and wrong password get one answer,
// after the same time.
func (s *server) SignIn(ctx context.Context, r spec.SignInRequestObject) (spec.SignInResponseObject, error) {
	if err := s.mayTry(ctx, r.Body.Email); err != nil {
		return nil, err
	}

	user, phc, err := s.Store.UserByEmail(ctx, r.Body.Email)
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return nil, err
	}

	ok, err := s.hashing.verify(ctx, phc, r.Body.Password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, s.refused(ctx, user, tidings.ByPassword, tidings.Errorf(tidings.KindUnauthenticated, "The address or the password is wrong."))
	}
	if err := s.signInAs(ctx, user.ID, tidings.ByPassword); err != nil {
		return nil, err
	}

	me, err := s.me(ctx, user)
	return spec.SignIn200JSONResponse(me), err
}

// refused writes a sign-in that failed to the audit log and gives its reason
// back. It takes as long for nobody's account as for somebody's.
func (s *server) refused(ctx context.Context, user tidings.User, by tidings.SignInMethod, why error) error {
	// Whoever is signed in here is not known to be who tried.
	stranger := tidings.WithActor(ctx, tidings.Actor{Network: network(callOf(ctx).ip)})
	err := s.Store.Audit(stranger, tidings.AuditEntry{Action: tidings.AuditSignInFailed, TargetID: user.ID, Detail: map[string]string{"method": string(by), "person": user.Name}})
	if err != nil {
		return err
	}
	return why
}

// SignOut is DELETE /session. It may be called by anybody at any time.
func (s *server) SignOut(ctx context.Context, _ spec.SignOutRequestObject) (spec.SignOutResponseObject, error) {
	if callOf(ctx).creds.session != "" {
		if err := s.sessions.Destroy(ctx); err != nil {
			return nil, err
		}
	}
	s.setCookie(ctx, "", time.Time{})
	return spec.SignOut204Response{}, nil
}
