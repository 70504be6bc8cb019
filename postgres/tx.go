package postgres

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"tidings.example/tidings/tidings"
)

// rollbackTimeout bounds the end of a transaction whose caller has gone.
const rollbackTimeout = 5 * time.Second

// Tx is a serializable transaction that database/sql and pgx share: statements of
// both belong to it. It is of one goroutine, which closes its rows before the next
// statement.
type Tx struct {
	*sql.Conn
	tx    pgx.Tx
	ended bool
}

// PgxTx is pgx's transaction.
type PgxTx = pgx.Tx

// Begin begins a transaction; the caller calls Rollback in any case.
func (d *Database) Begin(ctx context.Context) (*Tx, error) {
	c, err := d.SQL.Conn(ctx)
	if err != nil {
		return nil, err
	}

	t := &Tx{Conn: c}
	err = t.onConn(ctx, func(c *conn) (err error) {
		c.inTx = true
		t.tx, err = c.Conn.Conn().BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.Serializable})
		return err
	})
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}

	return t, nil
}

// onConn runs do with the connection, whose errors get their kind.
func (t *Tx) onConn(ctx context.Context, do func(*conn) error) error {
	return t.Raw(func(dc any) error {
		c := dc.(*conn)
		return c.markError(ctx, do(c))
	})
}

// Pgx runs do in the transaction.
func (t *Tx) Pgx(ctx context.Context, do func(PgxTx) error) error {
	return t.onConn(ctx, func(*conn) error { return do(t.tx) })
}

// Commit commits. When the connection breaks meanwhile nobody knows whether it
// did: the error is an UnknownCommit.
func (t *Tx) Commit(ctx context.Context) error {
	err := t.onConn(ctx, func(*conn) error { return t.tx.Commit(ctx) })
	t.ended = err == nil
	if IsLost(err) {
		return &UnknownCommit{err}
	}
	return err
}

// Rollback ends the transaction unless it is committed, and returns its
// connection.
func (t *Tx) Rollback() {
	if !t.ended {
		ctx, cancel := context.WithTimeout(context.Background(), rollbackTimeout)
		defer cancel()
		_ = t.Raw(func(any) error { return t.tx.Rollback(ctx) }) // a connection that cannot is not used again
	}
	_ = t.Close()
}

// UnknownCommit is the error of a commit whose answer got lost.
type UnknownCommit struct{ err error }

func (e *UnknownCommit) Error() string { return "commit without an answer: " + e.err.Error() }

// Unwrap returns an error of kind unavailable whose sentence claims nothing.
func (e *UnknownCommit) Unwrap() error {
	return tidings.Wrap(e.err, tidings.KindUnavailable, "The connection to the database broke while the change was stored. Look whether it is there before you repeat it.")
}
