package postgres

import (
	"context"
	"log/slog"
	"time"

	"tidings.example/tidings/tidings"
)

const startPause = 250 * time.Millisecond

// WaitUntilReady waits for a server that does not answer yet: the machines of an
// installation may start together. One that refuses the user or has no such
// database is not waited for.
func (d *Database) WaitUntilReady(ctx context.Context, log *slog.Logger) error {
	wait, cancel := context.WithTimeout(ctx, d.cfg.StartTimeout)
	defer cancel()

	for first := true; ; first = false {
		err := d.SQL.PingContext(ctx)
		if err == nil || !IsLost(err) {
			return err
		}
		if first {
			log.Warn("waiting for the database", "database", d.name, "error", err)
		}

		select {
		case <-wait.Done():
			return err
		case <-time.After(startPause):
		}
	}
}

// oldestVersion is the oldest server that the queries and the queue work with.
const oldestVersion = 140000

// serverFacts are what decides whether a server can be used.
type serverFacts struct {
	version           int
	encoding, schema  string
	standby, readOnly bool
}

// CheckServer returns an error when the server cannot be used: it is too old, its
// text is not UTF-8, it takes no changes, or there is no schema for the tables.
func (d *Database) CheckServer(ctx context.Context) error {
	var f serverFacts
	err := d.SQL.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), COALESCE(current_schema(), ''), pg_is_in_recovery(), current_setting('transaction_read_only')::bool`).
		Scan(&f.version, &f.encoding, &f.schema, &f.standby, &f.readOnly)
	if err != nil {
		return err
	}
	return f.checkUsable(d.name)
}

func (f serverFacts) checkUsable(name string) error {
	switch {
	case f.version < oldestVersion:
		return tidings.Errorf(tidings.KindConflict, "The database server %s is PostgreSQL %d; version %d or a newer one is needed.", name, f.version/10000, oldestVersion/10000)
	case f.encoding != "UTF8":
		return tidings.Errorf(tidings.KindConflict, "The database %s stores text as %s. Create one with: CREATE DATABASE tidings ENCODING 'UTF8' TEMPLATE template0", name, f.encoding)
	case f.schema == "":
		return tidings.Errorf(tidings.KindConflict, "The database %s has none of the schemas in its search_path. Create the one that the setting database names, as in: CREATE SCHEMA tidings AUTHORIZATION tidings", name)
	case f.standby:
		return tidings.Errorf(tidings.KindUnavailable, "The database server %s is a standby, which takes no changes. Name the primary in the setting database, or both with target_session_attrs=read-write.", name)
	case f.readOnly:
		return tidings.Errorf(tidings.KindUnavailable, "The database %s was set to read only: it takes no changes.", name)
	}
	return nil
}

// Describe is the version of the server, the size of the database, and how the
// connection is encrypted, for people. A socket of the same machine needs no TLS.
func (d *Database) Describe(ctx context.Context) (text string, err error) {
	err = d.SQL.QueryRowContext(ctx, `SELECT 'PostgreSQL ' || current_setting('server_version') || ', ' || pg_size_pretty(pg_database_size(current_database())) ||
		CASE WHEN ssl THEN ', ' || version WHEN inet_server_addr() IS NULL THEN '' ELSE ', not encrypted' END FROM pg_stat_ssl WHERE pid = pg_backend_pid()`).Scan(&text)
	return text, err
}

const codeDenied = "42501"

// ExplainDenied adds a sentence to the error of a user who may not create tables.
func ExplainDenied(err error) error {
	if Code(err) != codeDenied {
		return err
	}
	return tidings.Wrap(err, tidings.KindConflict, "The user in the setting database may not create tables there. Make it the owner: ALTER DATABASE tidings OWNER TO tidings")
}
