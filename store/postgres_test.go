package store_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"tidings.example/tidings/store/migrations"
)

// TestPG lets a real PostgreSQL run the migrations, up, down and up again, and
// prepare every query: the same text serves both databases.
func TestPG(t *testing.T) {
	db := openPostgres(t)

	// SQLite's json_each takes text; PostgreSQL's takes json and answers with
	// key and value. The one difference is closed by one function there.
	if _, err := db.Exec(`CREATE FUNCTION json_each(text) RETURNS TABLE (value text) LANGUAGE sql IMMUTABLE AS 'SELECT json_array_elements_text($1::json)'`); err != nil {
		t.Fatal(err)
	}

	p, err := migrations.Provider(goose.DialectPostgres, db)
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

	prepareQueries(t, db)
	if _, err := db.Exec(`SELECT nonsense FROM clips`); err == nil {
		t.Fatal("this database would accept anything")
	}
}

// openPostgres starts a PostgreSQL of its own that listens on a socket in the
// test's folder only and ends with the test.
func openPostgres(t *testing.T) *sql.DB {
	t.Helper()
	bin := postgresBin(t)
	as := unprivileged(t)
	dir := t.TempDir()
	if as != nil { // it must get into its folder
		for _, d := range []string{dir, filepath.Dir(dir)} {
			if err := os.Chmod(d, 0o711); err != nil {
				t.Fatal(err)
			}
		}

		if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}

	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+dir, "LC_ALL=C.UTF-8")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as, Pdeathsig: syscall.SIGQUIT}
		return cmd
	}

	data := filepath.Join(dir, "data")
	if out, err := command("initdb", "-D", data, "-U", "tidings", "-A", "trust", "-E", "UTF8", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}

	server := command("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "log_min_messages=log")
	log := &started{line: "ready to accept connections", seen: make(chan struct{})}
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}

	over := make(chan error, 1)
	go func() { over <- server.Wait() }()

	select {
	case <-log.seen:
	case err := <-over:
		t.Fatalf("postgres: %v\n%s", err, log.text.String())
	}

	cfg, err := pgx.ParseConfig(fmt.Sprintf("host=%s user=tidings dbname=postgres", dir))
	if err != nil {
		t.Fatal(err)
	}

	db := stdlib.OpenDB(*cfg)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}

		if err := server.Process.Signal(syscall.SIGINT); err != nil { // fast shutdown
			t.Errorf("stop postgres: %v", err)
		}

		if err := <-over; err != nil {
			t.Errorf("postgres: %v", err)
		}
	})

	return db
}

// postgresBin finds the newest installed server; Debian keeps them off PATH.
func postgresBin(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		t.Fatal(err)
	}

	if path, err := exec.LookPath("postgres"); err == nil && len(found) == 0 {
		found = append(found, path)
	}

	if len(found) == 0 {
		t.Skip("PostgreSQL is not installed (Debian: postgresql-15): nothing can prepare the queries for it")
	}

	slices.Sort(found)
	return filepath.Dir(found[len(found)-1])
}

// unprivileged is who runs PostgreSQL, which refuses root.
func unprivileged(t *testing.T) *syscall.Credential {
	t.Helper()

	if os.Geteuid() != 0 {
		return nil
	}

	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}

		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}

	t.Skip("PostgreSQL does not run as root and there is no user postgres or nobody")
	return nil
}

// started collects a log and tells when a line has been seen.
type started struct {
	text bytes.Buffer
	line string
	seen chan struct{}
	over bool
}

// Write is called by one goroutine: exec copies both streams through one pipe.
func (s *started) Write(p []byte) (int, error) {
	s.text.Write(p)
	if !s.over && strings.Contains(s.text.String(), s.line) {
		s.over = true
		close(s.seen)
	}
	return len(p), nil
}
