package postgrestest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

var number atomic.Int64

// Template is a database of the shared server from which others are cloned. Fill
// makes it, once.
type Template struct {
	Fill func(url string) error
	once sync.Once
	name string
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
	c.once.Do(func() {
		c.name = fmt.Sprintf("template_%d", number.Add(1))
		if c.err = s.Exec(context.Background(), "CREATE DATABASE "+c.name+" TEMPLATE template0"); c.err == nil {
			c.err = c.Fill(s.URL(c.name))
		}
	})
	if c.err != nil {
		t.Fatal(c.err)
	}
	return s.NewDatabaseAs(t, "TEMPLATE "+c.name)
}

// NewDatabaseAs is NewDatabase with options of CREATE DATABASE.
func (s *Server) NewDatabaseAs(t testing.TB, options string) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", number.Add(1))
	if err := s.Exec(t.Context(), "CREATE DATABASE "+name+" "+options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // a killed server has none any more
		_ = s.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
	})
	return s.URL(name)
}

// Exec runs a statement in the database postgres.
func (s *Server) Exec(ctx context.Context, statement string) error {
	return s.withConnection(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, statement)
		return err
	})
}

// queryValue asks for one value.
func (s *Server) queryValue(ctx context.Context, out any, query string) error {
	return s.withConnection(ctx, func(conn *pgx.Conn) error { return conn.QueryRow(ctx, query).Scan(out) })
}

func (s *Server) withConnection(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	return do(conn)
}
