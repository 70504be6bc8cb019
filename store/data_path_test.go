package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// TestDataPath: the database is in its data folder, whatever that is called, and
// each folder has its own.
func TestDataPath(t *testing.T) {
	parent := t.TempDir()
	for _, folder := range []string{"team #1", "team #2", "team ?mode=memory", "100%25"} {
		dir := filepath.Join(parent, folder)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), store.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}

		_, ws, err := s.Setup(t.Context(), tidings.Setup{WorkspaceName: folder, Name: "Ana", Email: "ana@example.com", PasswordHash: "x", TimeZone: "UTC"})
		if err != nil {
			t.Fatalf("%s: %v", folder, err)
		}
		if has, err := store.HasWorkspace(t.Context(), store.Config{Dir: dir}, ws.ID); err != nil || !has {
			t.Errorf("%s: its workspace is there: %t, %v", folder, has, err)
		}
		snapshot, err := s.Snapshot(t.Context(), filepath.Join(parent, "copy of "+folder))
		if err != nil {
			t.Fatalf("%s: %v", folder, err)
		}
		if err := snapshot.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "tidings.db")); err != nil {
			t.Error(err)
		}
	}
}
