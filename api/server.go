// Package api is the HTTP API: the JSON calls of openapi.yaml and live events.
// Its folders hold what else is served: auth (sign-in and the access check),
// upload (tus), media (files of clips) and page (server-drawn pages).
//
// openapi.yaml comes first: package spec is generated from it, and a test fails
// when routes and description differ. routes.go lists the routes of all packages.
// Each noun has a file with its handlers and the interface of the rows it needs.
//
// For the operator: every answer has X-Request-Id, which is also in the log and in
// every problem. Logs never contain tokens, passwords or query strings. /healthz
// is liveness, /readyz readiness, /metrics (from the machine itself, or with an
// admin token) has counters. The client's address is the connection's, unless
// TrustedProxies names the proxy in front.
package api

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/media"
	"tidings.example/tidings/api/page"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/api/upload"
	"tidings.example/tidings/tidings"
)

// Config is what an operator may choose. Zero fields take the defaults named here.
type Config struct {
	PublicURL      string         // "https://tidings.example"; "" = as the request says
	TrustedProxies []netip.Prefix // whose X-Forwarded-For and -Proto are trusted; none
	SetupToken     string         // needed for the setup from another machine; "" = not possible from there
	EmbedAncestors string         // default of CSP's frame-ancestors for /embed pages; "*"
	MaxUpload      int64          // largest original, announced to tus clients; 20 GiB
	Version        string         // shown to the page
	SessionLife    time.Duration  // 30 days
	RecheckEvery   time.Duration  // how often long answers recheck access; 5 s
	Heartbeat      time.Duration  // of live events; 15 s
	BodyIdle       time.Duration  // an upload's connection may be silent this long; 60 s
	MaxStreams     int            // live event streams at once; 4096
	Rules          auth.OIDCRules // for sign-in by the OpenID provider
	GuestBurst     int            // writes of a link's guests at once from one address, then one every 6 s; 30
	OwnersOnly     bool           // only owners of a workspace may create another
	CanMail        bool           // invitations go out by mail
	LoginBurst     int            // sign-in attempts at once, then one every 6 s; 10
	MissBurst      int            // unknown link tokens from one address at once, then one every 6 s; 20
	Clock          tidings.Clock  // time.Now
	Log            *slog.Logger   // slog.Default
}

func (c Config) withDefaults() Config {
	c.MaxUpload = cmp.Or(c.MaxUpload, 20<<30)
	c.EmbedAncestors = cmp.Or(c.EmbedAncestors, page.FrameAnyone)
	c.SessionLife = cmp.Or(c.SessionLife, 30*24*time.Hour)
	c.RecheckEvery = cmp.Or(c.RecheckEvery, 5*time.Second)
	c.Heartbeat = cmp.Or(c.Heartbeat, 15*time.Second)
	c.BodyIdle = cmp.Or(c.BodyIdle, 60*time.Second)
	c.MaxStreams = cmp.Or(c.MaxStreams, 4096)
	c.GuestBurst = cmp.Or(c.GuestBurst, 30)
	c.LoginBurst = cmp.Or(c.LoginBurst, 10)
	c.MissBurst = cmp.Or(c.MissBurst, 20)
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.Clock == nil {
		c.Clock = time.Now
	}

	return c
}

// server has the collaborators of all handlers. Its fields do not change after
// New.
type server struct {
	Config
	Deps
	echo             *echo.Echo
	routes           []route
	rules            *apiDescription
	origin           *request.Origin
	auth             *auth.Authenticator
	access           *auth.Access
	upload           *upload.Handler
	media            *media.Handler
	page             *page.Handler
	logins           *auth.Limiter
	linkMisses       *auth.Limiter // unknown tokens, by address
	challenges       *auth.Limiter // passkey challenges and OpenID flows begun without a session
	guests           *auth.Limiter
	passwords        *auth.PasswordHasher
	idempotencyLocks *keyLock
	streams          chan struct{}
	searchSlots      chan struct{} // running searches
	eventCache       *eventCache   // resources of the newest events
	epoch            string        // makes event ids of another process unknown
	done             <-chan struct{}

	signInMethods  *auth.SignInMethods
	sessions       *auth.SessionHandlers
	passkeys       *auth.PasskeyHandlers
	oidc           *auth.OIDCHandlers
	setup          *auth.SetupHandlers
	tokens         *tokenHandlers
	accounts       *accountHandlers
	workspaces     *workspaceHandlers
	channelAccess  *channelAccess
	channels       *channelHandlers
	invites        *inviteHandlers
	operators      *operatorCheck
	modelHandlers  *modelHandlers
	savedSearches  *savedSearchHandlers
	searches       *searchHandlers
	searchIndex    *searchIndexHandlers
	work           *workHandlers
	clipViews      *clipViews
	commentAccess  *commentAccess
	commentViews   *commentViews
	comments       *commentHandlers
	reactions      *reactionHandlers
	guestHandlers  *guestHandlers
	links          *linkHandlers
	clips          *clipHandlers
	views          *viewHandlers
	transcripts    *transcriptHandlers
	glossaries     *glossaryHandlers
	engineHandlers *engineHandlers
	notifications  *notificationHandlers
	eventStreams   *eventHandlers
	avatars        *avatarHandlers
	idempotency    *idempotency
	health         *healthHandlers
}

