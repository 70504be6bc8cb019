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
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// bucket is the embedded storage of this test process. testDir is the folder of
// these tests: the storage changes the working directory.
var (
	bucket    *blob.Store
	bucketDir string // where its objects are, as files
	testDir   string
)

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	// Fuzzing is guided by coverage. A server in the same process makes every
	// input look new, and the fuzzer minimizes each of them endlessly.
	flag.Parse()
	if flag.Lookup("test.fuzz").Value.String() != "" {
		return m.Run()
	}

	dir, err := os.MkdirTemp("", "api")
	if err == nil {
		testDir, err = os.Getwd()
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
		bucketDir = filepath.Join(dir, "objects", "tidings")
		err = bucket.EnsureBucket(context.Background())
	}

	if err != nil {
		panic(err)
	}

	return m.Run()
}

var passwordHash = sync.OnceValue(func() string { return auth.HashPassword(password) })

// clock is the real time plus an offset that tests advance.
type clock struct{ offset atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Now().Add(time.Duration(c.offset.Load())) }
func (c *clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }

// logBuffer collects the log.
type logBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}

// objectStore and originalSource are adapters as in cmd/tidings.
type objectStore struct{ *blob.Store }

func (o objectStore) Get(ctx context.Context, key string, c apimedia.Conditions) (*apimedia.Object, error) {
	got, err := o.Store.Get(ctx, key, blob.GetOptions{Range: c.Range, IfNoneMatch: c.IfNoneMatch, IfMatch: c.IfMatch})
	if err != nil {
		return nil, err
	}
	return &apimedia.Object{Size: got.Size, ETag: got.ETag, ContentType: got.ContentType, ContentRange: got.ContentRange, Body: got.Body}, nil
}

func (o objectStore) Head(ctx context.Context, key string) (*apimedia.Object, error) {
	got, err := o.Store.Head(ctx, key)
	return &apimedia.Object{Size: got.Size, ETag: got.ETag, ContentType: got.ContentType}, err
}

func (o objectStore) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) error {
	return o.Plain().Put(ctx, key, body, size, contentType)
}

// avatarStore keeps avatars in the bucket.
type avatarStore struct{}

func (avatarStore) AvatarKey(user tidings.ID, hash string) string { return store.AvatarKey(user, hash) }
func (avatarStore) PutAvatar(ctx context.Context, user tidings.ID, hash string, jpeg []byte) error {
	return bucket.Plain().Put(ctx, store.AvatarKey(user, hash), bytes.NewReader(jpeg), int64(len(jpeg)), "image/jpeg")
}

type originalSource struct{ *source.Source }

func (o originalSource) Stat(ctx context.Context, clip tidings.ID) (apimedia.OriginalInfo, error) {
	st, err := o.Source.Stat(ctx, clip)
	return apimedia.OriginalInfo{Size: st.Size, Sealed: st.Sealed, ContentType: st.ContentType}, err
}

// fakeSearch is a search engine that returns given clips.
type fakeSearch struct {
	clips     []tidings.ID
	more      bool
	lastQuery tidings.Query // the last one
}

func (f *fakeSearch) Name() string { return "test" }
func (f *fakeSearch) Search(_ context.Context, q tidings.Query) (hits []tidings.Hit, more bool, err error) {
	f.lastQuery = q
	for _, id := range f.clips {
		hits = append(hits, tidings.Hit{ClipID: id})
	}
	return hits, f.more, nil
}

func (f *fakeSearch) Count(context.Context, tidings.ID) (int, error) { return len(f.clips), nil }

// testServer is a running server over a real database and storage, with a
// workspace and its owner, Ana.
type testServer struct {
	testing.TB
	dir    string // folder of the database
	store  *store.Store
	source *source.Source
	clock  *clock
	log    *logBuffer
	search *fakeSearch
	server *httptest.Server
	routes []*echo.Route
	ws     tidings.ID
	ana    *client
	avatar string // hash of Ana's picture, once she has one
}

// serverOption changes the configuration before the server starts.
type serverOption func(*api.Config, *api.Deps, *source.Config)

const password = "correct horse"

// patience is how long tests wait for what must come.
const patience = 2 * time.Minute

// apiStores is the database as each interface of package api.
func apiStores(s *store.Store) api.Stores {
	return api.Stores{
		Auth: s, Access: s, Passwords: s, Resets: s, Passkeys: s, OIDCAccounts: s,
		Setup: s, Uploads: s, Media: s, Pages: s, Accounts: s,
		Avatars: s, Tokens: s, Workspaces: s, WorkspaceSettings: s, Operators: s, Channels: s,
		ChannelAccess: s, Invites: s, Clips: s, ClipViews: s, Audience: s,
		Links: s, Guests: s, Comments: s, CommentAccess: s, Reactions: s,
		Segments: s, Transcripts: s, Glossaries: s, Engines: s, Searches: s, SavedSearches: s,
		SearchIndex: s, Notifications: s, Events: s, Idempotency: s,
	}
}

