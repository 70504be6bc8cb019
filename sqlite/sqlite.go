// Package sqlite opens SQLite files so that a statement is compiled once for
// each connection and not each time it runs. Compiling is the larger part of a
// short query: sqlite3_prepare_v2 parses, resolves and plans it each time
// (https://www.sqlite.org/c3ref/prepare.html). database/sql caches only what is
// prepared explicitly, which excludes transactions and libraries; this package
// wraps the driver below it. Errors of a full disk are tidings.KindStorageFull.
package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"

	"modernc.org/sqlite"
)

// Error is SQLite's error; its Code is an extended result code.
type Error = sqlite.Error

// FileURI names a file whose path may have a #, ? or % (https://www.sqlite.org/uri.html).
// With "?" and parameters it is a DSN.
func FileURI(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

// Open opens the file of a DSN in the format of modernc.org/sqlite. The caller
// sets the pool's limits.
func Open(dsn string) (*sql.DB, error) { return OpenWatched(dsn, nil) }

type connector struct {
	driver.Connector
	onCorrupt func(error) // nil = nobody is told
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		if c.onCorrupt != nil && IsCorrupt(err) {
			c.onCorrupt(err)
		}
		return nil, err
	}
	b, ok := opened.(driverConn)
	if !ok {
		return nil, errors.Join(errors.New("sqlite: the driver's connection lacks a method"), opened.Close())
	}
	return &conn{driverConn: b, statements: newStatementCache(), onCorrupt: c.onCorrupt}, nil
}

// driverConn are the driver interfaces that database/sql uses of a connection.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn is a connection that caches its compiled statements. database/sql uses it
// and its rows from one goroutine at a time.
type conn struct {
	driverConn
	statements *statementCache
	onCorrupt  func(error)
}

// ExecContext runs a statement that returns no rows.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.borrowStatement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		res, err := c.driverConn.ExecContext(ctx, query, args)
		return res, c.markError(err)
	}
	defer s.releaseStatement()

	res, err := s.ExecContext(ctx, args)
	return res, c.markError(err)
}

// QueryContext runs a statement; it is busy until its rows are closed.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.borrowStatement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		r, err := c.driverConn.QueryContext(ctx, query, args)
		return r, c.markError(err)
	}

	r, err := s.QueryContext(ctx, args)
	if err != nil {
		s.releaseStatement()
		return nil, c.markError(err)
	}

	return &rows{Rows: r, of: s, in: c}, nil
}

// borrowStatement returns the compiled query, or nil while its rows are being
// read.
func (c *conn) borrowStatement(ctx context.Context, query string) (*statement, error) {
	if s, ok := c.statements.lookUpStatement(query); ok {
		if s.busy {
			return nil, nil
		}
		s.busy = true
		return s, nil
	}

	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, c.markError(err)
	}

	run, ok := prepared.(driverStmt)
	if !ok {
		return nil, errors.Join(errors.New("sqlite: the driver's statement lacks a method"), prepared.Close())
	}

	s := &statement{driverStmt: run, query: query, busy: true}
	return s, c.statements.addStatement(s)
}

// Close closes the statements, then the connection.
func (c *conn) Close() error { return errors.Join(c.statements.closeAll(), c.driverConn.Close()) }

// rows release their statement when they are closed.
type rows struct {
	driver.Rows
	of *statement
	in *conn
}

// Next implements driver.Rows: a statement with RETURNING writes here.
func (r *rows) Next(dest []driver.Value) error { return r.in.markError(r.Rows.Next(dest)) }

func (r *rows) Close() error {
	defer r.of.releaseStatement()
	return r.Rows.Close()
}
