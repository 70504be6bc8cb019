package store

import (
	"context"
	"database/sql"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"tidings.example/tidings/store/migrations"
)

// SchemaVersion is the newest migration this program knows.
func SchemaVersion() (int64, error) { return migrations.Newest() }

// migrateSchema applies the migrations of package migrations, then the queue's.
// Each runs in a transaction of its own.
func migrateSchema(ctx context.Context, db *sql.DB) error {
	p, err := migrations.Provider(goose.DialectSQLite3, db)
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
