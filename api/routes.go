package api

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

const apiBase = "/api/v1"

// route is one line of the table of contents.
type route struct {
	method, path string
	door         door
	handler      echo.HandlerFunc
}

// calls are the JSON calls: typed, held against openapi.yaml before the
// handler sees them.
func (s *server) calls() []route {
	w := spec.ServerInterfaceWrapper{Handler: spec.NewStrictHandler(s, nil)}
	return slices.Concat(s.peopleCalls(w), engineCalls(w), talk(w), []route{
		{"GET", "/setup", visitor, w.GetSetup},
		{"POST", "/setup", visitor, w.Setup},
		{"POST", "/session", visitor, w.SignIn},
		{"DELETE", "/session", visitor, w.SignOut},
		{"POST", "/session/passkey/options", visitor, w.BeginPasskeySignIn},
		{"POST", "/session/passkey", visitor, w.PasskeySignIn},
		{"GET", "/passkeys", admin, w.ListPasskeys},
		{"POST", "/passkeys/options", admin, w.BeginPasskey},
		{"POST", "/passkeys", admin, w.AddPasskey},
		{"PATCH", "/passkeys/:id", admin, w.RenamePasskey},
		{"DELETE", "/passkeys/:id", admin, w.RemovePasskey},
		{"GET", "/identities", admin, w.ListIdentities},
		{"POST", "/identities", admin, w.BeginIdentity},
		{"DELETE", "/identities/:id", admin, w.UnlinkIdentity},
		{"GET", "/sessions", admin, w.ListSessions},
		{"DELETE", "/sessions", admin, w.RevokeSessions},
		{"DELETE", "/sessions/:id", admin, w.RevokeSession},
		{"PUT", "/password", admin, w.ChangePassword},
		{"GET", "/me", reader, w.GetMe},
		{"PATCH", "/me", writer, w.UpdateMe},
		{"GET", "/tokens", admin, w.ListTokens},
		{"POST", "/tokens", admin, w.CreateToken},
		{"DELETE", "/tokens/:id", admin, w.DeleteToken},
		{"GET", "/workspaces", reader, w.ListWorkspaces},
		{"GET", "/workspaces/:ws", reader, w.GetWorkspace},
		{"PATCH", "/workspaces/:ws", admin, w.UpdateWorkspace},
		{"GET", "/workspaces/:ws/members", reader, w.ListMembers},
		{"GET", "/workspaces/:ws/audit", admin, w.ListAudit},

		{"GET", "/clips", reader, w.ListClips},
		{"POST", "/clips", writer, w.CreateClip},
		{"GET", "/clips/:id", visitor, w.GetClip},
		{"PATCH", "/clips/:id", writer, w.UpdateClip},
		{"DELETE", "/clips/:id", writer, w.TrashClip},
		{"POST", "/clips/:id/restore", writer, w.RestoreClip},
		{"POST", "/clips/:id/retry", writer, w.RetryStep},
		{"GET", "/clips/:id/health", visitor, w.GetHealth},
		{"POST", "/clips/:id/views", visitor, w.AddView},
		{"GET", "/clips/:id/viewers", reader, w.ListViewers},
		{"GET", "/clips/:id/transcript", visitor, w.GetTranscript},
		{"POST", "/clips/:id/transcript/retry", writer, w.RetryTranscript},
		{"PATCH", "/clips/:id/transcript/segments/:segment", writer, w.EditSegment},
		{"POST", "/clips/:id/transcript/segments/:segment/split", writer, w.SplitSegment},
		{"POST", "/clips/:id/transcript/segments/:segment/join", writer, w.JoinSegment},
		{"POST", "/clips/:id/transcript/undo", writer, w.UndoTranscript},
		{"POST", "/clips/:id/transcript/redo", writer, w.RedoTranscript},
		{"PATCH", "/clips/:id/transcript/speakers", writer, w.RenameSpeaker},
		{"POST", "/clips/:id/transcript/glossary", writer, w.UseGlossary},
		{"GET", "/workspaces/:ws/glossary", reader, w.GetGlossary},
		{"PUT", "/workspaces/:ws/glossary", writer, w.PutGlossary},
		{"POST", "/workspaces/:ws/glossary/dismiss", writer, w.DismissCorrection},

		{"GET", "/clips/:id/links", writer, w.ListLinks},
		{"POST", "/clips/:id/links", writer, w.CreateLink},
		{"PATCH", "/links/:id", writer, w.UpdateLink},
		{"DELETE", "/links/:id", writer, w.RevokeLink},
		{"POST", "/links/:token/guest", visitor, w.BecomeGuest},
		{"POST", "/links/:token/unlock", visitor, w.UnlockLink},

		{"GET", "/notifications", reader, w.ListNotifications},
		{"POST", "/notifications/seen", writer, w.SeeNotifications},

		{"GET", "/search", reader, w.Search},
		{"GET", "/workspaces/:ws/saved-searches", reader, w.ListSavedSearches},
		{"POST", "/workspaces/:ws/saved-searches", writer, w.CreateSavedSearch},
		{"DELETE", "/workspaces/:ws/saved-searches/:id", writer, w.DeleteSavedSearch},
		{"GET", "/workspaces/:ws/search-index", reader, w.GetSearchIndex},
		{"POST", "/workspaces/:ws/search-index/rebuild", admin, w.RebuildSearchIndex},
	})
}

