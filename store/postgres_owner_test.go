package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/postgres"
	"tidings.example/tidings/postgres/postgrestest"
	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// TestPostgresIsLeftAlone: a database that this program cannot use is refused by
// start and doctor, and is afterwards what it was before.
func TestPostgresIsLeftAlone(t *testing.T) {
	server := postgrestest.Shared(t)
	for name, c := range map[string]struct {
		before     []string
		migrated   bool
		parameters string
		says       string
	}{
		"a newer schema":             {[]string{"INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)"}, true, "", "its schema is 9999"},
		"a newer queue":              {[]string{"INSERT INTO river_migration (line, version) VALUES ('main', 9999)"}, true, "", "its queue is 9999"},
		"another program":            {[]string{"CREATE TABLE users (id int)", "CREATE VIEW clips AS SELECT * FROM users"}, false, "", "another program (clips, users)"},
		"another program with goose": {[]string{"CREATE TABLE goose_db_version (id int)", "CREATE TABLE counters (id int)"}, false, "", "another program (counters, goose_db_version)"},
		"no schema":                  {nil, true, "search_path=nowhere", "none of the schemas"},
		"another program's schema":   {[]string{"CREATE SCHEMA theirs", "CREATE TABLE theirs.a (id int)"}, true, "search_path=theirs,public", "another program (a)"},
	} {
		url := storetest.PostgresConfig(t, t.TempDir()).Postgres.URL
		if !c.migrated {
			url = server.NewDatabase(t)
		}
		postgrestest.ExecAll(t, url, c.before...)
		before := server.Dump(t, url)

		cfg := store.Config{Dir: t.TempDir(), Postgres: postgres.Config{URL: url + " " + c.parameters}}
		_, openErr := store.Open(t.Context(), cfg)
		_, examineErr := store.ExaminePostgres(t.Context(), cfg)
		for _, err := range []error{openErr, examineErr} {
			if tidings.KindOf(err) != tidings.KindConflict || !strings.Contains(tidings.Sentence(err), c.says) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if after := server.Dump(t, url); after != before {
			t.Errorf("%s: the database has changed: %s", name, firstDifference(before, after))
		}
	}
}

// firstDifference is the first line of b that a does not have.
func firstDifference(a, b string) string {
	lines := strings.Split(a, "\n")
	for line := range strings.SplitSeq(b, "\n") {
		if !slices.Contains(lines, line) {
			return line
		}
	}
	return "lines are missing"
}

// TestPostgresSchemas: two installations in one database are kept apart by their
// schemas, also where the path of one leads on to the other.
func TestPostgresSchemas(t *testing.T) {
	url := postgrestest.Shared(t).NewDatabaseWith(t, `CREATE SCHEMA "Second one"`)
	first, second := openOn(t, url), openOn(t, url+` search_path='"Second one",public'`)

	var ids []string
	for i, s := range []*store.Store{first, second} {
		w := storetest.NewWorld(t, func(testing.TB, tidings.Clock) *store.Store { return s })
		for range 2 - i {
			w.Recorded()
		}
		if got := len(w.Indexed()); got != 2-i {
			t.Errorf("installation %d: %d clips", i, got)
		}

		var tables, version int64
		if err := s.DB().QueryRow(`SELECT (SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename IN ('clips', 'river_job', 'goose_db_version')), last_value FROM outbox_version`).Scan(&tables, &version); err != nil {
			t.Fatal(err)
		}
		id, err := s.InstallationID(t.Context())
		if err != nil || tables != 3 || version > 9 {
			t.Errorf("installation %d: %d tables, version %d, %v", i, tables, version, err)
		}
		ids = append(ids, id)
	}
	if ids[0] == ids[1] {
		t.Errorf("both are %s", ids[0])
	}
}

// TestInstallationIsChecked: the check sees the installation before its database is
// changed, and an error of it ends the start.
func TestInstallationIsChecked(t *testing.T) {
	cfg := store.Config{Dir: t.TempDir(), Postgres: postgres.Config{URL: postgrestest.Shared(t).NewDatabase(t)}}
	var seen []store.Installation
	refused := errors.New("refused")
	for i := range 3 {
		cfg.CheckInstallation = func(i store.Installation) error {
			seen = append(seen, i)
			if len(seen) == 3 {
				return refused
			}
			return nil
		}

		s, err := store.Open(t.Context(), cfg)
		if i == 2 {
			if !errors.Is(err, refused) {
				t.Errorf("the third start: %v", err)
			}
			break
		}
		if err != nil {
			t.Fatal(err)
		}

		id, err := s.InstallationID(t.Context())
		if err := errors.Join(err, s.SetHasStorage(t.Context()), s.Close()); err != nil {
			t.Fatal(err)
		}
		if want := (store.Installation{ID: id, HasStorage: true}); i == 1 && seen[1] != want || seen[0] != (store.Installation{}) {
			t.Errorf("seen %v, want %v", seen, want)
		}
	}
}
