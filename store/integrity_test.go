package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// TestDamagedDatabase: damage that a query meets is remembered, so that readiness
// says it from then on; a check of the whole file finds what no query has met.
func TestDamagedDatabase(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	s, err := store.Open(ctx, store.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}

	var page, size int64
	if err := s.DB().QueryRowContext(ctx, "SELECT rootpage FROM sqlite_master WHERE name = 'comments_clip'").Scan(&page); err != nil {
		t.Fatal(err)
	}
	if err := s.DB().QueryRowContext(ctx, "PRAGMA page_size").Scan(&size); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if wrong, err := store.QuickCheck(ctx, dir); wrong != "" || err != nil {
		t.Fatalf("of a whole database: %q %v", wrong, err)
	}

	f, err := os.OpenFile(filepath.Join(dir, "tidings.db"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, size), (page-1)*size); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if wrong, err := store.QuickCheck(ctx, dir); wrong == "" || err != nil {
		t.Errorf("quick check: %q %v", wrong, err)
	}

	if s, err = store.Open(ctx, store.Config{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()

	if err := s.Ready(ctx); err != nil {
		t.Errorf("before a query has met the damage: %v", err)
	}
	if _, err := s.Comments(ctx, tidings.NewID(tidings.FromMillis(1))); err == nil {
		t.Fatal("the damaged table was read")
	}
	for range 2 {
		if err := s.Ready(ctx); err == nil {
			t.Error("the damage is forgotten")
		}
	}
}