// New wires the handler. When ctx ends, live event streams end; other requests
// are drained by the http.Server. It fails on an invalid PublicURL and on a web
// build that cannot be read.
func New(ctx context.Context, cfg Config, deps Deps) (http.Handler, error) {
	s := &server{Config: cfg.withDefaults(), Deps: deps, done: ctx.Done(), passwords: auth.NewPasswordHasher(), idempotencyLocks: newKeyLock(), eventCache: &eventCache{}}
	var err error
	if s.origin, err = request.NewOrigin(s.PublicURL, s.TrustedProxies, s.Log); err != nil {
		return nil, err
	}
	if s.rules, err = loadDescription(); err != nil {
		return nil, err
	}

	s.logins = auth.NewLimiter(s.LoginBurst, s.Clock)
	s.auth, err = auth.NewAuthenticator(auth.Config{Store: deps.Stores.Auth, Origin: s.origin, SessionLife: s.SessionLife, SignIns: s.logins,
		LinkMisses: auth.NewLimiter(s.MissBurst, s.Clock), Clock: s.Clock})
	if err != nil {
		return nil, err
	}

	s.page, err = page.New(page.Config{Store: deps.Stores.Pages, Data: pageData{s}, Auth: s.auth, InviteLimiter: s.logins, Web: deps.Web, Version: s.Version,
		MaxUpload: s.MaxUpload, EmbedAncestors: s.EmbedAncestors, Clock: s.Clock})
	if err != nil {
		return nil, err
	}

	s.access = auth.NewAccess(deps.Stores.Access, s.auth, s.Clock)
	s.upload = upload.New(upload.Config{Store: deps.Stores.Uploads, Uploads: deps.Uploads, Access: s.access, MaxBytes: s.MaxUpload,
		IdleTimeout: s.BodyIdle, CountBytes: s.Metrics.AddUploadBytes, Clock: s.Clock})
	s.media = media.New(media.Config{Makers: deps.Makers, Store: deps.Stores.Media, Original: deps.Original, Objects: deps.Objects, Avatars: deps.Avatars,
		Access: s.access, RecheckEvery: s.RecheckEvery})

	s.challenges = auth.NewLimiter(3*s.LoginBurst, s.Clock)
	s.guests = auth.NewLimiter(s.GuestBurst, s.Clock)
	s.searchSlots = make(chan struct{}, runtime.GOMAXPROCS(0)+1)
	s.streams = make(chan struct{}, s.MaxStreams)
	s.Metrics.AddGauge("tidings_event_streams", "Open event streams.", func() float64 { return float64(len(s.streams)) })
	var b [4]byte
	rand.Read(b[:])
	s.epoch = hex.EncodeToString(b[:])
	s.newHandlers(deps)
	s.buildRoutes()
	return s.echo, nil
}

