package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// conn gives the errors of a connection their kind. database/sql uses it from one
// goroutine at a time.
type conn struct {
	*stdlib.Conn
	pool *pgxpool.Pool
	inTx bool // database/sql cannot go on with another connection
}

// markError gives an error its kind. After a connection broke, or a server takes no
// changes, the pool begins anew: the other connections are no better, and the
// address may lead to another server by now.
func (c *conn) markError(ctx context.Context, err error) error {
	if c.inTx && errors.Is(err, driver.ErrBadConn) {
		err = lostConnection(err)
	}

	err = markError(ctx, err, c.Conn.Conn().IsClosed())
	if IsLost(err) || isReadOnly(err) || errors.Is(err, driver.ErrBadConn) {
		c.pool.Reset()
	}
	return err
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	res, err := c.Conn.ExecContext(ctx, query, args)
	return res, c.markError(ctx, err)
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	r, err := c.Conn.QueryContext(ctx, query, args)
	if err != nil {
		return nil, c.markError(ctx, err)
	}
	return &rows{Rows: r, ctx: ctx, in: c}, nil
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.Conn.PrepareContext(ctx, query)
	return s, c.markError(ctx, err)
}

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.BeginTx(ctx, opts)
	return tx, c.markError(ctx, err)
}

// rows gives the errors of reading their kind.
type rows struct {
	driver.Rows
	ctx context.Context
	in  *conn
}

// Next implements driver.Rows.
func (r *rows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	if err == nil || errors.Is(err, io.EOF) && !r.in.Conn.Conn().IsClosed() {
		return err
	}
	return r.in.markError(r.ctx, err)
}
