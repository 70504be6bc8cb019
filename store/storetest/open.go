package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// migratedDatabase is an empty database that is up to date, made once: suites
// open dozens, and the migrations would be most of their time.
var migratedDatabase = sync.OnceValues(func() (db []byte, err error) {
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

// OpenMigrated opens an empty store whose database was migrated once for all
// tests of the package, and closes it when the test ends. A folder that is not
// named is a new one.
func OpenMigrated(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	db, err := migratedDatabase()
	if err != nil {
		t.Fatal(err)
	}

	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	if err := os.WriteFile(filepath.Join(cfg.Dir, "tidings.db"), db, 0o600); err != nil {
		t.Fatal(err)
	}

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

// OpenEmpty is an Open of SQLite.
func OpenEmpty(t testing.TB, clock tidings.Clock) *store.Store {
	t.Helper()
	return OpenMigrated(t, store.Config{Clock: clock})
}
