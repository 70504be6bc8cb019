package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"tidings.example/tidings/postgres"
)

// migrationLock is the key of the advisory lock under which one process migrates;
// others that start meanwhile wait.
const migrationLock int64 = 0x74_6964_696e_6773 // "tidings"

// preparePostgres waits for a server that is starting, checks that it can be used,
// and brings the schema up to date.
func preparePostgres(ctx context.Context, db *postgres.Database, cfg Config) error {
	if err := db.WaitUntilReady(ctx, cfg.Log); err != nil {
		return err
	}
	if err := db.CheckServer(ctx); err != nil {
		return err
	}

	conn, err := db.SQL.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()

	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, migrationLock); err != nil {
		return err
	}

	err = migratePostgres(ctx, db, conn, cfg)
	_, unlockErr := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, migrationLock)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", db.Name(), postgres.ExplainDenied(err))
	}
	return unlockErr
}

// migratePostgres migrates a schema that is empty or belongs to the installation.
func migratePostgres(ctx context.Context, db *postgres.Database, conn *sql.Conn, cfg Config) error {
	if err := checkOwner(ctx, conn, db.Name(), cfg.CheckInstallation); err != nil {
		return err
	}
	if err := migrateSchema(ctx, goose.DialectPostgres, db.SQL, riverpgxv5.New(db.Pool)); err != nil {
		return err
	}
	return createStandIns(ctx, conn)
}

// checkOwner refuses a schema of another program or of another installation.
func checkOwner(ctx context.Context, conn *sql.Conn, place string, check func(Installation) error) error {
	has, err := isInstalled(ctx, conn, place)
	if err != nil || check == nil {
		return err
	}

	var i Installation
	if has {
		if i, err = readInstallation(ctx, conn); err != nil {
			return err
		}
	}
	return check(i)
}

// standIns are what the queries expect of PostgreSQL beside the tables, each with
// the query that says whether it is missing. SQLite's json_each takes text;
// PostgreSQL's takes json and returns other columns. Both find nothing in what is no
// list, such as the null of an empty one in Go. The sequence numbers the
// outbox, from where the counter is.
var standIns = []struct{ isMissing, create string }{
	{`SELECT to_regprocedure('json_each(text)') IS NULL`,
		`CREATE FUNCTION json_each(text) RETURNS TABLE (value text) LANGUAGE sql IMMUTABLE AS 'SELECT json_array_elements_text(CASE json_typeof(nullif($1, '''')::json) WHEN ''array'' THEN $1::json ELSE ''[]'' END)'`},
	{`SELECT to_regclass('outbox_version') IS NULL`,
		`CREATE SEQUENCE outbox_version; SELECT setval('outbox_version', value + 1, false) FROM counters WHERE name = 'outbox'`},
}

func createStandIns(ctx context.Context, conn *sql.Conn) error {
	for _, s := range standIns {
		var missing bool
		if err := conn.QueryRowContext(ctx, s.isMissing).Scan(&missing); err != nil {
			return err
		}
		if !missing {
			continue
		}
		if _, err := conn.ExecContext(ctx, s.create); err != nil {
			return errors.Join(errors.New(s.create), err)
		}
	}
	return nil
}
