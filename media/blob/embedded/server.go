// Package embedded serves S3 to this process alone: versitygw's posix backend
// on an abstract unix socket, so that a single binary needs no other server and
// no port. Objects are plain files under Dir/objects, one folder a
// bucket, with types and sums in user extended attributes.
//
// For the operator: the file system must have user extended attributes (ext4,
// xfs, btrfs, zfs and tmpfs do). Allow for twice the largest clip in free
// space: sealing an original copies its parts. Dir/lock is held while a
// process serves Dir; a second one is refused. Copy Dir only while the server
// is down or from a snapshot of the file system.
//
// For callers: versitygw addresses its files by relative
// paths, so Start CHANGES THE WORKING DIRECTORY of the process and it must
// stay changed until Close, which puts it back. Make paths absolute before
// Start, and give every child process its own directory. At most one server
// runs in a process at a time (versitygw has globals).
//
// versitygw v1.8.0 alone loses data in ways that s3guard.go and recover.go
// prevent: a truncated body stored as complete, an object lost when the process
// dies while it completes a multipart upload, no flush to the disk.
package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3api"
)

const (
	region       = "us-east-1"
	startTimeout = 10 * time.Second
	stopTimeout  = 15 * time.Second
)

// Config of a server.
type Config struct {
	Dir   string       // created if it is missing
	Fsync bool         // flush files and folders before answering; off only for tests and throw-away data
	Log   *slog.Logger // nil = slog.Default()
}

// Credentials are generated at each start and never leave the process.
type Credentials struct{ AccessKey, SecretKey string }

// Server is a running S3 server.
type Server struct {
	Credentials Credentials

	socket string
	lock   *os.File
	oldDir string
	root   string
	client *http.Client
	cancel context.CancelFunc
	done   chan struct{}
	err    error // valid once done is closed
}

// Start serves c.Dir until ctx ends or Close. It first repairs what a killed
// process left behind. ctx should outlive all writers.
func Start(ctx context.Context, c Config) (*Server, error) {
	if c.Log == nil {
		c.Log = slog.Default()
	}

	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("storage folder %s: %w", c.Dir, err)
	}

	root := filepath.Join(dir, "objects")
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("storage folder: %w", err)
	}

	lock, err := lockFolder(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}

	s, err := startServer(ctx, c, root)
	if err != nil {
		lock.Close()
		return nil, err
	}

	s.lock = lock
	return s, nil
}

func startServer(ctx context.Context, c Config, root string) (*Server, error) {
	if err := recoverCompletes(root, c.Log); err != nil {
		return nil, err
	}
	if err := (meta.XattrMeta{}).Test(root); err != nil {
		return nil, fmt.Errorf("the file system of %s has no user extended attributes; use another one or set an S3 endpoint: %w", root, err)
	}

	oldDir, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("working directory: %w", err)
	}

	files, err := posix.New(root, meta.XattrMeta{}, posix.PosixOpts{
		CopyObjectThreshold: 5 << 30, // its zero value refuses every copy
		ValidateBucketNames: true,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("storage: %w", err), os.Chdir(oldDir))
	}

	ctx, cancel := context.WithCancel(ctx)
	s := &Server{
		Credentials: Credentials{AccessKey: "embedded", SecretKey: rand.Text()},
		socket:      "@tidings-s3-" + rand.Text(),
		oldDir:      oldDir, root: root, cancel: cancel, done: make(chan struct{}),
	}
	s.client = &http.Client{Transport: s.newTransport()}
	if err := s.runGateway(ctx, &s3guard{Posix: files, root: root, fsync: c.Fsync}); err != nil {
		return nil, errors.Join(err, s.Close())
	}

	return s, nil
}

// runGateway starts the gateway and waits until it listens.
func (s *Server) runGateway(ctx context.Context, backend *s3guard) error {
	up := make(chan struct{})
	go func() {
		defer close(s.done)

		s.err = embedgw.RunVersityGW(ctx, backend, &embedgw.Config{
			RootUserAccess: s.Credentials.AccessKey, RootUserSecret: s.Credentials.SecretKey,
			Region: region, Ports: []string{s.socket},
			MaxConnections: 1024, MaxRequests: 512, MultipartMaxParts: 10_000, // versitygw refuses zero limits
			Quiet: true, KeepAlive: true, DisableACLs: true,
			// Equal to the default, which would print a line.
			IAMService: auth.NewIAMServiceSingle(auth.Account{Access: s.Credentials.AccessKey, Secret: s.Credentials.SecretKey, Role: auth.RoleAdmin}),
			S3Options:  []s3api.Option{s3api.WithOnListen(func() { close(up) })},
		})
	}()

	timeout := time.NewTimer(startTimeout)
	defer timeout.Stop()

	select {
	case <-up:
		return nil
	case <-s.done:
		return fmt.Errorf("embedded storage: %w", firstError(s.err, ctx.Err()))
	case <-timeout.C:
		return fmt.Errorf("embedded storage did not listen within %v", startTimeout)
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return errors.New("it ended at once")
}

func (s *Server) newTransport() *http.Transport {
	return &http.Transport{
		Proxy: nil, // HTTP_PROXY must not redirect requests of this process to itself
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", s.socket)
		},
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       time.Minute,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true,
		WriteBufferSize:       64 << 10,
		ReadBufferSize:        64 << 10,
	}
}

// Endpoint is the URL for the S3 client; its host is only a name, see
// HTTPClient. Use path style and region us-east-1.
func (s *Server) Endpoint() string { return "http://embedded.invalid" }

// HTTPClient reaches the server through its socket, whatever the URL's host.
func (s *Server) HTTPClient() *http.Client { return s.client }

// Done is closed when the server has ended, by Close, by the end of its
// context or because it failed: see Err.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err is the reason why a server that is done ended; nil when it was stopped.
func (s *Server) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Close stops the server, releases the folder and restores the working directory
// unless it was changed meanwhile.
func (s *Server) Close() error {
	s.cancel()
	s.client.CloseIdleConnections()
	timeout := time.NewTimer(stopTimeout)
	defer timeout.Stop()

	select {
	case <-s.done:
	case <-timeout.C:
		return fmt.Errorf("embedded storage did not stop within %v", stopTimeout)
	}

	if now, err := os.Getwd(); err == nil && now == s.root {
		if err := os.Chdir(s.oldDir); err != nil {
			return fmt.Errorf("back to the working directory: %w", err)
		}
	}

	if s.lock != nil {
		return s.lock.Close()
	}

	return nil
}