// talk are the calls about what is said of a clip.
func talk(w spec.ServerInterfaceWrapper) []route {
	return []route{
		{"GET", "/clips/:id/comments", visitor, w.ListComments},
		{"POST", "/clips/:id/comments", speaker, w.CreateComment},
		{"GET", "/clips/:id/people", reader, w.ListClipPeople},
		{"GET", "/clips/:id/reactions", visitor, w.ListClipReactions},
		{"POST", "/clips/:id/reactions/:emoji", speaker, w.ReactToClip},
		{"DELETE", "/clips/:id/reactions/:emoji", speaker, w.UnreactToClip},
		{"PATCH", "/comments/:id", speaker, w.UpdateComment},
		{"DELETE", "/comments/:id", speaker, w.DeleteComment},
		{"POST", "/comments/:id/reactions/:emoji", speaker, w.ReactToComment},
		{"DELETE", "/comments/:id/reactions/:emoji", speaker, w.UnreactToComment},
		{"POST", "/comments/:id/resolve", writer, w.ResolveThread},
		{"DELETE", "/comments/:id/resolve", writer, w.ReopenThread},
		{"POST", "/comments/:id/hide", writer, w.HideComment},
		{"DELETE", "/comments/:id/hide", writer, w.ShowComment},
	}
}

// engineCalls are about speech engines, here and on other machines.
func engineCalls(w spec.ServerInterfaceWrapper) []route {
	return []route{
		{"GET", "/engines", reader, w.ListEngines},
		{"GET", "/models", admin, w.ListModels},
		{"POST", "/models/:name/pull", admin, w.PullModel},
		{"DELETE", "/models/:name", admin, w.RemoveModel},

		{"POST", "/work/claim", worker, w.ClaimWork},
		{"POST", "/work/:id/renew", worker, w.RenewWork},
		{"POST", "/work/:id/segments", worker, w.AddWorkSegments},
		{"POST", "/work/:id/done", worker, w.FinishWork},
		{"POST", "/work/:id/fail", worker, w.FailWork},
	}
}

// raws are the calls that are no JSON: they may take hours and set their own
// deadlines. Their doors let visitors with a share link through to the media.
func (s *server) raws() []route {
	return []route{
		{"GET", "/openapi.json", anyone, s.published},
		{"GET", "/events", visitor, s.events},
		{"PUT", "/me/avatar", writer, s.putAvatar},
		{"DELETE", "/me/avatar", writer, s.deleteAvatar},
		{"GET", "/users/:id/avatar/:hash", reader, s.avatar},
		{"HEAD", "/users/:id/avatar/:hash", reader, s.avatar},
		{"GET", "/work/:id/audio", worker, s.workAudio},

		{"PUT", "/clips/:id/transcript", writer, s.importTranscript},

		{"OPTIONS", "/uploads", anyone, s.uploadOptions},
		{"POST", "/uploads", writer, s.createUpload},
		{"OPTIONS", "/uploads/:id", anyone, s.uploadOptions},
		{"HEAD", "/uploads/:id", writer, s.headUpload},
		{"PATCH", "/uploads/:id", writer, s.patchUpload},
		{"DELETE", "/uploads/:id", writer, s.deleteUpload},

		{"GET", "/clips/:id/media/master.m3u8", visitor, s.mediaFile},
		{"HEAD", "/clips/:id/media/master.m3u8", visitor, s.mediaFile},
		{"GET", "/clips/:id/media/:file", visitor, s.mediaFile},
		{"HEAD", "/clips/:id/media/:file", visitor, s.mediaFile},
		{"GET", "/clips/:id/media/:rendition/:file", visitor, s.renditionFile},
		{"HEAD", "/clips/:id/media/:rendition/:file", visitor, s.renditionFile},
	}
}

