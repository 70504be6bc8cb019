// Package source keeps the original of a clip while it grows: bytes come in by
// Append, piece by piece and fenced, and go out by Follow, which reads on until
// the recording ends, and by Open, which reads a range of what is there.
//
// An original is a row per upload and a row per part; a part is one immutable
// object clips/<clip>/parts/<offset, 20 digits>-<random> of at most 8 MiB. Bytes
// count only when the object is stored and its row has moved the upload's
// offset, in this order, so whatever moment a process dies at, nothing that was
// acknowledged is lost: at worst an object without a row is left, which Compact
// removes.
//
// One writer at a time: each Append or Take raises the upload's fence in the
// database and stops an older writer of this process. A writer of another
// process that wakes up late is refused by the fence.
//
// For the operator: each running Append holds one buffer of 8 MiB and, with a
// checksum over more than that, a temporary file of at most MaxChecksummed.
// Appends bounds how many run at once; more wait, then are told to come back.
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
	"time"

	"tidings.example/tidings/tidings"
)

// Rows is the database as this room sees it. Each call is atomic.
type Rows interface {
	CreateUpload(ctx context.Context, u tidings.Upload) error
	Upload(ctx context.Context, id tidings.ID) (tidings.Upload, error)
	UploadByClip(ctx context.Context, clip tidings.ID) (tidings.Upload, error)
	// FenceUpload raises the fence, so that older writers lose.
	FenceUpload(ctx context.Context, id tidings.ID) (tidings.Upload, error)
	// AppendPart inserts the part and moves the offset to its end. KindConflict:
	// the upload stands elsewhere or has a newer fence; KindGone: sealed or aborted.
	// The upload then counts as silent from now on and expires at the time given.
	AppendPart(ctx context.Context, p tidings.UploadPart, fence int64, expires time.Time) (tidings.Upload, error)
	// RenewUpload is a sign of life without bytes; errors as of AppendPart.
	RenewUpload(ctx context.Context, id tidings.ID, fence int64, expires time.Time) (tidings.Upload, error)
	SetUploadLength(ctx context.Context, id tidings.ID, n int64) (tidings.Upload, error)
	SealUpload(ctx context.Context, id tidings.ID, early bool) (tidings.Upload, error) // idempotent
	AbortUpload(ctx context.Context, id tidings.ID) error
	// Parts are those that end beyond fromOffset, in order.
	Parts(ctx context.Context, clip tidings.ID, fromOffset int64, limit int) ([]tidings.UploadPart, error)
	IdleUploads(ctx context.Context, idleBefore time.Time, limit int) ([]tidings.Upload, error)
	MarkAtRisk(ctx context.Context, u tidings.Upload) error
	WorkspaceBytes(ctx context.Context, workspace tidings.ID) (int64, error)
	Asset(ctx context.Context, clip tidings.ID, name string) (tidings.Asset, error)
	// SetOriginal makes the asset the original of its clip, in place of the parts.
	SetOriginal(ctx context.Context, a tidings.Asset) error
}

// Blobs is where bytes are kept. A write is durable when it returns.
type Blobs interface {
	Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) error
	PutLarge(ctx context.Context, key string, body io.Reader, contentType string) (int64, error)
	OpenRange(ctx context.Context, key string, from, to int64) (io.ReadCloser, error) // [from, to); KindNotFound
	Delete(ctx context.Context, keys ...string) error
	Keys(ctx context.Context, prefix, after string, limit int) ([]string, error)
}

// Hub wakes followers. Events may be lost; followers look once a second anyway.
type Hub interface {
	Subscribe(ctx context.Context, after int64) (<-chan tidings.Event, bool)
}

// Config of a Source. Zero fields take the defaults named here.
type Config struct {
	MaxBytes       int64                    // largest original; 20 GiB
	Quota          int64                    // bytes of originals in a workspace; 0 = no limit
	Appends        int                      // that run at once; 32
	Wait           time.Duration            // for a free slot before KindUnavailable; 10 s
	TakeOver       time.Duration            // a newer writer waits for an older one to store what it holds; 5 s
	FlushEvery     time.Duration            // a long body is stored at least this often; 1 s
	Finish         time.Duration            // a write may outlive its request by this; 30 s
	MaxChecksummed int64                    // largest body with a checksum; 64 MiB
	TempDir        string                   // for checksummed bodies over 8 MiB; os.TempDir
	Poll           time.Duration            // how often a follower looks without being woken; 1 s
	Idle           time.Duration            // silence after which an upload is at risk; 60 s
	SealAfter      time.Duration            // silence after which it is sealed; 15 min
	Sniff          func(head []byte) error  // refuses what is not media (KindUnsupported) by its first bytes; nil = none
	TryDelete      func(func() error) error // runs a deletion of objects, or skips it; nil = runs it
	Clock          tidings.Clock            // time.Now
	Log            *slog.Logger             // slog.Default
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
	slots   chan struct{}
	buffers sync.Pool
	writers writers
}

// New wires a source. A nil hub leaves followers to their poll.
func New(rows Rows, blobs Blobs, hub Hub, c Config) *Source {
	c = c.withDefaults()
	s := &Source{rows: rows, blobs: blobs, hub: hub, config: c, started: c.Clock(), slots: make(chan struct{}, c.Appends)}
	s.limits = tidings.UploadLimits{MaxBytes: c.MaxBytes, Quota: c.Quota}
	s.buffers.New = func() any { b := make([]byte, bufferSize); return &b }
	return s
}

func (c Config) withDefaults() Config {
	def(&c.MaxBytes, 20<<30)
	def(&c.Appends, 32)
	def(&c.Wait, 10*time.Second)
	def(&c.TakeOver, 5*time.Second)
	def(&c.FlushEvery, time.Second)
	def(&c.Finish, 30*time.Second)
	def(&c.MaxChecksummed, 64<<20)
	def(&c.TempDir, os.TempDir())
	def(&c.Poll, time.Second)
	def(&c.Idle, time.Minute)
	def(&c.SealAfter, 15*time.Minute)
	if c.TryDelete == nil {
		c.TryDelete = func(remove func() error) error { return remove() }
	}

	if c.Clock == nil {
		c.Clock = time.Now
	}

	if c.Log == nil {
		c.Log = slog.Default()
	}

	return c
}

func def[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// detachedContext is a context for work that must be finished although the
// request that asked for it has ended. It ends after Config.Finish.
func (s *Source) detachedContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), s.config.Finish)
}

// workspaceBytes is the size of all originals of a workspace; 0 when there is
// no quota to hold them to.
func (s *Source) workspaceBytes(ctx context.Context, workspace tidings.ID) (int64, error) {
	if s.limits.Quota == 0 {
		return 0, nil
	}

	used, err := s.rows.WorkspaceBytes(ctx, workspace)
	if err != nil {
		return 0, fmt.Errorf("bytes of the workspace: %w", err)
	}

	return used, nil
}
