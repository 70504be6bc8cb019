package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"tidings.example/tidings/sqlite"
	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// corruption remembers the first error that said that the database is damaged.
type corruption struct {
	mu  sync.Mutex
	err error
}

func (c *corruption) rememberCorruption(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
}

// Err is that error; nil = no query has met damage.
func (c *corruption) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		return nil
	}
	return fmt.Errorf("the database is damaged: %w", c.err)
}

// openReadOnly opens the database of a data folder beside a server that may run.
// KindNotFound without one.
func openReadOnly(dir string) (*dbq.Queries, func() error, dbq.DBTX, error) {
	path := filepath.Join(dir, databaseFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil, tidings.NotFound()
	} else if err != nil {
		return nil, nil, nil, err
	}
	db, err := sqlite.Open(sqlite.FileURI(path) + "?mode=ro&_pragma=busy_timeout(5000)&_pragma=query_only(ON)")
	if err != nil {
		return nil, nil, nil, err
	}
	return dbq.New(db), db.Close, db, nil
}

// QuickCheck reads the whole database of a data folder and returns what is wrong
// with it, in SQLite's words (https://www.sqlite.org/pragma.html#pragma_quick_check);
// "" = nothing. It changes nothing, also while a server runs.
func QuickCheck(ctx context.Context, dir string) (wrong string, err error) {
	_, closeFile, db, err := openReadOnly(dir)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, closeFile()) }()

	rows, err := db.QueryContext(ctx, "PRAGMA quick_check(3)")
	if sqlite.IsCorrupt(err) {
		return err.Error(), nil
	}
	if err != nil {
		return "", err
	}
	defer rows.Close()

	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return "", err
		}
		if line != "ok" {
			lines = append(lines, line)
		}
	}

	if err := rows.Err(); sqlite.IsCorrupt(err) {
		lines = append(lines, err.Error())
	} else if err != nil {
		return "", err
	}

	return strings.Join(lines, "; "), nil
}

// KnownDamage is what the database of a data folder knows of its objects: how
// many are damaged, some of them, and the scrub. It changes nothing.
func KnownDamage(ctx context.Context, dir string, limit int) (total int, some []tidings.Damage, scrub tidings.Scrub, err error) {
	q, closeFile, _, err := openReadOnly(dir)
	if err != nil {
		return 0, nil, scrub, err
	}
	defer func() { err = errors.Join(err, closeFile()) }()

	n, err := q.CountDamage(ctx)
	if err != nil {
		return 0, nil, scrub, err
	}

	rows, err := q.AllDamage(ctx, dbq.AllDamageParams{Limit: int32(limit)})
	if err != nil {
		return 0, nil, scrub, err
	}

	scrub, err = readScrub(ctx, q)
	return int(n), toDamages(rows), scrub, err
}
