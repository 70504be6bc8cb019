package main

import (
	"context"
	"fmt"
	"time"

	"tidings.example/tidings/store"
)

// migrateCommand brings the database up to date and leaves; serve does the same
// at its start.
func migrateCommand(ctx context.Context, c *cli, args []string) error {
	cfg, _, err := loadConfig("migrate", args, c.getenv, c.err)
	if err != nil {
		return err
	}
	if err := cfg.absolute(); err != nil {
		return err
	}

	db, err := store.Open(ctx, store.Config{Dir: cfg.Data, Clock: time.Now})
	if err != nil {
		return err
	}

	fmt.Fprintln(c.out, "The database is up to date.")
	return db.Close()
}
