package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"flag"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"tidings.example/tidings/api"
	"tidings.example/tidings/api/auth"
	apimedia "tidings.example/tidings/api/media"
	"tidings.example/tidings/media"
	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/media/blob/embedded"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/metrics"
	"tidings.example/tidings/store"
	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// bucket is the one embedded storage of this test process, and room the folder
// of these tests, which the storage leaves.
var (
	bucket *blob.Store
	room   string
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	// Fuzzing follows what code an input reaches. A server that works beside it
	// makes every input look new, and the fuzzer shortens each of them forever.
	flag.Parse()
	if flag.Lookup("test.fuzz").Value.String() != "" {
		return m.Run()
	}

	dir, err := os.MkdirTemp("", "api")
	if err == nil {
		room, err = os.Getwd()
	}

	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	srv, err := embedded.Start(context.Background(), embedded.Config{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	defer srv.Close()

	bucket, err = blob.New(blob.Config{Endpoint: srv.Endpoint(), Bucket: "tidings", PathStyle: true, HTTPClient: srv.HTTPClient(),
		AccessKey: srv.Credentials.AccessKey, SecretKey: srv.Credentials.SecretKey})
	if err == nil {
		err = bucket.EnsureBucket(context.Background())
	}

	if err != nil {
		panic(err)
	}

	return m.Run()
}

// emptyDatabase is a database without rows, migrated once for all tests.
var emptyDatabase = sync.OnceValue(func() []byte {
	dir, err := os.MkdirTemp("", "api")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(context.Background(), store.Config{Dir: dir})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		panic(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "tidings.db"))
	if err != nil {
		panic(err)
	}
	return text
})

var passwordHash = sync.OnceValue(func() string { return auth.HashPassword(password) })

// clock tells the real time, moved on by what a test lets pass.
type clock struct{ ahead atomic.Int64 }

func (c *clock) Now() time.Time       { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) Pass(d time.Duration) { c.ahead.Add(int64(d)) }

// text collects what is logged.
type text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *text) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *text) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// objects and original are the adapters that cmd/tidings has.
type objects struct{ *blob.Store }

func (o objects) Get(ctx context.Context, key string, c apimedia.Conditions) (*apimedia.Object, error) {
	got, err := o.Store.Get(ctx, key, blob.GetOptions{Range: c.Range, IfNoneMatch: c.IfNoneMatch, IfMatch: c.IfMatch})
	if err != nil {
		return nil, err
	}
	return &apimedia.Object{Size: got.Size, ETag: got.ETag, ContentType: got.ContentType, ContentRange: got.ContentRange, Body: got.Body}, nil
}

func (o objects) Head(ctx context.Context, key string) (*apimedia.Object, error) {
	got, err := o.Store.Head(ctx, key)
	return &apimedia.Object{Size: got.Size, ETag: got.ETag, ContentType: got.ContentType}, err
}

func (o objects) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) error {
	return o.Plain().Put(ctx, key, body, size, contentType)
}

// avatars are people's pictures in the bucket.
type avatars struct{}

func (avatars) AvatarKey(user tidings.ID, hash string) string { return store.AvatarKey(user, hash) }
func (avatars) PutAvatar(ctx context.Context, user tidings.ID, hash string, jpeg []byte) error {
	return bucket.Plain().Put(ctx, store.AvatarKey(user, hash), bytes.NewReader(jpeg), int64(len(jpeg)), "image/jpeg")
}

type original struct{ *source.Source }

func (o original) Stat(ctx context.Context, clip tidings.ID) (apimedia.OriginalInfo, error) {
	st, err := o.Source.Stat(ctx, clip)
	return apimedia.OriginalInfo{Size: st.Size, Sealed: st.Sealed, ContentType: st.ContentType}, err
}

// found is a search engine that knows the clips it is told of.
type found struct {
	clips []tidings.ID
	more  bool
	asked tidings.Query // the last one
}

