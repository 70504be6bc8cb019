package postgrestest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

var number atomic.Int64

// newName is a name that no other database of a server has, which several test
// binaries may share.
func newName() string { return fmt.Sprintf("test_%d_%d", os.Getpid(), number.Add(1)) }

// Template is a database of the shared server from which others are cloned. Fill
// makes it, once for all test binaries on the server.
type Template struct {
	Name string
	Fill func(url string) error
	once sync.Once
	err  error
}

// NewDatabase is an empty database of the server; it goes when the test ends.
func (s *Server) NewDatabase(t testing.TB) (url string) {
	t.Helper()
	return s.NewDatabaseAs(t, "TEMPLATE template0")
}

// NewDatabase is a clone of the template.
func (c *Template) NewDatabase(t testing.TB) (url string) {
	t.Helper()
	s := Shared(t)
	c.once.Do(func() { c.err = s.makeTemplate(c) })
	if c.err != nil {
		t.Fatal(c.err)
	}
	return s.NewDatabaseAs(t, "TEMPLATE "+c.Name)
}

// makeTemplate fills the template unless another test binary has; meanwhile these
// wait. Until it is whole it has another name.
func (s *Server) makeTemplate(c *Template) error {
	ctx := context.Background()
	return withConnection(ctx, s.URL("postgres"), func(conn *pgx.Conn) error {
		var there bool
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(1)"); err != nil {
			return err
		}
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", c.Name).Scan(&there); err != nil || there {
			return err
		}

		name := newName()
		if err := createDatabase(ctx, conn, name, "TEMPLATE template0"); err != nil {
			return err
		}
		if err := c.Fill(s.URL(name)); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, "ALTER DATABASE "+name+" RENAME TO "+c.Name)
		return err
	})
}

// NewDatabaseAs is NewDatabase with options of CREATE DATABASE.
func (s *Server) NewDatabaseAs(t testing.TB, options string) string {
	t.Helper()
	name := newName()
	err := withConnection(t.Context(), s.URL("postgres"), func(conn *pgx.Conn) error {
		return createDatabase(t.Context(), conn, name, options)
	})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { // a killed server has none any more
		_ = s.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
	})
	return s.URL(name)
}

// createDatabase has the files of the template copied: to write every page into the
// log, as PostgreSQL 15 and newer do unless told, takes the processor seven times as long.
func createDatabase(ctx context.Context, conn *pgx.Conn, name, options string) error {
	major, _, _ := strings.Cut(conn.PgConn().ParameterStatus("server_version"), ".")
	if n, err := strconv.Atoi(major); err == nil && n >= 15 {
		options += " STRATEGY FILE_COPY"
	}

	_, err := conn.Exec(ctx, "CREATE DATABASE "+name+" "+options)
	return err
}

// Exec runs a statement in the database postgres.
func (s *Server) Exec(ctx context.Context, statement string) error {
	return execOn(ctx, s.URL("postgres"), statement)
}

// NewDatabaseWith is a NewDatabase in which statements were run.
func (s *Server) NewDatabaseWith(t testing.TB, statements ...string) (url string) {
	t.Helper()
	url = s.NewDatabase(t)
	ExecAll(t, url, statements...)
	return url
}

// ExecAll runs statements in a database.
func ExecAll(t testing.TB, url string, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if err := execOn(t.Context(), url, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func execOn(ctx context.Context, url, statement string) error {
	return withConnection(ctx, url, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, statement)
		return err
	})
}

// queryValue asks for one value.
func (s *Server) queryValue(ctx context.Context, out any, query string) error {
	return withConnection(ctx, s.URL("postgres"), func(conn *pgx.Conn) error { return conn.QueryRow(ctx, query).Scan(out) })
}

func withConnection(ctx context.Context, url string, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	return do(conn)
}

// Dump is a database as SQL: its schema and its rows.
func (s *Server) Dump(t testing.TB, database string) string {
	t.Helper()
	out, err := s.toolCommand(filepath.Join(s.bin, "pg_dump"), "--no-sync", "-d", database).Output()
	if err != nil {
		t.Fatal(err)
	}

	lines := slices.DeleteFunc(strings.Split(string(out), "\n"), func(line string) bool {
		return strings.Contains(line, "restrict ") // a random key
	})
	return strings.Join(lines, "\n")
}
