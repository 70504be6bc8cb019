package postgres

import (
	"context"
	"database/sql"
)

// Reads are queries that change nothing: one whose connection broke, as all do when
// the server restarts, is asked again on a new one.
type Reads struct{ *sql.DB }

// QueryContext is that of sql.DB.
func (r Reads) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := r.DB.QueryContext(ctx, query, args...)
	if IsLost(err) {
		return r.DB.QueryContext(ctx, query, args...)
	}
	return rows, err
}

// QueryRowContext is that of sql.DB.
func (r Reads) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	row := r.DB.QueryRowContext(ctx, query, args...)
	if IsLost(row.Err()) {
		return r.DB.QueryRowContext(ctx, query, args...)
	}
	return row
}

// BeginTx is that of sql.DB.
func (r Reads) BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error) {
	tx, err := r.DB.BeginTx(ctx, opts)
	if IsLost(err) {
		return r.DB.BeginTx(ctx, opts)
	}
	return tx, err
}