// shown are the pages, what they are made of, and what watches the server. All
// of them answer HEAD like GET.
func (s *server) shown() []route {
	return []route{
		{"GET", "/", visitor, s.homePage},
		{"GET", "/record", visitor, s.recordPage},
		{"GET", "/library", visitor, s.libraryPage},
		{"GET", "/inbox", visitor, s.inboxPage},
		{"GET", "/search", visitor, s.searchPage},
		{"GET", "/settings", visitor, s.settingsPage},
		{"GET", "/settings/security", visitor, s.securityPage},
		{"GET", "/settings/audit", visitor, s.auditPage},
		{"GET", "/settings/people", visitor, s.peoplePage},
		{"GET", "/settings/workspace", visitor, s.workspacePage},
		{"GET", "/auth/oidc/start", visitor, s.oidcStart},
		{"GET", "/auth/oidc/callback", visitor, s.oidcCallback},
		{"GET", "/setup", visitor, s.setupPage},
		{"GET", "/login", visitor, s.loginPage},
		{"GET", "/invite/:token", visitor, s.invitePage},
		{"GET", "/c/:id", visitor, s.clipPage},
		{"GET", "/s/:token", visitor, s.sharePage},
		{"GET", "/embed/:token", visitor, s.embedPage},
		{"GET", "/oembed", anyone, s.oembed},
		{"GET", "/assets/*", anyone, s.webAsset},
		{"GET", "/favicon.svg", anyone, s.webAsset},
		{"GET", "/healthz", anyone, s.healthz},
		{"GET", "/readyz", anyone, s.readyz},
		{"GET", "/metrics", visitor, s.metrics},
	}
}

// build registers everything. What stands around a handler: its request's id
// and log, the door, the description, and the memory for repeated requests.
func (s *server) build() {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.fail
	e.IPExtractor = ipExtractor(s.TrustedProxies)
	e.Pre(overrideMethod)
	e.Use(s.begin)
	s.echo = e
	for _, r := range s.calls() {
		template := described(r.path)
		around := []echo.MiddlewareFunc{deadlines, s.let(r.door), s.rules.check(template, r.method)}
		if s.rules.repeats(template, r.method) {
			around = append(around, s.repeatable)
		}
		r.path = apiBase + r.path
		s.add(r, around...)
	}

	for _, r := range s.raws() {
		r.path = apiBase + r.path
		around := []echo.MiddlewareFunc{unhurried, s.let(r.door)}
		if strings.HasPrefix(r.path, uploadsPath) {
			around = []echo.MiddlewareFunc{unhurried, s.resumable, s.let(r.door)}
		}
		s.add(r, around...)
	}

	for _, r := range s.shown() {
		s.add(r, deadlines, s.let(r.door))
		r.method = http.MethodHead
		s.add(r, deadlines, s.let(r.door))
	}
}

func (s *server) add(r route, around ...echo.MiddlewareFunc) {
	s.routes = append(s.routes, r)
	s.echo.Add(r.method, r.path, r.handler, around...)
}

var parameter = regexp.MustCompile(`:([a-z]+)`)

// described is a route's path as openapi.yaml writes it.
func described(path string) string { return parameter.ReplaceAllString(path, "{$1}") }

// repeats reports whether the description offers an Idempotency-Key.
func (u *rules) repeats(path, method string) bool {
	op := u.doc.Paths.Value(path).GetOperation(method)
	return op.Parameters.GetByInAndName(openapi3.ParameterInHeader, "Idempotency-Key") != nil
}

// published is GET /openapi.json.
func (s *server) published(c echo.Context) error {
	return tagged(c, echo.MIMEApplicationJSON, s.rules.json)
}

// unhurried takes back the deadline that an earlier call left on the
// connection: uploads, media and live events set their own as they go on.
func unhurried(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		// Only recorders of tests have no deadlines; real connections always do.
		_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Time{})
		return next(c)
	}
}

// operates reports whether the subject looks after the server: an admin token
// of an owner or admin of the workspace the server was set up with. Those of
// other workspaces are guests of the house: its counters tell of everybody.
func (s *server) operates(ctx context.Context, k *call) (bool, error) {
	if k.creds.token == nil || !k.subject.Scope.Includes(tidings.ScopeAdmin) {
		return false, nil
	}
	return s.looksAfter(ctx, k.subject)
}

// looksAfter reports whether somebody is an owner or admin of the workspace
// the server was set up with. Anybody may found another one.
func (s *server) looksAfter(ctx context.Context, who tidings.Subject) (bool, error) {
	first, err := s.Store.FirstWorkspace(ctx)
	r := who.Roles[first]
	return r == tidings.RoleOwner || r == tidings.RoleAdmin, err
}
