package source_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/media/blob/embedded"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/media/source/sourcetest"
	"tidings.example/tidings/tidings"
)

// testTimeout is the timeout of every wait in these tests.
const testTimeout = 60 * time.Second

// testBlobs is the one real S3 server of all tests: a process can have only one.
var testBlobs blob.Plain

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if dir := os.Getenv(victimDir); dir != "" {
		if err := appendForever(context.Background(), dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		return 1
	}

	dir, err := os.MkdirTemp("", "tidings-source-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)

	srv, blobs, err := startStorage(context.Background(), dir, false)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer srv.Close()

	testBlobs = blobs

	return m.Run()
}

func startStorage(ctx context.Context, dir string, fsync bool) (*embedded.Server, blob.Plain, error) {
	srv, err := embedded.Start(ctx, embedded.Config{Dir: dir, Fsync: fsync})
	if err != nil {
		return nil, blob.Plain{}, err
	}

	s, err := blob.New(blob.Config{Endpoint: srv.Endpoint(), Bucket: "tidings", PathStyle: true, HTTPClient: srv.HTTPClient(),
		AccessKey: srv.Credentials.AccessKey, SecretKey: srv.Credentials.SecretKey})
	if err == nil {
		err = s.EnsureBucket(ctx)
	}

	if err != nil {
		return nil, blob.Plain{}, errors.Join(err, srv.Close())
	}

	return srv, s.Plain(), nil
}

// period is no multiple of a size used here: bytes at a wrong offset are wrong
// bytes.
const period = 1_000_003

var patternTable = sync.OnceValue(func() []byte {
	b := make([]byte, period)
	for i := range b {
		b[i] = byte(uint64(i) * 0x9e3779b97f4a7c15 >> 56)
	}
	return b
})

// pattern is n bytes, from an offset, of the content of every original here.
func pattern(from, n int64) []byte {
	b, table := make([]byte, n), patternTable()
	for at := int64(0); at < n; {
		at += int64(copy(b[at:], table[max(0, from+at)%period:])) // TestAppendWhereItStands asks for offset -1
	}
	return b
}

type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// testSource is a source with one upload, on a real S3 server. Its rows are in memory;
// the suite of sourcetest tests them like the real database.
type testSource struct {
	*source.Source
	t     *testing.T
	rows  *sourcetest.Rows
	clock *testClock
	u     tidings.Upload
}

// rowsOf are the rows of a source whose parts one database has all.
func rowsOf(all sourcetest.Database) source.Rows {
	return source.Rows{Uploads: all, Silent: all, Continuations: all, Originals: all}
}

func newTestSource(t *testing.T, cfg source.Config) *testSource {
	t.Helper()
	c := &testClock{now: time.Now()}
	cfg.Clock = c.Now
	rows := &sourcetest.Rows{Clock: c.Now}
	r := &testSource{Source: source.New(rowsOf(rows), testBlobs, &rows.Hub, cfg), t: t, rows: rows, clock: c}
	r.u = r.createUpload(nil)
	return r
}

// createUpload inserts an upload of a new clip.
func (r *testSource) createUpload(length *int64) tidings.Upload {
	r.t.Helper()
	now := r.clock.Now()
	u := tidings.Upload{ID: tidings.NewID(now), ClipID: tidings.NewID(now), WorkspaceID: "w", Length: length, Filetype: "video/webm"}
	if err := r.Create(r.t.Context(), u); err != nil {
		r.t.Fatal(err)
	}
	return u
}

func (r *testSource) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *testSource) wantKind(err error, want tidings.Kind) {
	r.t.Helper()
	if got := tidings.KindOf(err); got != want {
		r.t.Fatalf("kind %q (%v), want %q", got, err, want)
	}
}

// appendBytes appends n bytes of the pattern at the upload's offset.
func (r *testSource) appendBytes(u tidings.Upload, n int64) {
	r.t.Helper()
	at := r.offsetOf(u)
	end, err := r.Append(r.t.Context(), u.ID, at, bytes.NewReader(pattern(at, n)), nil)
	r.ok(err)
	if end != at+n {
		r.t.Fatalf("stands at %d, want %d", end, at+n)
	}
}

// offsetOf is the offset of an upload.
func (r *testSource) offsetOf(u tidings.Upload) int64 {
	r.t.Helper()
	got, err := r.Upload(r.t.Context(), u.ID)
	r.ok(err)
	return got.Offset
}

func (r *testSource) isSealed(u tidings.Upload) bool {
	r.t.Helper()
	got, err := r.Upload(r.t.Context(), u.ID)
	r.ok(err)
	return got.SealedAt != nil
}

// wantBytes checks that the original is the pattern up to end.
func (r *testSource) wantBytes(u tidings.Upload, end int64) {
	r.t.Helper()
	stat, err := r.Stat(r.t.Context(), u.ClipID)
	r.ok(err)
	if stat.Size != end {
		r.t.Fatalf("%d bytes, want %d", stat.Size, end)
	}

	body, err := r.Open(r.t.Context(), u.ClipID, 0, -1)
	r.ok(err)
	defer body.Close()

	got, err := io.ReadAll(body)
	r.ok(err)
	if !bytes.Equal(got, pattern(0, end)) {
		r.t.Fatalf("the %d bytes are not those that were sent", len(got))
	}
}

// partObjects are the keys of the objects of a clip.
func (r *testSource) partObjects(u tidings.Upload) []string {
	r.t.Helper()
	keys, err := testBlobs.Keys(r.t.Context(), "clips/"+string(u.ClipID)+"/", "", 1000)
	r.ok(err)
	return keys
}

// runningAppend is a running Append whose body is a connection.
type runningAppend struct {
	net.Conn
	t    *testing.T
	done chan struct{}
	at   int64
	err  error
}

func (r *testSource) startAppend(ctx context.Context, s *source.Source, u tidings.Upload, at int64) *runningAppend {
	client, server := net.Pipe()
	snd := &runningAppend{Conn: client, t: r.t, done: make(chan struct{})}
	go func() {
		defer close(snd.done)
		snd.at, snd.err = s.Append(ctx, u.ID, at, server, nil)
		server.Close()
	}()
	r.t.Cleanup(func() { client.Close() })
	return snd
}

func (s *runningAppend) write(b []byte) {
	s.t.Helper()
	if _, err := s.Write(b); err != nil {
		s.t.Fatal(err)
	}
}

// wait waits for Append to return.
func (s *runningAppend) wait() (int64, error) {
	s.t.Helper()
	late := time.NewTimer(testTimeout)
	defer late.Stop()
	select {
	case <-s.done:
	case <-late.C:
		s.t.Fatal("Append never ends")
	}
	return s.at, s.err
}

// partEvents subscribes to the events of new parts.
func (r *testSource) partEvents() <-chan tidings.Event {
	ch, _ := r.rows.Hub.Subscribe(r.t.Context(), 0)
	return ch
}

func (r *testSource) waitForPart(ch <-chan tidings.Event) {
	r.t.Helper()
	late := time.NewTimer(testTimeout)
	defer late.Stop()
	select {
	case <-ch:
	case <-late.C:
		r.t.Fatal("nothing was stored")
	}
}
