package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tidings.example/tidings/postgres"
	"tidings.example/tidings/postgres/postgrestest"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// databaseVariable names the environment variable that says on which database the
// tests of other packages run: "postgres", else SQLite.
const databaseVariable = "TIDINGS_TEST_DATABASE"

// OnPostgres reports whether the tests of other packages run on PostgreSQL.
func OnPostgres() bool { return os.Getenv(databaseVariable) == "postgres" }

// SkipOnPostgres skips a test of what only an installation with SQLite has.
func SkipOnPostgres(t testing.TB, what string) {
	t.Helper()
	if OnPostgres() {
		t.Skip("SQLite only: " + what)
	}
}

// Config is a new database for one test, up to date and empty, with a data folder,
// on the database that the tests run on.
func Config(t testing.TB, dir string) store.Config {
	t.Helper()
	if OnPostgres() {
		return PostgresConfig(t, dir)
	}
	return sqliteConfig(t, dir)
}

// OpenMigrated opens an empty store on the database that the tests run on, and
// closes it when the test ends. A folder that is not named is a new one.
func OpenMigrated(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	cfg.Postgres = Config(t, cfg.Dir).Postgres
	return openStore(t, cfg)
}

// OpenAny is an Open on the database that the tests run on.
func OpenAny(t testing.TB, clock tidings.Clock) *store.Store {
	t.Helper()
	return OpenMigrated(t, store.Config{Clock: clock})
}

// sqliteConfig is Config on SQLite; a database that is there stays.
func sqliteConfig(t testing.TB, dir string) store.Config {
	t.Helper()
	path := filepath.Join(dir, "tidings.db")
	if _, err := os.Stat(path); err == nil {
		return store.Config{Dir: dir}
	}

	file, err := migratedFile()
	if err == nil {
		err = os.WriteFile(path, file, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return store.Config{Dir: dir}
}

// PostgresConfig is Config on PostgreSQL.
func PostgresConfig(t testing.TB, dir string) store.Config {
	t.Helper()
	return store.Config{Dir: dir, Postgres: postgres.Config{URL: postgresTemplate.NewDatabase(t), Connections: 6}}
}

// postgresTemplate is an empty database that is up to date: the migrations would be
// most of the time of a suite.
var postgresTemplate = postgrestest.Template{Name: "tidings", Fill: func(url string) error {
	dir, err := os.MkdirTemp("", "tidings-template-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	s, err := store.Open(context.Background(), store.Config{Dir: dir, Postgres: postgres.Config{URL: url}})
	if err != nil {
		return err
	}
	return s.Close()
}}

// OpenPostgres is an Open on PostgreSQL.
func OpenPostgres(t testing.TB, clock tidings.Clock) *store.Store {
	t.Helper()
	cfg := PostgresConfig(t, t.TempDir())
	cfg.Clock = clock
	return openStore(t, cfg)
}

// OpenSQLite is an Open on SQLite.
func OpenSQLite(t testing.TB, clock tidings.Clock) *store.Store {
	t.Helper()
	cfg := sqliteConfig(t, t.TempDir())
	cfg.Clock = clock
	return openStore(t, cfg)
}

func openStore(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})

	return s
}

// migratedFile is an empty SQLite database that is up to date.
var migratedFile = sync.OnceValues(func() (db []byte, err error) {
	dir, err := os.MkdirTemp("", "tidings-migrated-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)

	s, err := store.Open(context.Background(), store.Config{Dir: dir})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil { // the last to close moves the log into the file
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "tidings.db-wal")); !errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("the log is still there")
	}
	return os.ReadFile(filepath.Join(dir, "tidings.db"))
})
