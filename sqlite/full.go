package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"

	"tidings.example/tidings/tidings"
)

// Result codes (https://www.sqlite.org/rescode.html) of a disk without space, or
// of a database at its PRAGMA max_page_count.
const (
	codeFull    = 13         // SQLITE_FULL
	codeShmSize = 10 | 19<<8 // SQLITE_IOERR_SHMSIZE: the -shm file cannot grow
)

// markFull gives an error of a full disk its kind, so that nobody above mistakes
// it for a fault of the database.
func markFull(err error) error {
	var e *Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case codeFull, codeShmSize:
		return tidings.StorageFull(err)
	}
	return err
}

// BeginTx begins a transaction whose errors have their kind.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	t, err := c.driverConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, markFull(err)
	}
	return tx{t}, nil
}

type tx struct{ driver.Tx }

// Commit implements driver.Tx.
func (t tx) Commit() error { return markFull(t.Tx.Commit()) }
