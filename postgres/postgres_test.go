package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/postgres"
	"tidings.example/tidings/postgres/postgrestest"
	"tidings.example/tidings/tidings"
)

func openPool(t *testing.T, c postgres.Config) *postgres.Database {
	t.Helper()
	db, err := postgres.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// TestWrongAddress: each mistake in the address is named, and no password is shown.
func TestWrongAddress(t *testing.T) {
	s := postgrestest.Shared(t)
	for name, c := range map[string]struct {
		url  string
		kind tidings.Kind
		says string
	}{
		"no address":     {"postgres://ana:secret@host:port/name", tidings.KindInvalid, "not the address"},
		"nobody there":   {"postgres://ana:secret@127.0.0.1:1/name", tidings.KindUnavailable, "does not answer"},
		"no such host":   {"postgres://ana:secret@none.invalid/name", tidings.KindUnavailable, "does not answer"},
		"no such user":   {s.URL("postgres") + " user=ana password=secret", tidings.KindUnavailable, "refuses the user"},
		"no such name":   {s.URL("none") + " password=secret", tidings.KindUnavailable, "no database of the name"},
		"no such folder": {"host=/none user=ana password=secret", tidings.KindUnavailable, "does not answer"},
	} {
		db, err := postgres.Open(t.Context(), postgres.Config{URL: c.url, StartTimeout: 1})
		if err == nil {
			err = errors.Join(db.WaitUntilReady(t.Context(), slog.New(slog.DiscardHandler)), db.Close())
		}
		if tidings.KindOf(err) != c.kind || !strings.Contains(tidings.Sentence(err), c.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestServerIsChecked: a server that cannot be used says why.
func TestServerIsChecked(t *testing.T) {
	s := postgrestest.Shared(t)
	latin := s.NewDatabaseAs(t, "TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'")
	if err := openPool(t, postgres.Config{URL: latin}).CheckServer(t.Context()); tidings.KindOf(err) != tidings.KindConflict || !strings.Contains(tidings.Sentence(err), "LATIN1") {
		t.Errorf("a database of another encoding: %v", err)
	}
	if err := openPool(t, postgres.Config{URL: s.NewDatabase(t) + " options='-c default_transaction_read_only=on'"}).CheckServer(t.Context()); !strings.Contains(tidings.Sentence(err), "read only") {
		t.Errorf("a database that is read only: %v", err)
	}

	db := openPool(t, postgres.Config{URL: s.NewDatabase(t)})
	if err := db.CheckServer(t.Context()); err != nil {
		t.Errorf("a sound server: %v", err)
	}
	if text, err := db.Describe(t.Context()); err != nil || !strings.Contains(text, "PostgreSQL") {
		t.Errorf("%q, %v", text, err)
	}
}

// TestPoolExhausted: a call that gets no connection ends with a sentence.
func TestPoolExhausted(t *testing.T) {
	db := openPool(t, postgres.Config{URL: postgrestest.Shared(t).NewDatabase(t), Connections: 4, AcquireTimeout: 50 * time.Millisecond})
	for range 4 { // without the timeout, which a busy machine may take to connect
		c, err := db.Pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Release()
	}

	_, err := db.Begin(t.Context())
	if tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(tidings.Sentence(err), "in use") {
		t.Errorf("a fifth of four: %v", err)
	}

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.Begin(gone); !errors.Is(err, context.Canceled) || tidings.KindOf(err) == tidings.KindUnavailable {
		t.Errorf("a caller that has gone: %v", err)
	}
}

// TestSessionEnds: a session that the server ends is lost, whatever it was doing.
func TestSessionEnds(t *testing.T) {
	db := openPool(t, postgres.Config{URL: postgrestest.Shared(t).NewDatabase(t)})
	for name, end := range map[string]func(*postgres.Tx) error{
		"idle in its transaction": func(tx *postgres.Tx) error {
			_, err := tx.ExecContext(t.Context(), "SET LOCAL idle_in_transaction_session_timeout = 10")
			return err
		},
		"ended by an operator": func(tx *postgres.Tx) error {
			_, err := db.SQL.Exec("SELECT pg_terminate_backend($1)", sessionOf(t, tx))
			return err
		},
	} {
		tx, err := db.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		session := sessionOf(t, tx)
		if err := end(tx); err != nil {
			t.Fatal(err)
		}

		for there := 1; there > 0; {
			if err := db.SQL.QueryRow("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", session).Scan(&there); err != nil {
				t.Fatal(err)
			}
		}

		_, err = tx.ExecContext(t.Context(), "SELECT 1")
		if !postgres.IsLost(err) || tidings.KindOf(err) != tidings.KindUnavailable {
			t.Errorf("%s: %v", name, err)
		}
		tx.Rollback()
	}

	if err := db.SQL.Ping(); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func sessionOf(t *testing.T, tx *postgres.Tx) (n int) {
	t.Helper()
	if err := tx.QueryRowContext(t.Context(), "SELECT pg_backend_pid()").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRefusedText: text that the database cannot hold is the caller's mistake.
func TestRefusedText(t *testing.T) {
	db := openPool(t, postgres.Config{URL: postgrestest.Shared(t).NewDatabase(t)})
	for _, query := range []string{"SELECT $1::text", "SELECT $1::jsonb ->> 'a'"} {
		for _, text := range []string{"a\x00", "\xff", `{"a": "\u0000"}`} {
			var out sql.NullString
			err := db.SQL.QueryRow(query, text).Scan(&out)
			if err != nil && tidings.KindOf(err) != tidings.KindInvalid && !strings.Contains(err.Error(), "22P02") { // no JSON at all
				t.Errorf("%q in %s: %v", text, query, err)
			}
		}
	}
}

// TestReadsAskAgain: a read whose connection the server has ended is answered on
// another one.
func TestReadsAskAgain(t *testing.T) {
	url := postgrestest.Shared(t).NewDatabase(t)
	db, other := openPool(t, postgres.Config{URL: url}), openPool(t, postgres.Config{URL: url})
	reads := postgres.Reads{DB: db.SQL}
	endSessions := func() {
		t.Helper()
		if err := db.SQL.Ping(); err != nil { // there is one, and it was used just now
			t.Fatal(err)
		}
		if _, err := other.SQL.Exec("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
			t.Fatal(err)
		}
	}

	var n int
	for name, read := range map[string]func() error{
		"a row": func() error { return reads.QueryRowContext(t.Context(), "SELECT 1").Scan(&n) },
		"rows": func() error {
			rows, err := reads.QueryContext(t.Context(), "SELECT 1")
			if err == nil {
				err = rows.Close()
			}
			return err
		},
		"a transaction": func() error {
			tx, err := reads.BeginTx(t.Context(), nil)
			if err == nil {
				err = tx.Rollback()
			}
			return err
		},
	} {
		endSessions()
		if err := read(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
