package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"tidings.example/tidings/postgres"
	"tidings.example/tidings/sqlite"
	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// openReadOnly opens the database of an installation beside a server that may run,
// and changes nothing. KindNotFound without one.
func openReadOnly(ctx context.Context, cfg Config) (db *sql.DB, closeDB func() error, err error) {
	if cfg.UsesPostgres() {
		return openPostgresReadOnly(ctx, cfg)
	}

	path := filepath.Join(cfg.Dir, databaseFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, tidings.NotFound()
	} else if err != nil {
		return nil, nil, err
	}

	db, err = sqlite.Open(sqlite.FileURI(path) + "?mode=ro&_pragma=busy_timeout(5000)&_pragma=query_only(ON)")
	if err != nil {
		return nil, nil, err
	}
	return db, db.Close, nil
}

func openPostgresReadOnly(ctx context.Context, cfg Config) (*sql.DB, func() error, error) {
	pg, err := postgres.Open(ctx, cfg.Postgres)
	if err != nil {
		return nil, nil, err
	}

	var has bool
	err = pg.SQL.QueryRowContext(ctx, `SELECT to_regclass('users') IS NOT NULL`).Scan(&has)
	if err == nil && !has {
		err = tidings.NotFound()
	}
	if err != nil {
		return nil, nil, errors.Join(err, pg.Close())
	}

	return pg.SQL, pg.Close, nil
}

// inspectDatabase calls fn with the queries of an installation's database.
func inspectDatabase(ctx context.Context, cfg Config, fn func(*dbq.Queries) error) (err error) {
	db, closeDB, err := openReadOnly(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeDB()) }()
	return fn(dbq.New(db))
}

// ExaminePostgres connects to the database of the settings and says what it is, or
// why it cannot be used. It changes nothing.
func ExaminePostgres(ctx context.Context, cfg Config) (text string, err error) {
	pg, err := postgres.Open(ctx, cfg.Postgres)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, pg.Close()) }()

	if err := pg.CheckServer(ctx); err != nil {
		return "", err
	}

	has, err := examineSchema(ctx, pg)
	if err != nil {
		return "", err
	}

	text, err = pg.Describe(ctx)
	if !has {
		text += ", without tables: they are made at the first start"
	}
	return pg.Name() + ": " + text, err
}

// examineSchema reports whether there is an installation, unless this program
// cannot use it.
func examineSchema(ctx context.Context, pg *postgres.Database) (has bool, err error) {
	conn, err := pg.SQL.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Close()

	if has, err = isInstalled(ctx, conn, pg.Name()); err != nil || !has {
		return false, err
	}

	var schema int64
	if err := conn.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&schema); err != nil {
		return true, err
	}
	if err := checkSchemaVersion(schema); err != nil {
		return true, err
	}
	_, err = checkQueueVersion(ctx, riverpgxv5.New(pg.Pool))
	return true, err
}
