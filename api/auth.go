package api

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/tidings"
)

// credentials are what a request came with, kept so that long answers can look
// again whether they are still worth anything.
type credentials struct {
	session string // session cookie
	token   []byte // SHA-256 of an API token
	share   string // token of a share link
}

// door says who may call a route at all; what they may see and do there is
// decided by access.go.
type door int

const (
	// anyone: no credentials are even looked at.
	anyone door = iota
	// visitor: whoever holds an account, a token or a share link, and strangers;
	// the route asks the access check.
	visitor
	// reader, writer, admin: a person, by session or by a token of that scope.
	reader
	writer
	admin
	// worker: a machine that transcribes, by a token of that scope, which opens
	// no other door that looks at credentials.
	worker
	// speaker: a writer, or whoever came by a share link: what they may say, and
	// whether they gave a name, the access check asks.
	speaker
)

var scopeOf = map[door]tidings.Scope{reader: tidings.ScopeRead, writer: tidings.ScopeWrite, speaker: tidings.ScopeWrite, admin: tidings.ScopeAdmin, worker: tidings.ScopeWorker}

// let finds out who asks, refuses what another site's page sends in somebody's
// name, and opens the door or not.
func (s *server) let(d door) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			k := callOf(c.Request().Context())

			if c.Request().Header.Get("Authorization") == "" {
				if err := s.csrf.Check(c.Request()); err != nil {
					return tidings.Wrap(err, tidings.KindForbidden, "A page of another site may not do this.")
				}
			}

			if d != anyone {
				ctx, err := s.identify(c.Request().Context(), c.Request())
				if err != nil {
					return err
				}
				c.SetRequest(c.Request().WithContext(ctx))
				c.Response().Header().Add("Vary", "Cookie, Authorization")
			}

			if err := admit(d, k.subject); err != nil {
				return err
			}
			return next(c)
		}
	}
}

func admit(d door, subject tidings.Subject) error {
	need, closed := scopeOf[d]
	switch {
	case d != anyone && d != worker && subject.Scope == tidings.ScopeWorker:
		return tidings.Errorf(tidings.KindForbidden, "This token is for transcribing on another machine and for nothing else.")
	case !closed, d == speaker && subject.UserID == "" && subject.Link != nil:
		return nil
	case subject.UserID == "":
		return tidings.Errorf(tidings.KindUnauthenticated, "Sign in first.")
	case !subject.Scope.Includes(need):
		return tidings.Errorf(tidings.KindForbidden, "This token's scope is %s; %s is needed.", subject.Scope, need)
	}

	return nil
}

// identify reads the request's credentials and fills in the call. An API token
// that is none is an error; a session that is over makes a stranger.
func (s *server) identify(ctx context.Context, r *http.Request) (context.Context, error) {
	k := callOf(ctx)
	k.creds = credentials{session: sessionToken(r, k.secure), share: r.URL.Query().Get("share")}
	if header := r.Header.Get("Authorization"); header != "" {
		secret, ok := strings.CutPrefix(header, "Bearer tdg_")
		if !ok {
			return ctx, badToken()
		}
		k.creds.session = ""
		k.creds.token = hashOf("tdg_" + secret)
	}

	actor := tidings.Actor{Network: network(k.ip)}
	ctx, err := s.sessions.Load(tidings.WithActor(ctx, actor), k.creds.session)
	if err != nil {
		return ctx, err
	}

	k.subject, err = s.subject(ctx, k.creds)
	actor.UserID = k.subject.UserID
	return tidings.WithActor(ctx, actor), err
}

func badToken() error {
	return tidings.Errorf(tidings.KindUnauthenticated, "This API token is not valid.")
}

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// subject is who the credentials stand for. The context holds the session.
func (s *server) subject(ctx context.Context, creds credentials) (tidings.Subject, error) {
	var who tidings.Subject
	if creds.token != nil {
		t, err := s.Store.TokenByHash(ctx, creds.token)
		if tidings.KindOf(err) == tidings.KindNotFound {
			return who, badToken()
		}
		if err != nil {
			return who, err
		}

		who.UserID, who.Scope = t.UserID, t.Scope
	} else if id := s.sessions.GetString(ctx, sessionUser); id != "" {
		who.UserID, who.Scope = tidings.ID(id), tidings.ScopeAdmin
	}

	if who.UserID != "" {
		if err := s.addRoles(ctx, &who); err != nil {
			return who, err
		}
	}

	if err := s.addLink(ctx, &who, creds.share); err != nil {
		return who, err
	}

	return who, s.addGuest(ctx, &who)
}

func (s *server) addRoles(ctx context.Context, who *tidings.Subject) error {
	ms, err := s.Store.Memberships(ctx, who.UserID)
	who.Roles = make(map[tidings.ID]tidings.Role, len(ms))
	for _, m := range ms {
		who.Roles[m.Workspace.ID] = m.Role
	}
	return err
}

// addLink adds the share link that was presented, if it opens anything.
func (s *server) addLink(ctx context.Context, who *tidings.Subject, token string) error {
	l, err := s.linkOf(ctx, token)
	switch tidings.KindOf(err) {
	case "":
		who.Link, who.Unlock = &l, s.unlock(ctx, l)
	case tidings.KindNotFound:
	default:
		return err
	}
	return nil
}

// again reads the credentials of a long request once more: tokens and links
// may have been revoked and people have signed out since it began.
func (s *server) again(ctx context.Context) (tidings.Subject, error) {
	creds := callOf(ctx).creds
	// A new context: the old one holds the session as it was.
	fresh, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	fresh, err := s.sessions.Load(fresh, creds.session)
	if err != nil {
		return tidings.Subject{}, err
	}
	return s.subject(fresh, creds)
}
