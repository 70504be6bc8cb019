// Package api is HTTP: the JSON calls of openapi.yaml, tus uploads, media with
// byte ranges, live events, and the server-drawn heads of the pages.
//
// openapi.yaml comes first; package spec is generated from it, and a test fails
// when routes and description differ. routes.go is the table of contents, one
// file holds one noun, and error.go is the only map from kinds of errors to
// statuses.
//
// For the operator: every answer carries X-Request-Id, which also stands in the
// log and in every problem. Logs never hold tokens, passwords or query strings.
// /healthz says the process is up, /readyz what it depends on, /metrics (from
// the machine itself, or with an admin token) counts. The client's address is
// the connection's, unless TrustedProxies names the proxy in front.
package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// Config is what an operator may choose. Zero fields take the defaults named here.
type Config struct {
	PublicURL      string         // "https://tidings.example"; "" = as the request says
	TrustedProxies []netip.Prefix // whose X-Forwarded-For and -Proto are believed; none
	SetupToken     string         // needed for the setup from another machine; "" = not possible from there
	EmbedAncestors string         // who may frame /embed pages where a workspace says nothing, as CSP's frame-ancestors writes it; "*"
	MaxUpload      int64          // largest original, announced to tus clients; 20 GiB
	Version        string         // shown to the page
	SessionLife    time.Duration  // 30 days
	RecheckEvery   time.Duration  // long answers look at their rights again this often; 5 s
	Heartbeat      time.Duration  // of live events; 15 s
	BodyIdle       time.Duration  // an upload's connection may be silent this long; 60 s
	MaxStreams     int            // live event streams at once; 4096
	Rules          OIDCRules      // for people the OpenID provider sends
	GuestBurst     int            // what the guests of a link may do at once from one address, then once every 6 s; 30
	OwnersOnly     bool           // only owners of a workspace may make another
	CanMail        bool           // invitations go out by mail
	LoginBurst     int            // wrong or right passwords at once, then one every 6 s; 10
	MissBurst      int            // unknown link tokens from one address at once, then one every 6 s; 20
	Clock          tidings.Clock  // time.Now
	Log            *slog.Logger   // slog.Default
}

func (c Config) withDefaults() Config {
	c.MaxUpload = or(c.MaxUpload, 20<<30)
	c.EmbedAncestors = or(c.EmbedAncestors, everybody)
	c.SessionLife = or(c.SessionLife, 30*24*time.Hour)
	c.RecheckEvery = or(c.RecheckEvery, 5*time.Second)
	c.Heartbeat = or(c.Heartbeat, 15*time.Second)
	c.BodyIdle = or(c.BodyIdle, 60*time.Second)
	c.MaxStreams = or(c.MaxStreams, 4096)
	c.GuestBurst = or(c.GuestBurst, 30)
	c.LoginBurst = or(c.LoginBurst, 10)
	c.MissBurst = or(c.MissBurst, 20)
	c.Log = or(c.Log, slog.Default())
	if c.Clock == nil {
		c.Clock = time.Now
	}

	return c
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// server answers requests. Its fields do not change after New.
type server struct {
	Config
	Deps
	echo     *echo.Echo
	routes   []route
	rules    *rules
	sessions *scs.SessionManager
	csrf     *http.CrossOriginProtection
	public   *url.URL // nil = as the request says
	pages    *pages
	counters *counters
	logins   *limiter
	misses   *limiter  // tokens that were none, by address
	odd      sync.Once // told of a host that may be anybody's
	begins   *limiter  // challenges and visits to the provider that strangers begin
	guests   *limiter
	hashing  *hashing
	repeats  *repeats
	streams  chan struct{}
	drawing  chan struct{} // one picture at a time
	finding  chan struct{} // searches that are at work
	told     told          // what the newest events are about
	epoch    string        // makes event ids of another process unknown
	done     <-chan struct{}
}

// New wires the handler. When ctx ends, live event streams end; other requests
// are the http.Server's to drain. It fails on a PublicURL that is none and on a
// web build that cannot be read.
func New(ctx context.Context, cfg Config, deps Deps) (http.Handler, error) {
	s := &server{Config: cfg.withDefaults(), Deps: deps, done: ctx.Done(), counters: newCounters(), hashing: newHashing(), repeats: newRepeats()}
	var err error
	if s.public, err = publicURL(s.PublicURL); err != nil {
		return nil, err
	}
	if s.rules, err = loadRules(); err != nil {
		return nil, err
	}
	if s.pages, err = newPages(deps.Web); err != nil {
		return nil, err
	}

	s.csrf = http.NewCrossOriginProtection()
	if s.public != nil {
		if err := s.csrf.AddTrustedOrigin(s.public.Scheme + "://" + s.public.Host); err != nil {
			return nil, err
		}
	}

	s.sessions = newSessions(deps.Store, s.SessionLife)
	s.logins, s.misses = newLimiter(s.LoginBurst, s.Clock), newLimiter(s.MissBurst, s.Clock)
	s.begins = newLimiter(3*s.LoginBurst, s.Clock)
	s.guests = newLimiter(s.GuestBurst, s.Clock)
	s.drawing = make(chan struct{}, 1)
	s.finding = make(chan struct{}, runtime.GOMAXPROCS(0)+1)
	s.streams = make(chan struct{}, s.MaxStreams)
	var b [4]byte
	rand.Read(b[:])
	s.epoch = hex.EncodeToString(b[:])
	s.build()
	return s.echo, nil
}

// NewHTTPServer is an http.Server with the timeouts this handler counts on: a
// client has 10 s for its headers; bodies and answers have deadlines of their
// own, set per route, because uploads, media and live events may take hours.
func NewHTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// webFS is dist, whether the room web hands out dist itself or its parent.
func webFS(web fs.FS) (fs.FS, error) {
	if web == nil {
		return nil, nil
	}
	if _, err := fs.Stat(web, "dist"); err == nil {
		return fs.Sub(web, "dist")
	}
	return web, nil
}

var _ spec.StrictServerInterface = (*server)(nil)
