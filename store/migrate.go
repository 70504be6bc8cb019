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
	m, err := checkQueueVersion(ctx, queue)
	if err != nil {
		return err
	}

	if _, err := p.Up(ctx); err != nil {
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
	if err != nil {
		return err
	}
	return checkNewest("schema", has, knows)
}

// checkQueueVersion refuses tables of a newer River, which may come without a
// migration of ours, and returns the migrator of the queue.
func checkQueueVersion[T any](ctx context.Context, queue riverdriver.Driver[T]) (*rivermigrate.Migrator[T], error) {
	m, err := rivermigrate.New(queue, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}) // its errors are returned
	if err != nil {
		return nil, err
	}

	db := queue.GetExecutor()
	there, err := db.TableExists(ctx, &riverdriver.TableExistsParams{Table: "river_migration"})
	if err != nil || !there {
		return m, err
	}
	applied, err := db.MigrationGetByLine(ctx, &riverdriver.MigrationGetByLineParams{Line: riverdriver.MigrationLineMain})
	if err != nil || len(applied) == 0 {
		return m, err
	}

	all := m.AllVersions()
	return m, checkNewest("queue", int64(applied[len(applied)-1].Version), int64(all[len(all)-1].Version))
}

func checkNewest(what string, has, knows int64) error {
	if has <= knows {
		return nil
	}
	return tidings.Errorf(tidings.KindConflict, "A newer version of Tidings has used this database (its %s is %d, this version knows %d). Nothing was changed. Start that version, or a newer one.", what, has, knows)
}
