package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// open is a file with the table words(n, word) of three rows.
func open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := Open("file:" + filepath.Join(t.TempDir(), "a.db") + "?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	must(t, db, "CREATE TABLE words (n INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)")
	for i, w := range []string{"one", "two", "three"} {
		must(t, db, "INSERT INTO words VALUES ($1, $2)", i+1, w)
	}

	return db
}

type execer interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

func must(t testing.TB, db execer, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

type querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

// all are the rows of a query with one column, joined by blanks.
func all(t testing.TB, db querier, query string, args ...any) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()

	var out []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}

	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}

	return strings.Join(out, " ")
}

func eq(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

const above = "SELECT word FROM words WHERE n > $1 ORDER BY n"

func TestAgain(t *testing.T) {
	db := open(t)
	db.SetMaxOpenConns(1)
	for range 3 {
		eq(t, "all", all(t, db, above, 0), "one two three")
		eq(t, "one", all(t, db, above, 2), "three")
		eq(t, "none", all(t, db, above, 3), "")
	}

	var w string
	for range 3 { // a row is taken and the rest left: the statement begins anew
		if err := db.QueryRowContext(t.Context(), above, 0).Scan(&w); err != nil || w != "one" {
			t.Fatal(w, err)
		}
	}
}

// The same query may be asked while its rows are being read.
func TestNested(t *testing.T) {
	db := open(t)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()

	rows, err := tx.QueryContext(t.Context(), above, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()

	var outer []string
	for rows.Next() {
		var w string
		if err := rows.Scan(&w); err != nil {
			t.Fatal(err)
		}
		outer = append(outer, w)
		eq(t, "inner", all(t, tx, above, 1), "two three")
	}

	eq(t, "outer", strings.Join(outer, " "), "one two three")
}

// A refused statement works when it is asked again, and a failed one does not
// hold up the transaction it is in.
func TestRefused(t *testing.T) {
	db := open(t)
	db.SetMaxOpenConns(1)
	const add = "INSERT INTO words VALUES ($1, $2)"
	for range 2 {
		if _, err := db.ExecContext(t.Context(), add, 9, "one"); err == nil {
			t.Fatal("a word came in twice")
		}
	}

	must(t, db, add, 4, "four")
	if _, err := db.ExecContext(t.Context(), "SELEKT 1"); err == nil {
		t.Error("no SQL was taken for SQL")
	}

	if _, err := db.QueryContext(t.Context(), "SELECT 1 FROM nowhere"); err == nil {
		t.Error("a table that is not there was read")
	}

	over, cancel := context.WithCancel(t.Context())
	cancel()

	if _, err := db.QueryContext(over, above, 0); err == nil {
		t.Error("a query ran after its end")
	}

	eq(t, "afterwards", all(t, db, above, 2), "three four")
}

// Statements follow the tables when these change.
func TestNewTables(t *testing.T) {
	db := open(t)
	const every = "SELECT * FROM words WHERE n = 1"
	columns := func() string {
		rows, err := db.QueryContext(t.Context(), every)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()

		names, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(names, " ")
	}
	eq(t, "before", columns(), "n word")
	must(t, db, "ALTER TABLE words ADD COLUMN said TEXT")
	eq(t, "after", columns(), "n word said")
	must(t, db, "DROP TABLE words")
	if _, err := db.QueryContext(t.Context(), every); err == nil {
		t.Error("a table that is gone was read")
	}

	must(t, db, "CREATE TABLE words (n INTEGER); INSERT INTO words VALUES (1)")
	eq(t, "again", columns(), "n")
}

// More statements than are kept, some of them while they are read.
func TestMany(t *testing.T) {
	db := open(t)
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()

	held, err := tx.QueryContext(t.Context(), above, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()

	for i := range maxStatements + 10 {
		eq(t, "word", all(t, tx, fmt.Sprintf("SELECT word FROM words WHERE n = 1 + 0 * %d", i)), "one")
	}

	for held.Next() {
	}

	if err := held.Err(); err != nil {
		t.Fatal(err)
	}

	eq(t, "held anew", all(t, tx, above, 1), "two three")
	long := "SELECT word FROM words WHERE n = 2 --" + strings.Repeat(" ", maxQueryLength)
	eq(t, "long", all(t, tx, long), "two")
}

func TestTogether(t *testing.T) {
	db := open(t)
	db.SetMaxOpenConns(4)
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			for range 20 {
				if got := all(t, db, above, 1); got != "two three" {
					t.Errorf("got %q", got)
				}
			}
		})
	}

	wait.Wait()
}

// What is kept is bounded, and the latest used stay.
func TestKept(t *testing.T) {
	db := open(t)
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	for i := range 2 * maxStatements {
		must(t, c, fmt.Sprintf("SELECT %d", i))
		must(t, c, above, 0)
	}

	err = c.Raw(func(driver any) error {
		k := driver.(*conn).statements
		if k.used.Len() != maxStatements || len(k.byQuery) != maxStatements {
			t.Errorf("%d and %d are kept, want %d", k.used.Len(), len(k.byQuery), maxStatements)
		}

		if _, ok := k.lookUpStatement(above); !ok {
			t.Error("the one in use was let go")
		}

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func BenchmarkQuery(b *testing.B) {
	db := open(b)
	ctx := context.Background()
	var w string
	for b.Loop() {
		if err := db.QueryRowContext(ctx, above, 1).Scan(&w); err != nil {
			b.Fatal(err)
		}
	}
}