func (f *found) Name() string { return "test" }
func (f *found) Search(_ context.Context, q tidings.Query) (hits []tidings.Hit, more bool, err error) {
	f.asked = q
	for _, id := range f.clips {
		hits = append(hits, tidings.Hit{ClipID: id})
	}
	return hits, f.more, nil
}

func (f *found) Count(context.Context, tidings.ID) (int, error) { return len(f.clips), nil }

// world is a running server over a real database and a real storage, with a
// workspace and its owner, Ana.
type world struct {
	testing.TB
	dir    string // of the database
	store  *store.Store
	source *source.Source
	clock  *clock
	log    *text
	search *found
	server *httptest.Server
	routes []*echo.Route
	ws     tidings.ID
	ana    *client
	avatar string // hash of Ana's picture, once she has one
}

// transcriptChange adjusts a world before it starts.
type transcriptChange func(*api.Config, *api.Deps, *source.Config)

const password = "correct horse"

// stores is the database for each interface of the package api.
func stores(s *store.Store) api.Stores {
	return api.Stores{
		Auth: s, Access: s, Passwords: s, Passkeys: s, OIDCAccounts: s,
		Setup: s, Uploads: s, Media: s, Pages: s, Accounts: s,
		Avatars: s, Tokens: s, Workspaces: s, Operators: s, Channels: s,
		ChannelAccess: s, Invites: s, Clips: s, ClipViews: s, Audience: s,
		Links: s, Guests: s, Comments: s, CommentAccess: s, Reactions: s,
		Transcripts: s, Glossaries: s, Engines: s, Searches: s, SavedSearches: s,
		SearchIndex: s, Notifications: s, Events: s, Idempotency: s,
	}
}

// newFresh starts a server that is not set up yet.
func newFresh(t testing.TB, changes ...transcriptChange) *world {
	t.Helper()
	w := &world{TB: t, clock: &clock{}, log: &text{}, search: &found{}}
	var err error
	dir := t.TempDir()
	w.dir = dir
	w.ok(os.WriteFile(filepath.Join(dir, "tidings.db"), emptyDatabase(), 0o600))
	w.store, err = store.Open(t.Context(), store.Config{Dir: dir, Clock: w.clock.Now})
	w.ok(err)
	t.Cleanup(func() { w.store.Close() })
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cfg := api.Config{Version: "test", SetupToken: "setup-secret-canary", LoginBurst: 1000, RecheckEvery: 50 * time.Millisecond, Clock: w.clock.Now, Log: log}
	from := source.Config{Clock: w.clock.Now, Sniff: media.Sniff, TempDir: t.TempDir(), FlushEvery: 20 * time.Millisecond, Log: log}
	deps := api.Deps{Metrics: metrics.New(), Objects: objects{bucket}, Avatars: avatars{}, Search: w.search,
		Makers: apimedia.Makers{Download: func(context.Context, tidings.ID, string) (tidings.Asset, error) {
			return tidings.Asset{}, tidings.NotFound()
		}},
		Moments: func(_ context.Context, docs []tidings.Document, _ tidings.Query) (all [][]tidings.Moment, err error) {
			for _, d := range docs {
				all = append(all, []tidings.Moment{{Source: "title", ID: d.ClipID, StartMS: 93_500, Snippet: "<mark>x</mark>"}})
			}
			return all, nil
		},
		Ready: map[string]func(context.Context) error{"database": func(context.Context) error { return nil }}}
	for _, f := range changes {
		f(&cfg, &deps, &from)
	}

	w.source = source.New(w.store, bucket.Plain(), w.store, from)
	deps.Stores, deps.Uploads, deps.Original = stores(w.store), w.source, original{w.source}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	h, err := api.New(ctx, cfg, deps)
	w.ok(err)
	w.routes = h.(*echo.Echo).Routes()
	w.server = httptest.NewUnstartedServer(nil)
	w.server.Config = api.NewHTTPServer(h, log)
	w.server.Start()
	t.Cleanup(func() {
		stop()
		w.server.Close()
	})

	return w
}

