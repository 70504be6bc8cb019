package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// migrated is an empty database that is up to date, made once: the suite opens
// dozens, and the migrations would be most of its time.
var migrated = sync.OnceValues(func() (db []byte, err error) {
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

func openSQLite(t testing.TB, clock tidings.Clock) *store.Store {
	t.Helper()
	db, err := migrated()
	if err != nil {
		t.Fatal(err)
	}

	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tidings.db"), db, 0o600); err != nil {
		t.Fatal(err)
	}

	s, err := store.Open(t.Context(), store.Config{Dir: dir, Clock: clock})
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

func TestSQLite(t *testing.T) { storetest.Run(t, openSQLite) }
