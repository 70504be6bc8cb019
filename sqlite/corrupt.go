package sqlite

import (
	"database/sql"
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// OpenWatched is Open with a function that is called with each error that says
// that the file is damaged. It must not block.
func OpenWatched(dsn string, onCorrupt func(error)) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector{c, onCorrupt}), nil
}

// IsCorrupt reports whether err says that a file is damaged or no database
// (https://www.sqlite.org/rescode.html).
func IsCorrupt(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff // an extended code has the primary one in its lowest byte
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
}

// markError gives an error of SQLite its kind and reports damage.
func (c *conn) markError(err error) error {
	if err != nil && c.onCorrupt != nil && IsCorrupt(err) {
		c.onCorrupt(err)
	}
	return markFull(err)
}
