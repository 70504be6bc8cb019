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

// CheckServer returns an error when the server cannot be used: it is too old, its
// text is not UTF-8, or it takes no changes.
func (d *Database) CheckServer(ctx context.Context) error {
	var version int
	var encoding string
	var standby, readOnly bool
	err := d.SQL.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), pg_is_in_recovery(), current_setting('transaction_read_only')::bool`).
		Scan(&version, &encoding, &standby, &readOnly)
	switch {
	case err != nil:
		return err
	case version < oldestVersion:
		return tidings.Errorf(tidings.KindConflict, "The database server %s is PostgreSQL %d; version %d or a newer one is needed.", d.name, version/10000, oldestVersion/10000)
	case encoding != "UTF8":
		return tidings.Errorf(tidings.KindConflict, "The database %s stores text as %s. Create one with: CREATE DATABASE tidings ENCODING 'UTF8' TEMPLATE template0", d.name, encoding)
	case standby:
		return tidings.Errorf(tidings.KindUnavailable, "The database server %s is a standby, which takes no changes. Name the primary in the setting database, or both with target_session_attrs=read-write.", d.name)
	case readOnly:
		return tidings.Errorf(tidings.KindUnavailable, "The database %s was set to read only: it takes no changes.", d.name)
	}
	return nil
}

// Describe is the version of the server and the size of the database, for people.
func (d *Database) Describe(ctx context.Context) (text string, err error) {
	err = d.SQL.QueryRowContext(ctx, `SELECT 'PostgreSQL ' || current_setting('server_version') || ', ' || pg_size_pretty(pg_database_size(current_database()))`).Scan(&text)
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
