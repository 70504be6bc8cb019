package store

import (
	"context"
	"errors"
	"fmt"
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

// QuickCheck reads the whole database of a data folder and returns what is wrong
// with it, in SQLite's words (https://www.sqlite.org/pragma.html#pragma_quick_check);
// "" = nothing. It changes nothing, also while a server runs.
func QuickCheck(ctx context.Context, dir string) (wrong string, err error) {
	db, closeFile, err := openReadOnly(ctx, Config{Dir: dir})
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

// KnownDamage is what the database of an installation knows of its objects: how
// many are damaged, some of them, and the scrub. It changes nothing.
func KnownDamage(ctx context.Context, cfg Config, limit int) (total int, some []tidings.Damage, scrub tidings.Scrub, err error) {
	err = inspectDatabase(ctx, cfg, func(q *dbq.Queries) error {
		n, err := q.CountDamage(ctx)
		if err != nil {
			return err
		}

		rows, err := q.AllDamage(ctx, dbq.AllDamageParams{Limit: int32(limit)})
		if err != nil {
			return err
		}

		total, some = int(n), toDamages(rows)
		scrub, err = readScrub(ctx, q)
		return err
	})
	return total, some, scrub, err
}
