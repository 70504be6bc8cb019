// Package source stores the original of a clip while it grows. Append adds
// bytes, fenced and part by part; Follow reads until the recording ends; Open
// reads a range of the durable bytes.
//
// An original is one row per upload and one row per part. A part is an immutable
// object clips/<clip>/parts/<offset, 20 digits>-<random> of at most 8 MiB. The
// object is stored first; then a transaction inserts the row of the part and
// moves the upload's offset. A process that dies in between leaves an object
// without a row, which Compact removes; acknowledged bytes are never lost.
//
// An upload has one writer: each Append or Take raises the upload's fence in the
// database and stops the older writer of this process. A late writer of another
// process is refused by its fence.
//
// For the operator: each running Append holds one buffer of 8 MiB and, with a
// checksum over more than that, a temporary file of at most MaxChecksummed.
// Appends bounds how many run at once; more wait, then get KindUnavailable.
// After transcoding, Compact makes one object of the parts:
// clips/<clip>/source/original-<8 hex>.
package source

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"tidings.example/tidings/tidings"
)

// Blobs is the object storage. A write is durable when it returns.
type Blobs interface {
	Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) error
	PutLarge(ctx context.Context, key string, body io.Reader, contentType string) (int64, error)
	OpenRange(ctx context.Context, key string, from, to int64) (io.ReadCloser, error) // [from, to); KindNotFound
	Delete(ctx context.Context, keys ...string) error
	Keys(ctx context.Context, prefix, after string, limit int) ([]string, error)
}

// Hub wakes followers. Events may be lost: followers poll as well.
type Hub interface {
	Subscribe(ctx context.Context, after int64) (<-chan tidings.Event, bool)
}

// Config of a Source. Zero fields take the defaults named here.
type Config struct {
	MaxBytes       int64                   // largest original; 20 GiB
	Quota          int64                   // bytes of originals in a workspace; 0 = no limit
	Appends        int                     // running at once; 32
	SlotWait       time.Duration           // for a free slot before KindUnavailable; 10 s
	TakeOver       time.Duration           // for an older writer to store its buffer; 5 s
	FlushEvery     time.Duration           // a streamed body is stored at least this often; 1 s
	FinishTimeout  time.Duration           // a write may outlive its request by this; 30 s
	MaxChecksummed int64                   // largest body with a checksum; 64 MiB
	TempDir        string                  // for checksummed bodies over 8 MiB; os.TempDir
	Poll           time.Duration           // of followers, between events; 1 s
	Idle           time.Duration           // silence after which an upload is at risk; 60 s
	SealAfter      time.Duration           // silence after which it is sealed; 15 min
	Sniff          func(head []byte) error // returns KindUnsupported when the first bytes are not media; nil = no check
	// SniffContinuation returns KindUnsupported when the first bytes after head do
	// not continue an original; nil = no check.
	SniffContinuation func(head, next []byte) error
	CheckSpace        func(size int64) error   // returns KindStorageFull when no new upload of at least size bytes may begin; nil = one always may
	TryDelete         func(func() error) error // runs a deletion of objects, or skips it; nil = runs it
	Clock             tidings.Clock            // time.Now
	Log               *slog.Logger             // slog.Default
}

// bufferSize is the memory of one Append, and the largest part.
const bufferSize = tidings.MaxUploadPart

// Source is safe for use by many goroutines.
type Source struct {
	rows    Rows
	blobs   Blobs
	hub     Hub
	config  Config
	limits  tidings.UploadLimits
	started time.Time
	full    atomic.Int64 // when the storage last took no bytes, in Unix milliseconds; 0 = never
	slots   chan struct{}
	buffers sync.Pool
	writers writerRegistry
}

// New returns a source. With a nil hub followers only poll.
func New(rows Rows, blobs Blobs, hub Hub, c Config) *Source {
	c = c.withDefaults()
	s := &Source{rows: rows, blobs: blobs, hub: hub, config: c, started: c.Clock(), slots: make(chan struct{}, c.Appends)}
	s.limits = tidings.UploadLimits{MaxBytes: c.MaxBytes, Quota: c.Quota}
	s.buffers.New = func() any { b := make([]byte, bufferSize); return &b }
	return s
}

func (c Config) withDefaults() Config {
	setDefault(&c.MaxBytes, 20<<30)
	setDefault(&c.Appends, 32)
	setDefault(&c.SlotWait, 10*time.Second)
	setDefault(&c.TakeOver, 5*time.Second)
	setDefault(&c.FlushEvery, time.Second)
	setDefault(&c.FinishTimeout, 30*time.Second)
	setDefault(&c.MaxChecksummed, 64<<20)
	setDefault(&c.TempDir, os.TempDir())
	setDefault(&c.Poll, time.Second)
	setDefault(&c.Idle, time.Minute)
	setDefault(&c.SealAfter, 15*time.Minute)
	if c.TryDelete == nil {
		c.TryDelete = func(remove func() error) error { return remove() }
	}

	if c.CheckSpace == nil {
		c.CheckSpace = func(int64) error { return nil }
	}

	if c.Clock == nil {
		c.Clock = time.Now
	}

	if c.Log == nil {
		c.Log = slog.Default()
	}

	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// noteFull remembers when a full storage kept a recorder from being heard, and
// passes the error on.
func (s *Source) noteFull(err error) error {
	if tidings.IsStorageFull(err) {
		s.full.Store(tidings.Millis(s.config.Clock()))
	}
	return err
}

// reachableSince is since when recorders could be heard: since New, or since the
// storage last was full.
func (s *Source) reachableSince() time.Time {
	since := s.started
	if ms := s.full.Load(); ms > 0 && tidings.FromMillis(ms).After(since) {
		since = tidings.FromMillis(ms)
	}
	return since
}

// detachedContext is a context for work that must be finished although the
// request that asked for it has ended. It ends after Config.Finish.
func (s *Source) detachedContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), s.config.FinishTimeout)
}

// workspaceBytes is the size of all originals of a workspace; 0 when there is
// no quota to hold them to.
func (s *Source) workspaceBytes(ctx context.Context, workspace tidings.ID) (int64, error) {
	if s.limits.Quota == 0 {
		return 0, nil
	}

	used, err := s.rows.Uploads.WorkspaceBytes(ctx, workspace)
	if err != nil {
		return 0, fmt.Errorf("bytes of the workspace: %w", err)
	}

	return used, nil
}
