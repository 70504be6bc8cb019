package sqlite

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFileURI: a file is where its path says, whatever the path has.
func TestFileURI(t *testing.T) {
	for _, folder := range []string{"team #1", "a?mode=memory", "100%", "%41", "Grüße", "a:b", `back\slash`, "a&b=c", "'quoted\""} {
		dir := filepath.Join(t.TempDir(), folder)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "a.db")
		db, err := Open(FileURI(path) + "?_pragma=journal_mode(WAL)")
		if err != nil {
			t.Fatal(err)
		}

		if _, err := db.Exec("CREATE TABLE words (n INTEGER)"); err != nil {
			t.Errorf("%s: %v", folder, err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("%s: %v", folder, err)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) != 1 || files[0].Name() != "a.db" {
			t.Errorf("%s has %v, %v", folder, files, err)
		}
	}
}
