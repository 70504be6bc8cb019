// Package store keeps the rows: people, clips, upload parts, steps, renditions,
// transcripts, comments, links and the search outbox, in one SQLite file
// (tidings.db) in the data folder or in a PostgreSQL database. One process owns
// the folder; a second one is refused. Writes are flushed to the disk before they
// return. Rows and the jobs they cause commit together, and events are published
// after the commit.
//
// Queries live in queries/*.sql and run on both databases; `make generate` writes
// package dbq from them. What the databases do in different ways is an engine.
package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"tidings.example/tidings/postgres"
	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// Config says where the rows live.
type Config struct {
	Dir string // data folder; holds the lock and, with SQLite, tidings.db
	// Postgres is the database; without a URL it is SQLite.
	Postgres postgres.Config
	// CheckInstallation may refuse the installation that is in a PostgreSQL database,
	// before anything is changed there; nil = any is used.
	CheckInstallation func(Installation) error

	Clock tidings.Clock // nil = time.Now
	Log   *slog.Logger  // nil = discard
}

// Store is the open database: the rows of each noun, whose files have its name.
// Its methods may be called from many goroutines.
type Store struct {
	*database
	AccountRows
	SignInRows
	WorkspaceRows
	ChannelRows
	ClipRows
	PurgeRows
	CommentRows
	LinkRows
	MediaRows
	StepRows
	TranscriptRows
	UploadRows
	SearchRows
	NotificationRows
}

// The rows of each noun share one database: what belongs to several nouns is
// done by functions that get the transaction.
type (
	// AccountRows are people, their tokens and pictures.
	AccountRows struct{ *database }
	// SignInRows are sessions, passkeys, identities and ceremonies.
	SignInRows struct{ *database }
	// WorkspaceRows are workspaces, members, invitations and the audit log.
	WorkspaceRows struct{ *database }
	// ChannelRows are channels and their members.
	ChannelRows struct{ *database }
	// ClipRows are clips, access to them, and views.
	ClipRows struct{ *database }
	// PurgeRows say which rows and objects can be deleted for good.
	PurgeRows struct{ *database }
	// CommentRows are comments, threads, reactions and replies.
	CommentRows struct{ *database }
	// LinkRows are share links and the files of snippets.
	LinkRows struct{ *database }
	// MediaRows are renditions, segments and assets.
	MediaRows struct{ *database }
	// StepRows are the steps of clips, with their leases.
	StepRows struct{ *database }
	// TranscriptRows are transcripts, their edits, and glossaries.
	TranscriptRows struct{ *database }
	// UploadRows are uploads and their parts.
	UploadRows struct{ *database }
	// SearchRows are index documents, the outbox and saved searches.
	SearchRows struct{ *database }
	// NotificationRows are notifications and deliveries.
	NotificationRows struct{ *database }
)

// database is the open database with what commits along with its rows.
type database struct {
	dir    string
	engine engine // nil = it could not be opened
	lock   *os.File
	hub    *hub
	clock  tidings.Clock
	log    *slog.Logger
	// deliveryChannels get a row in deliveries for each notification.
	deliveryChannels []tidings.DeliveryChannel
	// wake tells the indexer that the outbox has grown; it never blocks.
	wake chan struct{}

	markMu sync.Mutex
	marked *mark // as it was written last; nil = it was not

	closeOnce func() error
}

// UsesPostgres reports whether the rows are in PostgreSQL.
func (c *Config) UsesPostgres() bool { return c.Postgres.URL != "" }

// Open opens the database and brings it up to date; with SQLite it creates it if
// need be. It fails with KindUnavailable when another process holds the folder.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}

	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}

	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return nil, err
	}

	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}

	d := &database{dir: cfg.Dir, lock: lock, hub: newHub(), clock: cfg.Clock, log: cfg.Log, wake: make(chan struct{}, 1)}
	d.closeOnce = sync.OnceValue(d.closeDatabase)
	if cfg.UsesPostgres() {
		err = d.openPostgres(ctx, cfg)
	} else {
		err = d.openFile(ctx, cfg)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}

	return newStore(d), nil
}

// openFile opens SQLite and compares it with the mark of the last process.
func (s *database) openFile(ctx context.Context, cfg Config) error {
	last, hasLog, err := readMark(cfg.Dir)
	if err != nil {
		return err
	}

	e, err := openSQLiteEngine(ctx, cfg)
	if err != nil {
		return err
	}

	s.engine = e
	return s.checkMark(ctx, last, hasLog)
}

func (s *database) openPostgres(ctx context.Context, cfg Config) error {
	e, err := openPostgresEngine(ctx, cfg)
	if err != nil {
		return err
	}

	s.engine = e
	return nil
}

func newStore(d *database) *Store {
	return &Store{
		database: d, AccountRows: AccountRows{d}, SignInRows: SignInRows{d}, WorkspaceRows: WorkspaceRows{d},
		ChannelRows: ChannelRows{d}, ClipRows: ClipRows{d}, PurgeRows: PurgeRows{d}, CommentRows: CommentRows{d},
		LinkRows: LinkRows{d}, MediaRows: MediaRows{d}, StepRows: StepRows{d}, TranscriptRows: TranscriptRows{d},
		UploadRows: UploadRows{d}, SearchRows: SearchRows{d}, NotificationRows: NotificationRows{d},
	}
}

// Close ends all subscriptions and closes the database. More calls change nothing.
func (s *database) Close() error { return s.closeOnce() }

func (s *database) closeDatabase() error {
	s.hub.closeSubscribers()
	errs := []error{s.releaseMark()}
	if s.engine != nil {
		errs = append(errs, s.engine.closeEngine())
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

// DB is the pool for single statements that write.
func (s *database) DB() *sql.DB { return s.engine.writeDB() }

// Wake receives after the outbox has grown, so that the indexer need not wait
// for its next poll.
func (s *database) Wake() <-chan struct{} { return s.wake }

// Ready reports whether the database answers, and whether no query has met damage
// since it was opened.
func (s *database) Ready(ctx context.Context) error {
	if err := s.engine.checkReady(); err != nil {
		return err
	}
	_, err := s.queries().CountUsers(ctx)
	return err
}

func (s *database) queries() *dbq.Queries { return dbq.New(s.engine.readDB()) }

func (s *database) nowMS() int64 { return tidings.Millis(s.clock()) }

// notFound turns a missing row into tidings.NotFound and passes any other error on.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return tidings.NotFound()
	}
	return err
}

// isNotFound reports whether err says that a row is missing.
func isNotFound(err error) bool {
	return errors.Is(err, sql.ErrNoRows) || tidings.KindOf(err) == tidings.KindNotFound
}

// requireChange is err, or otherwise where a statement changed no row.
func requireChange(n int64, err, otherwise error) error {
	if err == nil && n == 0 {
		return otherwise
	}
	return err
}

// ignoreNotFound is err unless it says that a row is missing.
func ignoreNotFound(err error) error {
	if isNotFound(err) {
		return nil
	}
	return err
}
