package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"tidings.example/tidings/sqlite"
	"tidings.example/tidings/tidings"
)

// CheckEmpty returns nil when a data folder has no database, or one without
// accounts; otherwise KindConflict. It changes nothing.
func CheckEmpty(ctx context.Context, dir string) (err error) {
	path := filepath.Join(dir, databaseFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}

	db, err := sqlite.Open(sqlite.FileURI(path) + "?mode=ro&_pragma=busy_timeout(5000)&_pragma=query_only(ON)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	people, err := countPeople(ctx, db)
	if err != nil {
		return err
	}
	if people > 0 {
		return tidings.Errorf(tidings.KindConflict, "The data folder %s holds an installation already. Name an empty one with --data.", dir)
	}

	return nil
}

// countPeople counts the accounts. A file that was cut off before it had its
// tables has none.
func countPeople(ctx context.Context, db *sql.DB) (n int, err error) {
	const tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'users'"
	if err := db.QueryRowContext(ctx, tables).Scan(&n); err != nil || n == 0 {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM users").Scan(&n)
	return n, err
}

// Claim is an empty data folder that is locked for this process.
type Claim struct {
	dir  string
	lock *os.File
}

// ClaimDir locks a data folder, which it creates if need be. KindConflict when
// the folder is not empty, KindUnavailable when another process has it.
func ClaimDir(ctx context.Context, dir string) (*Claim, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}

	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	if err := CheckEmpty(ctx, dir); err != nil {
		return nil, errors.Join(err, lock.Close())
	}

	return &Claim{dir, lock}, nil
}

// Close releases the lock.
func (c *Claim) Close() error { return c.lock.Close() }

// InstallDatabase moves a complete, flushed file into the folder as its
// database. The rename is atomic, and durable when it returns.
func (c *Claim) InstallDatabase(file string) error {
	// SQLite would replay the old database's log into the new one.
	for _, name := range []string{databaseFile + "-wal", databaseFile + "-shm", markFile, lossFile} {
		if err := os.Remove(filepath.Join(c.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}

	if err := os.Rename(file, filepath.Join(c.dir, databaseFile)); err != nil {
		return err
	}

	d, err := os.Open(c.dir)
	if err != nil {
		return err
	}

	return errors.Join(d.Sync(), d.Close())
}
