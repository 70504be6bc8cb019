package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}

	// flock(2) belongs to the open file: a second Open in this process meets
	// the lock as another process would.
	_, err = store.Open(t.Context(), store.Config{Dir: dir})
	if tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(tidings.Sentence(err), "PostgreSQL") {
		t.Fatalf("a second store on the folder: %v", err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Fatalf("the first one after that: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s, err = store.Open(t.Context(), store.Config{Dir: dir})
	if err != nil {
		t.Fatalf("the folder is not free again: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestOpenTwiceMigratesOnce: rows outlive a restart, and an up-to-date database
// is left as it is.
func TestOpenTwiceMigratesOnce(t *testing.T) {
	dir := t.TempDir()
	var schemas []string
	var owner tidings.ID
	for i := range 3 {
		s, err := store.Open(t.Context(), store.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}

		if i == 0 {
			u, _, err := s.Setup(t.Context(), tidings.Setup{WorkspaceName: "W", Name: "Ana", Email: "ana@example.org", PasswordHash: "x", TimeZone: "UTC"})
			if err != nil {
				t.Fatal(err)
			}
			owner = u.ID
		}

		if _, err := s.User(t.Context(), owner); err != nil {
			t.Fatalf("open %d: %v", i, err)
		}

		var schema string
		if err := s.DB().QueryRow(`SELECT group_concat(sql, ';') || (SELECT count(*) FROM goose_db_version) || (SELECT count(*) FROM river_migration) FROM sqlite_master`).Scan(&schema); err != nil {
			t.Fatal(err)
		}

		schemas = append(schemas, schema)

		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}

	if schemas[0] != schemas[1] || schemas[1] != schemas[2] {
		t.Fatal("opening an existing database changes it")
	}
}

func TestPragmasHold(t *testing.T) {
	s := storetest.OpenSQLite(t, nil)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
		var got string
		if err := s.DB().QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %s (%v), want %s", pragma, got, err, want)
		}
	}
}

func TestUnusableFolderIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), store.Config{Dir: filepath.Join(file, "data")}); err == nil {
		t.Fatal("no error")
	}

	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tidings.db"), []byte(strings.Repeat("this is no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), store.Config{Dir: dir}); err == nil {
		t.Fatal("opened what is no database")
	}
	if err := os.Remove(filepath.Join(dir, "tidings.db")); err != nil {
		t.Fatal(err)
	}

	s, err := store.Open(t.Context(), store.Config{Dir: dir})
	if err != nil {
		t.Fatalf("a failed open keeps the folder: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestNewerSchemaIsRefused: a file that a newer version has migrated is left as it
// is (TestPostgresIsLeftAlone is its counterpart).
func TestNewerSchemaIsRefused(t *testing.T) {
	for says, statement := range map[string]string{
		"its schema is 9999": "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)",
		"its queue is 9999":  "INSERT INTO river_migration (line, version) VALUES ('main', 9999)",
	} {
		cfg := store.Config{Dir: t.TempDir()}
		s, err := store.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.DB().Exec(statement)
		if err := errors.Join(err, s.Close()); err != nil {
			t.Fatal(err)
		}

		before := readDatabase(t, cfg.Dir)
		_, err = store.Open(t.Context(), cfg)
		if tidings.KindOf(err) != tidings.KindConflict || !strings.Contains(tidings.Sentence(err), "newer version of Tidings") || !strings.Contains(tidings.Sentence(err), says) {
			t.Errorf("%s: %v", statement, err)
		}
		if !bytes.Equal(readDatabase(t, cfg.Dir), before) {
			t.Errorf("%s: the file has changed", statement)
		}
	}
}

func readDatabase(t *testing.T, dir string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "tidings.db"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