// newServerBeforeSetup starts a server that is not set up yet.
func newServerBeforeSetup(t testing.TB, changes ...serverOption) *testServer {
	t.Helper()
	w := &testServer{TB: t, clock: &clock{}, log: &logBuffer{}, search: &fakeSearch{}}
	w.dir = t.TempDir()
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.store = storetest.OpenMigrated(t, store.Config{Dir: w.dir, Clock: w.clock.Now, Log: log})
	cfg := api.Config{Version: "test", SetupToken: "setup-secret-canary", LoginBurst: 1000, RecheckEvery: 50 * time.Millisecond, Clock: w.clock.Now, Log: log}
	from := source.Config{Clock: w.clock.Now, Sniff: media.Sniff, SniffContinuation: media.SniffContinuation, TempDir: t.TempDir(), FlushEvery: 20 * time.Millisecond, Log: log}
	deps := api.Deps{Stores: apiStores(w.store), Metrics: metrics.New(), Objects: objectStore{bucket}, Avatars: avatarStore{}, Search: w.search,
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

	rows := source.Rows{Uploads: w.store, Silent: w.store, Continuations: w.store, Originals: w.store}
	w.source = source.New(rows, bucket.Plain(), w.store, from)
	deps.Uploads, deps.Original = w.source, originalSource{w.source}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	h, err := api.New(ctx, cfg, deps)
	w.ok(err)
	w.routes = h.(*echo.Echo).Routes()
	w.server = httptest.NewUnstartedServer(nil)
	w.server.Config = api.NewHTTPServer(h, cfg, deps.Metrics)
	w.server.Listener = api.StrictListener(w.server.Listener)
	w.server.Start()
	t.Cleanup(func() {
		stop()
		w.server.Close()
	})

	return w
}

// newTestServer starts a server that was set up.
func newTestServer(t testing.TB, changes ...serverOption) *testServer {
	t.Helper()
	w := newServerBeforeSetup(t, changes...)
	u, ws, err := w.store.Setup(t.Context(), tidings.Setup{WorkspaceName: "Ocean", Name: "Ana", Email: "ana@example.org",
		PasswordHash: passwordHash(), TimeZone: "Europe/Vienna"})
	w.ok(err)
	w.ws = ws.ID
	w.ana = w.newTokenClient(u.ID, tidings.ScopeAdmin)
	return w
}

// readDatabaseFiles is the content of all database files.
func (w *testServer) readDatabaseFiles() string {
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

// inSubtest is the server for a subtest.
func (w *testServer) inSubtest(t testing.TB) *testServer {
	c := *w
	c.TB = t
	c.ana = &client{w: &c, user: w.ana.user, header: w.ana.header}
	return &c
}

func (w *testServer) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// addPerson adds a user to the workspace; with role "" the user is the owner of
// another workspace.
func (w *testServer) addPerson(name string, role tidings.Role) *client {
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

	return w.newTokenClient(id, tidings.ScopeAdmin)
}

// newTokenClient is a client with a new API token.
func (w *testServer) newTokenClient(user tidings.ID, scope tidings.Scope) *client {
	w.Helper()
	id := tidings.NewID(w.clock.Now())
	secret := "tdg_" + strings.Repeat("s", 17) + string(id)
	sum := sha256.Sum256([]byte(secret))
	w.ok(w.store.CreateToken(w.Context(), tidings.Token{ID: id, UserID: user, Name: "test", Scope: scope, Hash: sum[:]}))
	return &client{w: w, user: user, tokenID: id, header: []string{"Authorization: Bearer " + secret}}
}

func (w *testServer) anonymousClient() *client { return &client{w: w} }

// signIn is a client with a session cookie.
func (w *testServer) signIn(email string) *client {
	w.Helper()
	a := w.anonymousClient().do("POST", "/api/v1/session", map[string]any{"email": email, "password": password})
	a.is(http.StatusOK, "")
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	return &client{w: w, header: []string{"Cookie: " + cookie}}
}

//go:embed all:testdata/dist
var testdata embed.FS

// webFiles is a minimal built web app.
func webFiles() fs.FS {
	dist, err := fs.Sub(testdata, "testdata/dist")
	if err != nil {
		panic(err)
	}
	return dist
}

// client sends requests as one user, or anonymously.
type client struct {
	w       *testServer
	user    tidings.ID
	tokenID tidings.ID
	header  []string
}

// withHeaders is the client with more headers ("Name: value").
func (c *client) withHeaders(header ...string) *client {
	return &client{w: c.w, user: c.user, header: append(append([]string{}, c.header...), header...)}
}

func (c *client) newRequest(method, path string, body io.Reader, header ...string) *http.Request {
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
