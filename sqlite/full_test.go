package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"tidings.example/tidings/tidings"
)

// TestFullDatabase: each way to write to a full database fails with
// KindStorageFull, keeps SQLite's own error, and leaves a connection that reads
// and, once there is space, writes.
func TestFullDatabase(t *testing.T) {
	db := open(t)
	db.SetMaxOpenConns(1)
	limitPages(t, db, 1) // as many as there are
	const insert = "INSERT INTO words (word) VALUES (zeroblob(100000))"
	for name, write := range map[string]func() error{
		"a statement":            func() error { _, err := db.Exec(insert); return err },
		"a statement that reads": func() error { var n int; return db.QueryRow(insert + " RETURNING n").Scan(&n) },
		"within a transaction":   func() error { return inTx(db, func(tx *sql.Tx) error { _, err := tx.Exec(insert); return err }) },
		"a script of statements": func() error { _, err := db.Exec(insert + "; SELECT 1"); return err },
		"a prepared statement":   func() error { _, err := db.Exec(insert); return err },
	} {
		err := write()
		var own *Error
		if tidings.KindOf(err) != tidings.KindStorageFull || !errors.As(err, &own) {
			t.Errorf("%s: %v", name, err)
		}
		var n int
		if err := db.QueryRow("SELECT count(*) FROM words").Scan(&n); err != nil || n != 3 {
			t.Errorf("after %s: %d rows, %v", name, n, err)
		}
	}

	limitPages(t, db, 1<<20)
	if _, err := db.Exec(insert); err != nil {
		t.Errorf("there is space again: %v", err)
	}
}

func limitPages(t *testing.T, db *sql.DB, pages int) {
	t.Helper()
	if _, err := db.Exec("PRAGMA max_page_count = " + fmt.Sprint(pages)); err != nil {
		t.Fatal(err)
	}
}

func inTx(db *sql.DB, fn func(*sql.Tx) error) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()

	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}
