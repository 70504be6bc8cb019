package api

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/response"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/api/upload"
)

const apiBase = "/api/v1"

// route is one row of the route tables.
type route struct {
	method, path string
	level        auth.Level
	handler      echo.HandlerFunc
}

// callRoutes are the JSON calls: typed, and validated against openapi.yaml
// before the handler runs.
func (s *server) callRoutes() []route {
	w := spec.ServerInterfaceWrapper{Handler: spec.NewStrictHandler(s.jsonHandlers(), nil)}
	return slices.Concat(s.peopleRoutes(w), engineRoutes(w), commentRoutes(w), []route{
		{"GET", "/setup", auth.Visitor, w.GetSetup},
		{"POST", "/setup", auth.Visitor, w.Setup},
		{"POST", "/session", auth.Visitor, w.SignIn},
		{"DELETE", "/session", auth.Visitor, w.SignOut},
		{"POST", "/session/passkey/options", auth.Visitor, w.BeginPasskeySignIn},
		{"POST", "/session/passkey", auth.Visitor, w.PasskeySignIn},
		{"GET", "/passkeys", auth.Admin, w.ListPasskeys},
		{"POST", "/passkeys/options", auth.Admin, w.BeginPasskey},
		{"POST", "/passkeys", auth.Admin, w.AddPasskey},
		{"PATCH", "/passkeys/:id", auth.Admin, w.RenamePasskey},
		{"DELETE", "/passkeys/:id", auth.Admin, w.RemovePasskey},
		{"GET", "/identities", auth.Admin, w.ListIdentities},
		{"POST", "/identities", auth.Admin, w.BeginIdentity},
		{"DELETE", "/identities/:id", auth.Admin, w.UnlinkIdentity},
		{"GET", "/sessions", auth.Admin, w.ListSessions},
		{"DELETE", "/sessions", auth.Admin, w.RevokeSessions},
		{"DELETE", "/sessions/:id", auth.Admin, w.RevokeSession},
		{"PUT", "/password", auth.Admin, w.ChangePassword},
		{"POST", "/password/forgot", auth.Visitor, w.RequestPasswordReset},
		{"POST", "/password/reset", auth.Visitor, w.ResetPassword},
		{"GET", "/me", auth.Reader, w.GetMe},
		{"PATCH", "/me", auth.Writer, w.UpdateMe},
		{"GET", "/tokens", auth.Admin, w.ListTokens},
		{"POST", "/tokens", auth.Admin, w.CreateToken},
		{"DELETE", "/tokens/:id", auth.Admin, w.DeleteToken},
		{"GET", "/workspaces", auth.Reader, w.ListWorkspaces},
		{"GET", "/workspaces/:ws", auth.Reader, w.GetWorkspace},
		{"PATCH", "/workspaces/:ws", auth.Admin, w.UpdateWorkspace},
		{"GET", "/workspaces/:ws/members", auth.Reader, w.ListMembers},
		{"GET", "/workspaces/:ws/audit", auth.Admin, w.ListAudit},

		{"GET", "/clips", auth.Reader, w.ListClips},
		{"POST", "/clips", auth.Writer, w.CreateClip},
		{"GET", "/clips/:id", auth.Visitor, w.GetClip},
		{"PATCH", "/clips/:id", auth.Writer, w.UpdateClip},
		{"DELETE", "/clips/:id", auth.Writer, w.TrashClip},
		{"POST", "/clips/:id/restore", auth.Writer, w.RestoreClip},
		{"POST", "/clips/:id/retry", auth.Writer, w.RetryStep},
		{"POST", "/clips/:id/continue", auth.Writer, w.ContinueClip},
		{"DELETE", "/clips/:id/continue", auth.Writer, w.CancelContinuation},
		{"GET", "/clips/:id/health", auth.Visitor, w.GetHealth},
		{"POST", "/clips/:id/views", auth.Visitor, w.AddView},
		{"GET", "/clips/:id/viewers", auth.Reader, w.ListViewers},
		{"GET", "/clips/:id/transcript", auth.Visitor, w.GetTranscript},
		{"POST", "/clips/:id/transcript/retry", auth.Writer, w.RetryTranscript},
		{"PATCH", "/clips/:id/transcript/segments/:segment", auth.Writer, w.EditSegment},
		{"POST", "/clips/:id/transcript/segments/:segment/split", auth.Writer, w.SplitSegment},
		{"POST", "/clips/:id/transcript/segments/:segment/join", auth.Writer, w.JoinSegment},
		{"POST", "/clips/:id/transcript/undo", auth.Writer, w.UndoTranscript},
		{"POST", "/clips/:id/transcript/redo", auth.Writer, w.RedoTranscript},
		{"PATCH", "/clips/:id/transcript/speakers", auth.Writer, w.RenameSpeaker},
		{"POST", "/clips/:id/transcript/glossary", auth.Writer, w.UseGlossary},
		{"GET", "/workspaces/:ws/glossary", auth.Reader, w.GetGlossary},
		{"PUT", "/workspaces/:ws/glossary", auth.Writer, w.PutGlossary},
		{"POST", "/workspaces/:ws/glossary/dismiss", auth.Writer, w.DismissCorrection},

		{"GET", "/clips/:id/links", auth.Writer, w.ListLinks},
		{"POST", "/clips/:id/links", auth.Writer, w.CreateLink},
		{"PATCH", "/links/:id", auth.Writer, w.UpdateLink},
		{"DELETE", "/links/:id", auth.Writer, w.RevokeLink},
		{"POST", "/links/:token/guest", auth.Visitor, w.BecomeGuest},
		{"POST", "/links/:token/unlock", auth.Visitor, w.UnlockLink},

		{"GET", "/notifications", auth.Reader, w.ListNotifications},
		{"POST", "/notifications/seen", auth.Writer, w.SeeNotifications},

		{"GET", "/search", auth.Reader, w.Search},
		{"GET", "/workspaces/:ws/saved-searches", auth.Reader, w.ListSavedSearches},
		{"POST", "/workspaces/:ws/saved-searches", auth.Writer, w.CreateSavedSearch},
		{"DELETE", "/workspaces/:ws/saved-searches/:id", auth.Writer, w.DeleteSavedSearch},
		{"GET", "/workspaces/:ws/search-index", auth.Reader, w.GetSearchIndex},
		{"POST", "/workspaces/:ws/search-index/rebuild", auth.Admin, w.RebuildSearchIndex},
	})
}

