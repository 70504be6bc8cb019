package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// gatherVersion is the migration that is written in Go.
const gatherVersion = 19

// SchemaVersion is the newest migration this program knows.
func SchemaVersion() (int64, error) {
	newest := int64(gatherVersion)
	files, err := fs.Glob(migrations, "migrations/*.sql")
	for _, name := range files {
		var v int64
		if _, err := fmt.Sscanf(name, "migrations/%d_", &v); err != nil {
			return 0, fmt.Errorf("migration %s has no number: %w", name, err)
		}
		newest = max(newest, v)
	}
	return newest, err
}

// migrate brings our own tables up to date, then the queue's. Migrations are
// numbered, append-only and run in a transaction each.
func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}

	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()),
		goose.WithGoMigrations(goose.NewGoMigration(gatherVersion, &goose.GoFunc{RunTx: gatherAll}, nil)))
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return err
	}

	m, err := rivermigrate.New(riversqlite.New(db), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}) // its errors are returned
	if err != nil {
		return err
	}

	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}
