package store

import (
	"context"
	"database/sql"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"

	"tidings.example/tidings/store/migrations"
	"tidings.example/tidings/tidings"
)

// SchemaVersion is the newest migration this program knows.
func SchemaVersion() (int64, error) { return migrations.Newest() }

// migrateSchema applies the migrations of package migrations, then the queue's.
// Each runs in a transaction of its own. A database that a newer version has
// migrated is refused.
func migrateSchema[T any](ctx context.Context, dialect goose.Dialect, db *sql.DB, queue riverdriver.Driver[T]) error {
	p, err := migrations.Provider(dialect, db)
	if err != nil {
		return err
	}
	if err := refuseNewerSchema(ctx, p); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return err
	}

	m, err := rivermigrate.New(queue, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}) // its errors are returned
	if err != nil {
		return err
	}

	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

func refuseNewerSchema(ctx context.Context, p *goose.Provider) error {
	has, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	return checkSchemaVersion(has)
}

// checkSchemaVersion refuses a schema that is newer than this program.
func checkSchemaVersion(has int64) error {
	knows, err := migrations.Newest()
	if err != nil || has <= knows {
		return err
	}
	return tidings.Errorf(tidings.KindConflict, "A newer version of Tidings has used this database (its schema is %d, this version knows %d). Nothing was changed. Start that version, or a newer one.", has, knows)
}
