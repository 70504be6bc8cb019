package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"tidings.example/tidings/sqlite"
)

// copyFiles is the migrations with others beside them.
func copyFiles(t *testing.T, more map[string]string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(files, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		out[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	for name, text := range more {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}

	return out
}

func openDatabase(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sqlite.Open("file:" + filepath.Join(t.TempDir(), "a.db"))
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

// TestNumbers: the files have numbers of their own, without a gap, and
// SchemaVersion is the newest.
func TestNumbers(t *testing.T) {
	list, err := numberMigrations(files)
	if err != nil {
		t.Fatal(err)
	}

	newest, err := Newest()
	if err != nil || newest != list[len(list)-1].number || newest < 19 {
		t.Fatalf("newest %d, %v", newest, err)
	}

	inGo, err := fs.Glob(files, "*.go")
	if err != nil || len(inGo) != len(goMigrations) {
		t.Errorf("%d Go files, %d entries in goMigrations, %v", len(inGo), len(goMigrations), err)
	}

	for _, name := range inGo {
		if number, err := goose.NumericComponent(name); err != nil || goMigrations[number] == nil {
			t.Errorf("%s has no entry in goMigrations, %v", name, err)
		}
	}
}

// TestNextMigration follows docs/how-to/add-a-migration.md: a file with the next
// number is all that SQL takes; Go takes an entry in goMigrations, too.
func TestNextMigration(t *testing.T) {
	newest, err := Newest()
	if err != nil {
		t.Fatal(err)
	}

	db := openDatabase(t)
	source := copyFiles(t, map[string]string{
		fileName(newest+1, "add_mood.sql"):     "-- +goose Up\nALTER TABLE clips ADD COLUMN mood TEXT NOT NULL DEFAULT '';\n\n-- +goose Down\nALTER TABLE clips DROP COLUMN mood;\n",
		fileName(newest+2, "backfill_mood.go"): "package migrations\n",
	})
	inGo := maps.Clone(goMigrations)
	inGo[newest+2] = func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE clips SET mood = 'calm'")
		return err
	}

	p, err := newProvider(goose.DialectSQLite3, db, source, inGo)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}

	if _, err := db.Exec("SELECT mood FROM clips"); err != nil {
		t.Error(err)
	}
	if version, err := p.GetDBVersion(t.Context()); err != nil || version != newest+2 {
		t.Errorf("version %d, %v", version, err)
	}

	if _, err := p.DownTo(t.Context(), newest); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("SELECT mood FROM clips"); err == nil {
		t.Error("the column is still there")
	}
}

// fileName is the name of a migration's file.
func fileName(number int64, name string) string { return fmt.Sprintf("%05d_%s", number, name) }

// TestMisnumberedMigrations: what is wrong is said in a sentence.
func TestMisnumberedMigrations(t *testing.T) {
	newest, err := Newest()
	if err != nil {
		t.Fatal(err)
	}

	next := fileName(newest+1, "add_mood.go")
	free := fmt.Sprintf("the next free one is %05d", newest+1)
	gap := fileName(newest+2, "add_mood.sql")
	for name, want := range map[string]string{
		"00019_add_mood.sql": "00019_backfill_speech.go have the same number: " + free,
		"00018_add_mood.sql": "migrations 00018_add_mood.sql and 00018_speech.sql have the same number",
		"00010_add_mood.sql": "migration 00010_add_mood.sql has a number that was skipped: " + free,
		gap:                  fmt.Sprintf("migration %05d is missing: number %s so that it follows the one before", newest+1, gap),
		"add_mood.sql":       "migration add_mood.sql has no number: name it like 00042_add_field.sql",
		next:                 next,
	} {
		_, err := newProvider(goose.DialectSQLite3, openDatabase(t), copyFiles(t, map[string]string{name: "-- +goose Up\n"}), goMigrations)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}
