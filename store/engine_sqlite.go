package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"tidings.example/tidings/sqlite"
	"tidings.example/tidings/store/dbq"
)

// sqliteEngine is a file with one writer connection and a few readers, all of one
// process.
type sqliteEngine struct {
	path       string
	w, r       *sql.DB
	river      *river.Client[*sql.Tx]
	corruption corruption
}

func openSQLiteEngine(ctx context.Context, cfg Config) (_ *sqliteEngine, err error) {
	e := &sqliteEngine{path: filepath.Join(cfg.Dir, databaseFile)}
	if e.w, err = sqlite.OpenWatched(databaseDSN(e.path, true), e.corruption.rememberCorruption); err != nil {
		return nil, err
	}

	e.w.SetMaxOpenConns(1) // one writer: no SQLITE_BUSY inside the process
	if err := migrateSchema(ctx, goose.DialectSQLite3, e.w, riversqlite.New(e.w)); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate %s: %w", e.path, err), e.w.Close())
	}
	if e.r, err = sqlite.OpenWatched(databaseDSN(e.path, false), e.corruption.rememberCorruption); err != nil {
		return nil, errors.Join(err, e.w.Close())
	}

	e.r.SetMaxOpenConns(4)
	e.river, err = river.NewClient(riversqlite.New(e.w), &river.Config{Logger: cfg.Log})
	if err != nil {
		return nil, errors.Join(err, e.closeEngine())
	}
	return e, nil
}

// databaseDSN is the connection string: WAL, flushed commits, foreign keys, and
// immediate transactions for the writer (a deferred one that reads first and
// writes later fails with SQLITE_BUSY under load).
func databaseDSN(path string, writer bool) string {
	d := sqlite.FileURI(path) + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)"
	if writer {
		return d + "&_txlock=immediate"
	}
	return d + "&_pragma=query_only(ON)"
}

func (e *sqliteEngine) readDB() readPool   { return e.r }
func (e *sqliteEngine) writeDB() *sql.DB   { return e.w }
func (e *sqliteEngine) checkReady() error  { return e.corruption.Err() }
func (e *sqliteEngine) closeEngine() error { return errors.Join(e.r.Close(), e.w.Close()) }

// sqliteTx is a transaction of the writer connection.
type sqliteTx struct {
	*sql.Tx
	river *river.Client[*sql.Tx]
}

func (e *sqliteEngine) beginWrite(ctx context.Context, _ bool) (writeTx, error) {
	tx, err := e.w.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	return sqliteTx{tx, e.river}, nil
}

func (t sqliteTx) enqueueJob(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) error {
	_, err := t.river.InsertTx(ctx, t.Tx, args, opts)
	return err
}

func (t sqliteTx) commitTx(context.Context) error { return t.Commit() }
func (t sqliteTx) rollbackTx()                    { _ = t.Rollback() }

// writeAgain is false: the one writer meets no other.
func (e *sqliteEngine) writeAgain(error, int, time.Duration) (repeat, bool) { return repeat{}, false }

// openQueue polls only: River's listener on SQLite is another poll, every 50 ms, on
// the only writer connection.
func (e *sqliteEngine) openQueue(cfg *river.Config) (QueueClient, error) {
	cfg.PollOnly = true
	return river.NewClient(riversqlite.New(e.w), cfg)
}

func (e *sqliteEngine) releaseJobs(ctx context.Context, _ string) error {
	if _, err := e.w.ExecContext(ctx, `UPDATE river_job SET state = 'available', scheduled_at = $1 WHERE state = 'running'`, riverTime(time.Now())); err != nil {
		return err
	}
	_, err := dbq.New(e.w).ReleaseLeases(ctx)
	return err
}

func (e *sqliteEngine) nextIndexVersion(ctx context.Context, tx Tx) (int64, error) {
	return tx.NextIndexVersion(ctx)
}

func (e *sqliteEngine) writerLoad() (int64, time.Duration) {
	writer := e.w.Stats()
	return writer.WaitCount, writer.WaitDuration
}

// databaseBytes is the size of the file and its write-ahead log.
func (e *sqliteEngine) databaseBytes(context.Context) (n int64, err error) {
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(e.path + suffix); err == nil {
			n += info.Size()
		}
	}
	return n, nil
}
