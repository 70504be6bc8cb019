// Package migrations holds the changes of the database's schema, one file each
// in the order of their numbers: 00001_init.sql, … Most are SQL; one that
// computes is a Go file named in the same way and listed in goMigrations. A
// released migration is never changed.
package migrations

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"github.com/pressly/goose/v3"
)

// files has the Go files too, so that one without an entry in goMigrations, and
// a number used twice, are noticed.
//
//go:embed [0-9]*.sql [0-9]*.go
var files embed.FS

// goMigration is a migration written in Go. It runs in a transaction; going
// back, it is skipped.
type goMigration func(ctx context.Context, tx *sql.Tx) error

// goMigrations are the migrations written in Go, by number.
var goMigrations = map[int64]goMigration{
	19: migrate00019BackfillSpeech,
	25: migrate00025BackfillOrigins,
}

// unused are numbers below the newest that no release has had.
var unused = []int64{10, 11, 12, 13, 14, 16}

// Provider applies the migrations to a database.
func Provider(dialect goose.Dialect, db *sql.DB) (*goose.Provider, error) {
	if dialect == goose.DialectPostgres {
		return newProvider(dialect, db, byteOrder{files}, goMigrations)
	}
	return newProvider(dialect, db, files, goMigrations)
}

func newProvider(dialect goose.Dialect, db *sql.DB, files fs.FS, inGo map[int64]goMigration) (*goose.Provider, error) {
	if _, err := numberMigrations(files); err != nil {
		return nil, err
	}

	registered := make([]*goose.Migration, 0, len(inGo))
	for number, run := range inGo {
		registered = append(registered, goose.NewGoMigration(number, &goose.GoFunc{RunTx: run}, nil))
	}

	return goose.NewProvider(dialect, db, files, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()),
		goose.WithGoMigrations(registered...))
}

// Newest is the number of the newest migration.
func Newest() (int64, error) {
	list, err := numberMigrations(files)
	if err != nil {
		return 0, err
	}
	return list[len(list)-1].number, nil
}

// migration is a file by its number.
type migration struct {
	number int64
	name   string
}

// numberMigrations lists the files in the order of their numbers. It fails for
// a file without a number, for a number that two files have, and for one that
// is left out: a migration that fills a gap later would be refused by every
// database that is already past it.
func numberMigrations(files fs.FS) ([]migration, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}

	list := make([]migration, len(entries))
	for i, e := range entries {
		number, err := goose.NumericComponent(e.Name())
		if err != nil {
			return nil, fmt.Errorf("migration %s has no number: name it like 00042_add_field.sql", e.Name())
		}
		list[i] = migration{number, e.Name()}
	}

	slices.SortFunc(list, func(a, b migration) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.name, b.name))
	})

	return list, checkNumbers(list)
}

// checkNumbers checks a list that is in the order of its numbers.
func checkNumbers(list []migration) error {
	if len(list) == 0 {
		return goose.ErrNoMigrations
	}

	free := list[len(list)-1].number + 1
	before := migration{}
	for _, m := range list {
		next := before.number + 1
		for slices.Contains(unused, next) {
			next++
		}

		switch {
		case m.number == before.number:
			return fmt.Errorf("migrations %s and %s have the same number: the next free one is %05d", before.name, m.name, free)
		case slices.Contains(unused, m.number):
			return fmt.Errorf("migration %s has a number that was skipped: the next free one is %05d", m.name, free)
		case m.number > next:
			return fmt.Errorf("migration %05d is missing: number %s so that it follows the one before", next, m.name)
		}

		before = m
	}

	return nil
}