// commentRoutes are the JSON calls of comments and reactions.
func commentRoutes(w spec.ServerInterfaceWrapper) []route {
	return []route{
		{"GET", "/clips/:id/comments", auth.Visitor, w.ListComments},
		{"POST", "/clips/:id/comments", auth.Commenter, w.CreateComment},
		{"GET", "/clips/:id/people", auth.Reader, w.ListClipPeople},
		{"GET", "/clips/:id/reactions", auth.Visitor, w.ListClipReactions},
		{"POST", "/clips/:id/reactions/:emoji", auth.Commenter, w.ReactToClip},
		{"DELETE", "/clips/:id/reactions/:emoji", auth.Commenter, w.UnreactToClip},
		{"PATCH", "/comments/:id", auth.Commenter, w.UpdateComment},
		{"DELETE", "/comments/:id", auth.Commenter, w.DeleteComment},
		{"POST", "/comments/:id/reactions/:emoji", auth.Commenter, w.ReactToComment},
		{"DELETE", "/comments/:id/reactions/:emoji", auth.Commenter, w.UnreactToComment},
		{"POST", "/comments/:id/resolve", auth.Writer, w.ResolveThread},
		{"DELETE", "/comments/:id/resolve", auth.Writer, w.ReopenThread},
		{"POST", "/comments/:id/hide", auth.Writer, w.HideComment},
		{"DELETE", "/comments/:id/hide", auth.Writer, w.ShowComment},
	}
}

// engineRoutes are the JSON calls of speech engines, models and remote workers.
func engineRoutes(w spec.ServerInterfaceWrapper) []route {
	return []route{
		{"GET", "/engines", auth.Reader, w.ListEngines},
		{"GET", "/models", auth.Admin, w.ListModels},
		{"POST", "/models/:name/pull", auth.Admin, w.PullModel},
		{"DELETE", "/models/:name", auth.Admin, w.RemoveModel},

		{"POST", "/work/claim", auth.Worker, w.ClaimWork},
		{"POST", "/work/:id/renew", auth.Worker, w.RenewWork},
		{"POST", "/work/:id/segments", auth.Worker, w.AddWorkSegments},
		{"POST", "/work/:id/done", auth.Worker, w.FinishWork},
		{"POST", "/work/:id/fail", auth.Worker, w.FailWork},
	}
}

// rawRoutes are the calls without JSON. They may take hours and set their own
// deadlines. Visitors with a share link may call the media routes.
func (s *server) rawRoutes() []route {
	return []route{
		{"GET", "/openapi.json", auth.None, s.serveOpenAPI},
		{"GET", "/events", auth.Visitor, s.eventStreams.streamEvents},
		{"PUT", "/me/avatar", auth.Writer, s.avatars.putAvatar},
		{"DELETE", "/me/avatar", auth.Writer, s.avatars.deleteAvatar},
		{"GET", "/users/:id/avatar/:hash", auth.Reader, s.media.Avatar},
		{"HEAD", "/users/:id/avatar/:hash", auth.Reader, s.media.Avatar},
		{"GET", "/work/:id/audio", auth.Worker, s.work.workAudio},

		{"PUT", "/clips/:id/transcript", auth.Writer, s.transcripts.importTranscript},

		{"POST", "/upload-probe", auth.Writer, s.uploadProbes.receiveProbe},
		{"OPTIONS", "/uploads", auth.None, s.upload.Options},
		{"POST", "/uploads", auth.Writer, s.upload.Create},
		{"OPTIONS", "/uploads/:id", auth.None, s.upload.Options},
		{"GET", "/uploads/:id", auth.Reader, s.upload.Get},
		{"HEAD", "/uploads/:id", auth.Writer, s.upload.Head},
		{"PATCH", "/uploads/:id", auth.Writer, s.upload.Patch},
		{"DELETE", "/uploads/:id", auth.Writer, s.upload.Delete},

		{"GET", "/clips/:id/media/master.m3u8", auth.Visitor, s.media.File},
		{"HEAD", "/clips/:id/media/master.m3u8", auth.Visitor, s.media.File},
		{"GET", "/clips/:id/media/:file", auth.Visitor, s.media.File},
		{"HEAD", "/clips/:id/media/:file", auth.Visitor, s.media.File},
		{"GET", "/clips/:id/media/:rendition/:file", auth.Visitor, s.media.RenditionFile},
		{"HEAD", "/clips/:id/media/:rendition/:file", auth.Visitor, s.media.RenditionFile},
	}
}