// newWorld is a server that was set up.
func newWorld(t testing.TB, changes ...transcriptChange) *world {
	t.Helper()
	w := newFresh(t, changes...)
	u, ws, err := w.store.Setup(t.Context(), tidings.Setup{WorkspaceName: "Ocean", Name: "Ana", Email: "ana@example.org",
		PasswordHash: passwordHash(), TimeZone: "Europe/Vienna"})
	w.ok(err)
	w.ws = ws.ID
	w.ana = w.token(u.ID, tidings.ScopeAdmin)
	return w
}

// rows is the whole database as it lies on the disk.
func (w *world) rows() string {
	w.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "tidings.db*"))
	w.ok(err)
	var all strings.Builder
	for _, name := range files {
		b, err := os.ReadFile(name)
		w.ok(err)
		all.Write(b)
	}
	return all.String()
}

// in is the world in a subtest.
func (w *world) in(t testing.TB) *world {
	c := *w
	c.TB = t
	c.ana = &client{w: &c, user: w.ana.user, header: w.ana.header}
	return &c
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// person adds somebody to the workspace; role "" leaves them outside of it, in
// one of their own.
func (w *world) person(name string, role tidings.Role) *client {
	w.Helper()
	id := tidings.NewID(w.clock.Now())
	ctx, ws := w.Context(), string(w.ws)
	w.ok(w.store.InTx(ctx, func(tx store.Tx) error {
		err := tx.InsertUser(ctx, dbq.InsertUserParams{ID: string(id), Email: strings.ToLower(name + "-" + string(id) + "@example.org"), Name: name, PasswordHash: passwordHash(), TimeZone: "UTC", Prefs: "{}"})
		if role == "" {
			ws, role = string(tidings.NewID(w.clock.Now())), tidings.RoleOwner
			err = errors.Join(err, tx.InsertWorkspace(ctx, dbq.InsertWorkspaceParams{ID: ws, Name: "Elsewhere"}))
		}
		return errors.Join(err, tx.InsertMember(ctx, dbq.InsertMemberParams{WorkspaceID: ws, UserID: string(id), Role: string(role)}))
	}))

	return w.token(id, tidings.ScopeAdmin)
}

// token is a client with a new API token.
func (w *world) token(user tidings.ID, scope tidings.Scope) *client {
	w.Helper()
	id := tidings.NewID(w.clock.Now())
	secret := "tdg_" + strings.Repeat("s", 17) + string(id)
	sum := sha256.Sum256([]byte(secret))
	w.ok(w.store.CreateToken(w.Context(), tidings.Token{ID: id, UserID: user, Name: "test", Scope: scope, Hash: sum[:]}))
	return &client{w: w, user: user, tokenID: id, header: []string{"Authorization: Bearer " + secret}}
}

func (w *world) stranger() *client { return &client{w: w} }

// signIn is a client with a session cookie.
func (w *world) signIn(email string) *client {
	w.Helper()
	a := w.stranger().do("POST", "/api/v1/session", map[string]any{"email": email, "password": password})
	a.is(http.StatusOK, "")
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	return &client{w: w, header: []string{"Cookie: " + cookie}}
}

//go:embed all:testdata/dist
var testdata embed.FS

// files is a built web app as small as can be.
func files() fs.FS {
	dist, err := fs.Sub(testdata, "testdata/dist")
	if err != nil {
		panic(err)
	}
	return dist
}

// client asks in somebody's name.
type client struct {
	w       *world
	user    tidings.ID
	tokenID tidings.ID
	header  []string
}

// with is the client with more headers ("Name: value").
func (c *client) with(header ...string) *client {
	return &client{w: c.w, user: c.user, header: append(append([]string{}, c.header...), header...)}
}

func (c *client) request(method, path string, body io.Reader, header ...string) *http.Request {
	c.w.Helper()
	r, err := http.NewRequestWithContext(c.w.Context(), method, c.w.server.URL+path, body)
	c.w.ok(err)
	for _, line := range append(append([]string{}, c.header...), header...) {
		name, value, _ := strings.Cut(line, ": ")
		if r.Header.Add(name, value); name == "Host" {
			r.Host = value
		}
	}
	return r
}
