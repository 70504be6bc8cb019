package store

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"tidings.example/tidings/postgres"
	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// postgresEngine is a database that several processes share. Write transactions
// are serializable, so that code which was written for one writer stays right;
// one that meets another runs again.
type postgresEngine struct {
	db    *postgres.Database
	river *river.Client[postgres.PgxTx]
	// repeats lets one transaction of this process run again after a conflict at a
	// time: where many want the same rows, all but one of them would fail each time,
	// and hold connections meanwhile.
	repeats chan struct{}
}

func openPostgresEngine(ctx context.Context, cfg Config) (_ *postgresEngine, err error) {
	db, err := postgres.Open(ctx, cfg.Postgres)
	if err != nil {
		return nil, err
	}

	e := &postgresEngine{db: db, repeats: make(chan struct{}, 1)}
	if err := preparePostgres(ctx, db, cfg); err != nil {
		return nil, errors.Join(err, db.Close())
	}

	e.river, err = river.NewClient(riverpgxv5.New(db.Pool), &river.Config{Logger: cfg.Log})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return e, nil
}

func (e *postgresEngine) readDB() readPool   { return postgres.Reads{DB: e.db.SQL} }
func (e *postgresEngine) writeDB() *sql.DB   { return e.db.SQL }
func (e *postgresEngine) checkReady() error  { return nil }
func (e *postgresEngine) closeEngine() error { return e.db.Close() }

// postgresTx is a transaction of one connection, in which River inserts jobs.
type postgresTx struct {
	*postgres.Tx
	river *river.Client[postgres.PgxTx]
	leave func() // makes room for another one that runs again
}

func (e *postgresEngine) beginWrite(ctx context.Context, afterConflict bool) (writeTx, error) {
	leave := func() {}
	if afterConflict {
		select {
		case e.repeats <- struct{}{}:
			leave = func() { <-e.repeats }
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}

	tx, err := e.db.Begin(ctx)
	if err != nil {
		leave()
		return nil, err
	}
	return postgresTx{tx, e.river, leave}, nil
}

func (t postgresTx) enqueueJob(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) error {
	return t.Pgx(ctx, func(tx postgres.PgxTx) error {
		_, err := t.river.InsertTx(ctx, tx, args, opts)
		return err
	})
}

func (t postgresTx) commitTx(ctx context.Context) error { return t.Commit(ctx) }
func (t postgresTx) rollbackTx()                        { t.Rollback(); t.leave() }

// Bounds of running a transaction again.
const (
	maxWriteTries   = 40
	maxWriteTime    = 20 * time.Second // of a transaction that meets others
	maxDoubtTries   = 3                // of an error that another transaction may have caused
	maxLostTime     = 5 * time.Second  // of waiting for a server that starts again
	firstWritePause = 2 * time.Millisecond
	maxWritePause   = 200 * time.Millisecond
)

// writeAgain repeats what met another transaction, what found no room beside the
// others, and what lost its connection before the commit was sent. The pause after a
// conflict is random, so that two which met do not meet again.
func (e *postgresEngine) writeAgain(err error, n int, since time.Duration) (repeat, bool) {
	var unknown *postgres.UnknownCommit
	pause := rand.N(min(firstWritePause<<min(n, 10), maxWritePause))
	switch {
	case errors.As(err, &unknown):
		return repeat{}, false
	case postgres.IsConflict(err):
		return repeat{pause, true}, n < maxWriteTries && since < maxWriteTime
	case postgres.IsOutOfMemory(err):
		return repeat{maxWritePause, true}, since < maxWriteTime
	case postgres.MayBeConflict(err):
		return repeat{pause, true}, n < maxDoubtTries
	case postgres.IsLost(err):
		return repeat{pause: maxWritePause}, since < maxLostTime
	}
	return repeat{}, false
}

// pollInterval is long: a job that was inserted is announced.
const pollInterval = time.Second

func (e *postgresEngine) openQueue(cfg *river.Config) (QueueClient, error) {
	for name, q := range cfg.Queues {
		q.FetchPollInterval = pollInterval
		cfg.Queues[name] = q
	}
	return river.NewClient(riverpgxv5.New(e.db.Pool), cfg)
}

func (e *postgresEngine) releaseJobs(ctx context.Context, worker string) error {
	_, err := e.db.SQL.ExecContext(ctx, `UPDATE river_job SET state = 'available', scheduled_at = $1 WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $2`,
		riverTime(time.Now()), worker)
	if err != nil {
		return err
	}
	_, err = dbq.New(e.db.SQL).ReleaseLeasesOf(ctx, worker)
	return err
}

// nextIndexVersion draws from a sequence: a row that every writer changes would
// let only one of them commit.
func (e *postgresEngine) nextIndexVersion(ctx context.Context, tx Tx) (n int64, err error) {
	err = tx.write.QueryRowContext(ctx, `SELECT nextval('outbox_version')`).Scan(&n)
	return n, err
}

func (e *postgresEngine) writerLoad() (int64, time.Duration) {
	s := e.db.Pool.Stat()
	return s.EmptyAcquireCount(), s.EmptyAcquireWaitTime()
}

func (e *postgresEngine) databaseBytes(ctx context.Context) (n int64, err error) {
	err = e.db.SQL.QueryRowContext(ctx, `SELECT pg_database_size(current_database())`).Scan(&n)
	return n, err
}

// errTooManyConflicts is the error of a transaction that met others at every try.
func errTooManyConflicts(err error) error {
	if !postgres.IsConflict(err) {
		return err
	}
	return tidings.Wrap(err, tidings.KindUnavailable, "Too much is changed at once. Nothing of this was changed; try again in a moment.")
}
