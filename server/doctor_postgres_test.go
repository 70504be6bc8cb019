package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/postgres/postgrestest"
	"tidings.example/tidings/store"
)

// addDatabaseCases breaks the way to a real PostgreSQL, and its databases.
func addDatabaseCases(t *testing.T, cases map[string]brokenCase) {
	t.Helper()
	server := postgrestest.Shared(t)
	use := func(url string) func(c *Config) { return func(c *Config) { c.Database = url } }
	newer, foreign := server.NewDatabase(t), server.NewDatabaseWith(t, "CREATE TABLE films (id int)")
	cfg := soundConfig(t)
	cfg.Database = newer
	s, err := cfg.OpenStore(t.Context())
	if err == nil {
		_, err = s.DB().Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	cases["PostgreSQL no address"] = brokenCase{use("postgres://[::1"), "database", "not the address", "postgres://USER"}
	cases["PostgreSQL no file"] = brokenCase{func(c *Config) { c.DatabaseFile = "/nowhere/database" }, "database", "/nowhere/database", "--database-file"}
	cases["PostgreSQL not there"] = brokenCase{use("postgres://ana:secret@127.0.0.1:1/tidings"), "database", "does not answer", "Start PostgreSQL"}
	cases["PostgreSQL other user"] = brokenCase{use(server.URL("postgres") + " user=nobody"), "database", "refuses the user", "pg_hba.conf"}
	cases["PostgreSQL no database"] = brokenCase{use(server.URL("none")), "database", "no database of the name", "createdb"}
	cases["PostgreSQL read only"] = brokenCase{use(server.NewDatabase(t) + " options='-c default_transaction_read_only=on'"), "database", "takes no changes", "target_session_attrs"}
	cases["PostgreSQL without TLS"] = brokenCase{use(server.NewProxy(t).Address(server.URL("postgres")) + " sslmode=verify-full"), "database", "has no TLS", "sslrootcert=FILE"}
	cases["PostgreSQL no root certificate"] = brokenCase{use("postgres://ana@127.0.0.1/tidings?sslmode=verify-full&sslrootcert=/nowhere/root.crt"), "database", "/nowhere/root.crt", "--database"}
	cases["PostgreSQL of another program"] = brokenCase{use(foreign), "database", "another program (films)", "another database"}
	cases["PostgreSQL newer"] = brokenCase{use(newer), "database", "newer version of Tidings", "what the line says"}
}

// TestDoctorOnPostgres: a database that can be used is described, before its first
// start and after it.
func TestDoctorOnPostgres(t *testing.T) {
	cfg := soundConfig(t)
	cfg.DatabaseFile = filepath.Join(t.TempDir(), "database")
	if err := os.WriteFile(cfg.DatabaseFile, []byte(postgrestest.Shared(t).NewDatabase(t)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	for _, says := range []string{"without tables", "PostgreSQL 1"} {
		for _, f := range admin.Examine(t.Context(), cfg.Checks()...) {
			if (f.Name == "database" || f.Name == "objects") && f.State != "ok" || f.Name == "database" && !strings.Contains(f.Text, says) {
				t.Errorf("want %q: %+v", says, f)
			}
		}

		rows, err := cfg.StoreConfig(nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), rows)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNodeID: a process has the same name after a restart, and another one in
// another folder.
func TestNodeID(t *testing.T) {
	a, b := soundConfig(t), soundConfig(t)
	first, err1 := a.nodeID()
	again, err2 := a.nodeID()
	other, err3 := b.nodeID()
	if err1 != nil || err2 != nil || err3 != nil || first != again || first == other || len(first) > 100 {
		t.Errorf("%q %q %q, %v %v %v", first, again, other, err1, err2, err3)
	}
}