// pageRoutes are the pages, their files, and the routes for monitoring. All
// answer HEAD like GET.
func (s *server) pageRoutes() []route {
	var pages []route
	for _, p := range s.page.Routes() {
		pages = append(pages, route{"GET", p.Path, auth.Visitor, p.Handler})
	}

	return append(pages, []route{
		{"GET", "/auth/oidc/start", auth.Visitor, s.oidc.Start},
		{"GET", "/auth/oidc/callback", auth.Visitor, s.oidc.Callback},
		{"GET", "/s/:token", auth.Visitor, s.page.Share},
		{"GET", "/embed/:token", auth.Visitor, s.page.Embed},
		{"GET", "/oembed", auth.None, s.page.OEmbed},
		{"GET", "/assets/*", auth.None, s.page.WebAsset},
		{"GET", "/favicon.svg", auth.None, s.page.WebAsset},
		{"GET", "/healthz", auth.None, s.health.serveLiveness},
		{"GET", "/readyz", auth.None, s.health.serveReadiness},
		{"GET", "/metrics", auth.Visitor, s.metrics.serveMetrics},
	}...)
}

// buildRoutes registers all routes. The middleware of a call: request state and
// log, auth level, the body in memory, validation, idempotency.
func (s *server) buildRoutes() {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.writeError
	e.IPExtractor = s.origin.ClientIP
	e.Use(s.requestMiddleware, refuseLoopbackURI, redirectPages)
	s.echo = e
	for _, r := range s.callRoutes() {
		template := pathTemplate(r.path)
		around := []echo.MiddlewareFunc{callDeadlines, s.auth.RequireAuth(r.level), s.bodies.bufferBody(bodyLimit(r.level, r.path)),
			s.rules.validateRequest(template, r.method)}
		if s.rules.offersIdempotency(template, r.method) {
			around = append(around, s.idempotency.replayOrRun)
		}
		r.path = apiBase + r.path
		s.addRoute(r, around...)
	}

	for _, r := range s.rawRoutes() {
		r.path = apiBase + r.path
		around := []echo.MiddlewareFunc{noWriteDeadline, s.auth.RequireAuth(r.level)}
		if strings.HasPrefix(r.path, upload.Path) {
			around = []echo.MiddlewareFunc{noWriteDeadline, upload.RequireVersion, s.auth.RequireAuth(r.level)}
		}
		s.addRoute(r, around...)
	}

	for _, r := range s.pageRoutes() {
		s.addRoute(r, callDeadlines, s.auth.RequireAuth(r.level))
		r.method = http.MethodHead
		s.addRoute(r, callDeadlines, s.auth.RequireAuth(r.level))
	}
}

func (s *server) addRoute(r route, around ...echo.MiddlewareFunc) {
	s.routes = append(s.routes, r)
	s.echo.Add(r.method, r.path, r.handler, around...)
}

var pathParameter = regexp.MustCompile(`:([a-z]+)`)

// pathTemplate is a route's path as openapi.yaml writes it.
func pathTemplate(path string) string { return pathParameter.ReplaceAllString(path, "{$1}") }

// offersIdempotency reports whether the operation has the header
// Idempotency-Key in openapi.yaml.
func (u *apiDescription) offersIdempotency(path, method string) bool {
	op := u.doc.Paths.Value(path).GetOperation(method)
	return op.Parameters.GetByInAndName(openapi3.ParameterInHeader, "Idempotency-Key") != nil
}

// serveOpenAPI is GET /openapi.json.
func (s *server) serveOpenAPI(c echo.Context) error {
	return response.WriteTagged(c, echo.MIMEApplicationJSON, s.rules.json)
}

// noWriteDeadline clears the deadline that an earlier call left on the
// connection. Uploads, media and live events set their own.
func noWriteDeadline(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		// httptest.ResponseRecorder has no deadlines; real connections always
		// do.
		_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Time{})
		return next(c)
	}
}