// NewHTTPServer is an http.Server with the timeouts the handler relies on: a
// client has 10 s for its headers; bodies and answers have deadlines per route,
// because uploads, media and live events may take hours.
func NewHTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// newHandlers makes the handlers of each noun.
func (s *server) newHandlers(deps Deps) {
	s.signInMethods = &auth.SignInMethods{Origin: s.origin, Provider: s.OIDC}
	s.sessions = &auth.SessionHandlers{Store: deps.Stores.Passwords, Authenticator: s.auth, Passwords: s.passwords, SignInLimiter: s.logins}
	s.passkeys = &auth.PasskeyHandlers{Store: deps.Stores.Passkeys, Methods: s.signInMethods, Authenticator: s.auth, ChallengeLimiter: s.challenges, Clock: s.Clock, SignInLimiter: s.logins}
	s.oidc = &auth.OIDCHandlers{Store: deps.Stores.OIDCAccounts, Methods: s.signInMethods, Authenticator: s.auth, ChallengeLimiter: s.challenges, Clock: s.Clock, Provider: s.OIDC, Rules: s.Rules, SignInLimiter: s.logins}
	s.setup = &auth.SetupHandlers{Store: deps.Stores.Setup, Authenticator: s.auth, Passwords: s.passwords, SetupToken: s.SetupToken, SignInLimiter: s.logins}
	s.tokens = &tokenHandlers{store: deps.Stores.Tokens, clock: s.Clock}
	s.accounts = &accountHandlers{store: deps.Stores.Accounts, auth: s.auth}
	s.workspaces = &workspaceHandlers{store: deps.Stores.Workspaces, embedAncestors: s.EmbedAncestors, ownersOnly: s.OwnersOnly}
	s.channelAccess = &channelAccess{store: deps.Stores.ChannelAccess}
	s.channels = &channelHandlers{store: deps.Stores.Channels, channelAccess: s.channelAccess, clock: s.Clock}
	s.invites = &inviteHandlers{store: deps.Stores.Invites, channelAccess: s.channelAccess, auth: s.auth, canMail: s.CanMail, clock: s.Clock, passwords: s.passwords, signInLimiter: s.logins}
	s.operators = &operatorCheck{store: deps.Stores.Operators}
	s.modelHandlers = &modelHandlers{operators: s.operators, models: s.Models}
	s.savedSearches = &savedSearchHandlers{store: deps.Stores.SavedSearches, clock: s.Clock}
	s.searches = &searchHandlers{store: deps.Stores.Searches, channelAccess: s.channelAccess, access: s.access, clock: s.Clock, moments: s.Moments, search: deps.Search, searchElsewhere: s.SearchElsewhere, slots: s.searchSlots}
	s.searchIndex = &searchIndexHandlers{store: deps.Stores.SearchIndex, operators: s.operators, access: s.access, clock: s.Clock, readyChecks: s.Ready, reindexer: s.Reindex, search: deps.Search}
	s.work = &workHandlers{auth: s.auth, recheckEvery: s.RecheckEvery, stopped: s.done, workers: s.Workers}
	s.clipViews = &clipViews{store: deps.Stores.ClipViews, access: s.access, clock: s.Clock, media: s.media}
	s.commentAccess = &commentAccess{store: deps.Stores.CommentAccess, access: s.access, clock: s.Clock, guestLimiter: s.guests}
	s.commentViews = &commentViews{clipViews: s.clipViews}
	s.comments = &commentHandlers{store: deps.Stores.Comments, commentAccess: s.commentAccess, commentViews: s.commentViews, access: s.access, clock: s.Clock}
	s.reactions = &reactionHandlers{store: deps.Stores.Reactions, commentAccess: s.commentAccess, commentViews: s.commentViews, access: s.access}
	s.guestHandlers = &guestHandlers{store: deps.Stores.Guests, commentAccess: s.commentAccess, access: s.access, auth: s.auth, clock: s.Clock}
	s.links = &linkHandlers{store: deps.Stores.Links, access: s.access, auth: s.auth, clock: s.Clock, media: s.media, passwords: s.passwords, signInLimiter: s.logins}
	s.clips = &clipHandlers{store: deps.Stores.Clips, clipViews: s.clipViews, commentAccess: s.commentAccess, access: s.access, channelAccess: s.channelAccess, clock: s.Clock}
	s.views = &viewHandlers{store: deps.Stores.Audience, access: s.access}
	s.transcripts = &transcriptHandlers{store: deps.Stores.Transcripts, access: s.access}
	s.glossaries = &glossaryHandlers{store: deps.Stores.Glossaries, transcripts: s.transcripts, access: s.access}
	s.engineHandlers = &engineHandlers{store: deps.Stores.Engines, clipViews: s.clipViews, access: s.access, engines: s.Engines}
	s.notifications = &notificationHandlers{store: deps.Stores.Notifications, access: s.access}
	s.eventStreams = &eventHandlers{store: deps.Stores.Events, clipViews: s.clipViews, commentAccess: s.commentAccess, commentViews: s.commentViews, access: s.access, auth: s.auth, cache: s.eventCache, clock: s.Clock, epoch: s.epoch, heartbeat: s.Heartbeat, recheckEvery: s.RecheckEvery, stopped: s.done, streams: s.streams}
	s.avatars = &avatarHandlers{store: deps.Stores.Avatars, auth: s.auth, media: s.media}
	s.idempotency = &idempotency{store: deps.Stores.Idempotency, locks: s.idempotencyLocks}
	s.health = &healthHandlers{optional: s.OptionalReady, required: s.Ready}
}

// jsonHandlers implements spec.StrictServerInterface by the handlers of each
// noun.
type jsonHandlers struct {
	*auth.SessionHandlers
	*auth.PasskeyHandlers
	*auth.OIDCHandlers
	*auth.SetupHandlers
	*tokenHandlers
	*accountHandlers
	*workspaceHandlers
	*channelHandlers
	*inviteHandlers
	*modelHandlers
	*savedSearchHandlers
	*searchHandlers
	*searchIndexHandlers
	*workHandlers
	*commentHandlers
	*reactionHandlers
	*guestHandlers
	*linkHandlers
	*clipHandlers
	*viewHandlers
	*transcriptHandlers
	*glossaryHandlers
	*engineHandlers
	*notificationHandlers
}

func (s *server) jsonHandlers() jsonHandlers {
	return jsonHandlers{s.sessions, s.passkeys, s.oidc, s.setup, s.tokens, s.accounts, s.workspaces, s.channels, s.invites, s.modelHandlers, s.savedSearches, s.searches, s.searchIndex, s.work, s.comments, s.reactions, s.guestHandlers, s.links, s.clips, s.views, s.transcripts, s.glossaries, s.engineHandlers, s.notifications}
}

var _ spec.StrictServerInterface = jsonHandlers{}
