package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/riverqueue/river"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// engine is what the two databases do in different ways. The queries are the same
// for both.
type engine interface {
	readDB() readPool
	writeDB() *sql.DB // for single statements that write
	// beginWrite begins a write transaction, which others of this process that are
	// repeated after a conflict wait for when it is one of them.
	beginWrite(ctx context.Context, afterConflict bool) (writeTx, error)
	// writeAgain reports whether a transaction that failed at its n-th try, so long
	// after it began, is to be run again, and how.
	writeAgain(err error, n int, since time.Duration) (repeat, bool)
	openQueue(cfg *river.Config) (QueueClient, error)
	// releaseJobs returns the running jobs of processes that have ended to the queue,
	// and leases of theirs end: those of worker, or all when the database belongs to
	// one process.
	releaseJobs(ctx context.Context, worker string) error
	nextIndexVersion(ctx context.Context, tx Tx) (int64, error)
	// writerLoad is how many writes waited for a connection, and for how long.
	writerLoad() (waits int64, wait time.Duration)
	databaseBytes(ctx context.Context) (int64, error)
	checkReady() error
	closeEngine() error
}

// repeat is how a transaction is run again.
type repeat struct {
	pause         time.Duration
	afterConflict bool // it met another one
}

// readPool are the connections for reads.
type readPool interface {
	dbq.DBTX
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}

// writeTx is a write transaction of one database: its statements, and jobs that
// commit with them.
type writeTx interface {
	dbq.DBTX
	enqueueJob(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) error
	commitTx(ctx context.Context) error
	rollbackTx() // a no-op after the commit
}

// QueueClient is River's client, whatever the database.
type QueueClient = interface {
	Start(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
}

// OpenQueue makes the client that runs the jobs of this process.
func (s *database) OpenQueue(cfg *river.Config) (QueueClient, error) { return s.engine.openQueue(cfg) }

// riverTime is a time as River's columns hold it in SQLite; PostgreSQL, whose
// sessions are in UTC, reads it too.
func riverTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }

// beginRead begins a transaction that sees one moment.
func (s *database) beginRead(ctx context.Context) (*sql.Tx, error) {
	return s.engine.readDB().BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
}

// RefuseOnPostgres is the error of what copies or checks the file of SQLite.
func RefuseOnPostgres(what string) error {
	return tidings.Errorf(tidings.KindConflict, "%s works on installations with SQLite only. This one is on PostgreSQL: use pg_dump and pg_restore for the database, and copy the bucket with the tools of its storage.", what)
}
