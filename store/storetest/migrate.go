package storetest

import (
	"database/sql"
	"testing"

	"github.com/pressly/goose/v3"

	"tidings.example/tidings/store/migrations"
)

// MigrateDown makes an SQLite database that of an older version of the program:
// with the schema of a migration's number, and its rows as far as that has them.
func MigrateDown(t testing.TB, db *sql.DB, version int64) {
	t.Helper()
	p, err := migrations.Provider(goose.DialectSQLite3, db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.DownTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}
