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
	"tidings.example/tidings/api/budget"
	"tidings.example/tidings/api/media"
	"tidings.example/tidings/api/page"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/upload"
	"tidings.example/tidings/tidings"
)

// Config is what an operator may choose. Zero fields take the defaults named here.
type Config struct {
	PublicURL      string         // "https://tidings.example"; "" = as the request says
	TrustedProxies []netip.Prefix // whose X-Forwarded-For, -Proto and Forwarded are trusted; none
	SetupToken     string         // needed for the setup from another machine; "" = not possible from there
	EmbedAncestors string         // default of CSP's frame-ancestors for /embed pages; "*"
	MaxUpload      int64          // largest original, announced to tus clients; 20 GiB
	Quota          int64          // bytes of originals in a workspace, as the uploads apply it; 0 = no limit
	Version        string         // shown to the page
	SessionLife    time.Duration  // 30 days
	RecheckEvery   time.Duration  // how often long answers recheck access; 5 s
	Heartbeat      time.Duration  // of live events; 15 s
	BodyIdle       time.Duration  // an upload's connection may be silent this long; 60 s
	BodyTimeout    time.Duration  // a visitor's JSON body must come within it, a member's within three times; 10 s
	ReadIdle       time.Duration  // a reader of media that takes nothing for this long is disconnected; 30 s
	MediaReads     budget.Limits  // answers with media at once; media.ReadLimits
	MaxConnections int            // open at once; 8192, at most half of the files the process may open
	MaxStreams     int            // live event streams at once, a quarter of them for members alone; 4096, at most half of MaxConnections
	Rules          auth.OIDCRules // for sign-in by the OpenID provider
	GuestBurst     int            // writes of a link's guests at once from one address, then one every 6 s; 30
	OwnersOnly     bool           // only owners of a workspace may create another
	CanMail        bool           // invitations go out by mail
	LoginBurst     int            // wrong passwords at once, then one every 6 s; 10
	SignInDelay    time.Duration  // of sign-ins to an account that others guess at; 2 s
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
	c.BodyTimeout = cmp.Or(c.BodyTimeout, 10*time.Second)
	c.MaxConnections = cmp.Or(c.MaxConnections, connectionLimit())
	c.MediaReads = cmp.Or(c.MediaReads, media.ReadLimits(c.MaxConnections))
	c.MaxStreams = cmp.Or(c.MaxStreams, min(4096, c.MaxConnections/2))
	c.GuestBurst = cmp.Or(c.GuestBurst, 30)
	c.LoginBurst = cmp.Or(c.LoginBurst, 10)
	c.SignInDelay = cmp.Or(c.SignInDelay, 2*time.Second)
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
	signInLimiter    *auth.Limiter
	challengeLimiter *auth.Limiter // passkey challenges and OpenID flows; further ones are delayed
	guestLimiter     *auth.Limiter
	bodies           *bodyReader
	passwords        *auth.PasswordHasher
	idempotencyLocks *keyLock
	streams          *budget.Pool
	searchSlots      chan struct{} // running searches
	eventCache       *eventCache   // resources of the newest events
	epoch            string        // makes event ids of another process unknown
	stopped          <-chan struct{}

	handlers
}

// New wires the handler. When ctx ends, live event streams end; other requests
// are drained by the http.Server. It fails on an invalid PublicURL and on a web
// build that cannot be read.
func New(ctx context.Context, cfg Config, deps Deps) (http.Handler, error) {
	s := &server{Config: cfg.withDefaults(), Deps: deps, stopped: ctx.Done(), passwords: auth.NewPasswordHasher(), idempotencyLocks: newKeyLock(), eventCache: &eventCache{}}
	var err error
	if s.origin, err = request.NewOrigin(s.PublicURL, s.TrustedProxies, s.Log); err != nil {
		return nil, err
	}
	if s.rules, err = loadDescription(); err != nil {
		return nil, err
	}

	s.signInLimiter = auth.NewLimiter(s.LoginBurst, s.Clock)
	s.auth, err = auth.NewAuthenticator(auth.Config{Store: deps.Stores.Auth, Origin: s.origin, SessionLife: s.SessionLife, SignIns: s.signInLimiter,
		SignInDelay: s.SignInDelay, LinkMisses: auth.NewLimiter(s.MissBurst, s.Clock), Clock: s.Clock})
	if err != nil {
		return nil, err
	}

	s.page, err = page.New(page.Config{Store: deps.Stores.Pages, Data: pageData{s}, Auth: s.auth, InviteLimiter: s.signInLimiter, Web: deps.Web, Version: s.Version,
		MaxUpload: s.MaxUpload, CheckSpace: deps.CheckSpace, EmbedAncestors: s.EmbedAncestors, Clock: s.Clock})
	if err != nil {
		return nil, err
	}

	s.access = auth.NewAccess(deps.Stores.Access, s.auth, s.Clock)
	s.upload = upload.New(upload.Config{Store: deps.Stores.Uploads, Uploads: deps.Uploads, Access: s.access, MaxBytes: s.MaxUpload,
		IdleTimeout: s.BodyIdle, CountBytes: s.Metrics.AddUploadBytes, Clock: s.Clock})
	s.media = media.New(media.Config{Makers: deps.Makers, Store: deps.Stores.Media, Original: deps.Original, Objects: deps.Objects, Avatars: deps.Avatars,
		Access: s.access, RecheckEvery: s.RecheckEvery, ReadIdle: s.ReadIdle, Reads: s.MediaReads})

	s.challengeLimiter = auth.NewLimiter(3*s.LoginBurst, s.Clock)
	s.guestLimiter = auth.NewLimiter(s.GuestBurst, s.Clock)
	s.bodies = &bodyReader{pool: budget.NewPool(bodyLimits), timeout: s.BodyTimeout}
	s.searchSlots = make(chan struct{}, runtime.GOMAXPROCS(0)+1)
	s.streams = budget.NewPool(streamLimits(s.MaxStreams))
	s.Metrics.AddGauge("tidings_event_streams", "Open event streams.", func() float64 { return float64(s.streams.Held()) })
	s.Metrics.AddGauge("tidings_media_reads", "Answers with media that are being sent.", func() float64 { return float64(s.media.HeldReads()) })
	s.Metrics.AddGauge("tidings_request_bodies", "Bodies of calls that are on their way.", func() float64 { return float64(s.bodies.pool.Held()) })
	var b [4]byte
	rand.Read(b[:])
	s.epoch = hex.EncodeToString(b[:])
	s.newHandlers(deps)
	s.buildRoutes()
	return s.echo, nil
}
