package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/postgres/postgrestest"
)

// TestKilledOnPostgres kills the server of the database and the program by turns
// while a recording comes in.
func TestKilledOnPostgres(t *testing.T) {
	database := postgrestest.New(t)
	t.Setenv("TIDINGS_DATABASE", database.NewDatabase(t))
	s := startServer(t, t.TempDir()).signIn()
	recordAmidKills(t, s, func(round int, s *testServer) *testServer {
		if round%2 == 1 {
			s.kill()
			return s.restart()
		}
		if err := errors.Join(database.Kill(), database.Start()); err != nil {
			t.Fatal(err)
		}
		return s
	})
}

// TestCommandsOnPostgres: commands use the database of the settings, with and without
// a server; those that copy SQLite's file refuse it.
func TestCommandsOnPostgres(t *testing.T) {
	data, secret := t.TempDir(), " password=secret-canary"
	t.Setenv("TIDINGS_DATABASE", postgrestest.Shared(t).NewDatabase(t)+secret)
	for _, running := range []bool{false, true} {
		if running {
			startServer(t, data)
		}

		for _, c := range []struct {
			args string
			fits bool
			says string
		}{
			{"migrate", !running, ""},
			{"doctor", true, "PostgreSQL 1"},
			{"config", true, "********"},
			{"user list", true, ""},
			{"audit", true, "0 missing"},
			{"export " + t.TempDir(), false, "SQLite only"},
			{"import " + t.TempDir(), false, "SQLite only"},
		} {
			args := strings.Fields(c.args)
			out, err := runCommand(t, append([]string{args[0]}, append(args[1:], "--data", data)...)...)
			if args[0] == "export" || args[0] == "import" {
				out, err = runCommand(t, args[0], "--data", data, args[1])
			}
			if (err == nil) != c.fits || !strings.Contains(out, c.says) || strings.Contains(out, "secret-canary") {
				t.Errorf("%s (server running: %t): %v\n%s", c.args, running, err, out)
			}
		}
	}
}

// TestWrongDatabase: a start that cannot use the database says why, and writes
// nothing.
func TestWrongDatabase(t *testing.T) {
	for database, says := range map[string]string{
		"postgres://ana:secret-canary@[::1":                                       "not the address of a PostgreSQL database",
		postgrestest.Shared(t).URL("none") + " password=secret-canary":            "no database of the name",
		postgrestest.Shared(t).URL("postgres") + " user=x password=secret-canary": "refuses the user",
	} {
		out, err := runCommand(t, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir(), "--database", database)
		if err == nil || !strings.Contains(out, says) || strings.Contains(out, "secret-canary") {
			t.Errorf("%s: %v\n%s", database, err, out)
		}
		out, err = runCommand(t, "doctor", "--data", t.TempDir(), "--database", database)
		if err == nil || !strings.Contains(out, says) || !strings.Contains(out, "--database") || strings.Contains(out, "secret-canary") {
			t.Errorf("doctor: %s: %v\n%s", database, err, out)
		}
	}
}

// TestCutFromPostgres cuts the network to the database while a recording comes in:
// calls are answered with a sentence meanwhile, and all goes on afterwards.
func TestCutFromPostgres(t *testing.T) {
	database := postgrestest.Shared(t)
	network := database.NewProxy(t)
	t.Setenv("TIDINGS_DATABASE", network.Address(database.NewDatabase(t)))
	s := startServer(t, t.TempDir()).signIn()
	recordAmidKills(t, s, func(round int, s *testServer) *testServer {
		network.Cut()
		if round == 0 {
			s.checkAway(http.MethodGet, "/api/v1/me", "")
			s.checkAway(http.MethodPost, "/api/v1/clips", `{"workspace_id":"`+s.ws+`","kind":"camera"}`)
		}
		network.Mend()
		return s
	})
}

// checkAway: a call is answered with 503 and a sentence while the database is away.
func (s *testServer) checkAway(method, path, body string) {
	s.t.Helper()
	res, text := s.request(method, path, map[string]string{"Content-Type": "application/json"}, strings.NewReader(body))
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" || !strings.Contains(string(text), "The database does not answer now. Nothing was changed") {
		s.t.Errorf("%s %s: %s %v\n%s", method, path, res.Status, res.Header, text)
	}
}

// TestTwoInstallations: a process whose storage is not that of the installation in
// the database is refused, whichever of the two is the wrong one, and changes nothing.
func TestTwoInstallations(t *testing.T) {
	server, first := postgrestest.Shared(t), t.TempDir()
	url := server.NewDatabase(t)
	t.Setenv("TIDINGS_DATABASE", url)
	startServer(t, first).signIn().stop()
	before := server.Dump(t, url)

	second := t.TempDir()
	for _, c := range []struct{ database, data, says string }{
		{url, second, "has its objects in another storage"},
		{server.NewDatabase(t), first, "belongs to an installation"},
	} {
		out, err := runCommand(t, "serve", "--listen", "127.0.0.1:0", "--data", c.data, "--database", c.database)
		if err == nil || !strings.Contains(out, c.says) || !strings.Contains(out, "Nothing was changed") {
			t.Errorf("%s: %v\n%s", c.says, err, out)
		}
		if c.database != url && strings.Contains(server.Dump(t, c.database), "TABLE") {
			t.Error("the empty database has tables")
		}
	}
	if server.Dump(t, url) != before {
		t.Error("the database has changed")
	}

	// What the sentence says for a storage that is lost helps.
	mark, err := os.ReadFile(filepath.Join(first, "storage/objects/tidings/installation"))
	if err == nil {
		err = os.WriteFile(filepath.Join(second, "storage/objects/tidings/installation"), mark, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	startServer(t, second).stop()
	startServer(t, first).stop()
}
