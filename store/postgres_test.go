package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/pressly/goose/v3"

	"tidings.example/tidings/postgres"
	"tidings.example/tidings/postgres/postgrestest"
	"tidings.example/tidings/store"
	"tidings.example/tidings/store/migrations"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// TestPostgresMigrations lets a real PostgreSQL run the migrations, up, down and up
// again.
func TestPostgresMigrations(t *testing.T) {
	db, err := postgres.Open(t.Context(), postgres.Config{URL: postgrestest.Shared(t).NewDatabase(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	p, err := migrations.Provider(goose.DialectPostgres, db.SQL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.DownTo(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestPostgresOpensTogether: of several processes that start on an empty database
// one migrates, and the others go on after it.
func TestPostgresOpensTogether(t *testing.T) {
	const processes = 4
	cfg := postgres.Config{URL: postgrestest.Shared(t).NewDatabase(t), Connections: 4}
	errs := make([]error, processes)
	var wg sync.WaitGroup
	for i := range processes {
		dir := t.TempDir()
		wg.Go(func() {
			s, err := store.Open(t.Context(), store.Config{Dir: dir, Postgres: cfg})
			if err == nil {
				_, err = s.InstallationID(t.Context())
				err = errors.Join(err, s.Close())
			}
			errs[i] = err
		})
	}

	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// TestPostgresSharesRows: two processes with folders of their own have one database,
// and two on one folder are refused.
func TestPostgresSharesRows(t *testing.T) {
	cfg := storetest.PostgresConfig(t, t.TempDir())
	one := openOn(t, cfg.Postgres.URL)
	other := openOn(t, cfg.Postgres.URL)
	if err := putKey(t.Context(), one, "a"); err != nil {
		t.Fatal(err)
	}
	if got := staleKeys(t, other); got != "a" {
		t.Errorf("rows %q", got)
	}

	third, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	if _, err := store.Open(t.Context(), cfg); tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(tidings.Sentence(err), "a folder of its own") {
		t.Errorf("two processes on one folder: %v", err)
	}
}

// TestPostgresComparesBytes: text is sorted as in SQLite, in a database whose
// language sorts otherwise.
func TestPostgresComparesBytes(t *testing.T) {
	w := storetest.NewWorld(t, storetest.OpenPostgres)
	w.Person("a", "")
	w.Person("B", "")

	var language bool
	var names string
	if err := w.DB().QueryRow(`SELECT 'a' < 'B', string_agg(name, ' ' ORDER BY name) FROM users`).Scan(&language, &names); err != nil {
		t.Fatal(err)
	}
	if !language || names != "Ana B a" {
		t.Errorf("the database sorts by its language: %t; names %q", language, names)
	}
}

// TestQueriesPrepareOnPostgres lets a real PostgreSQL prepare every query.
func TestQueriesPrepareOnPostgres(t *testing.T) {
	w := storetest.NewWorld(t, storetest.OpenPostgres)
	prepareQueries(t, w.DB())
	if _, err := w.DB().Exec(`SELECT nonsense FROM clips`); err == nil {
		t.Fatal("this database would accept anything")
	}
}
