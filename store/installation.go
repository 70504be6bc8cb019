package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// Installation is what a database says about the installation it belongs to.
type Installation struct {
	ID         string // "" = none was drawn yet
	HasStorage bool   // SetHasStorage was called
}

// Names of counters.
const (
	installationCounter = "installation"
	storageCounter      = "storage"
)

// InstallationID identifies an installation, also on another machine: a random
// number that is drawn at the first call.
func (s *database) InstallationID(ctx context.Context) (string, error) {
	var b [8]byte
	rand.Read(b[:]) // never fails (Go 1.24)
	var n int64
	err := s.InTx(ctx, func(tx Tx) (err error) {
		if err := tx.InsertCounter(ctx, dbq.InsertCounterParams{Name: installationCounter, Value: int64(binary.BigEndian.Uint64(b[:]) >> 1)}); err != nil {
			return err
		}
		n, err = tx.Counter(ctx, installationCounter)
		return err
	})

	return formatInstallation(n), err
}

func formatInstallation(n int64) string { return fmt.Sprintf("%016x", n) }

// SetHasStorage records that a storage bears the mark of the installation.
func (s *database) SetHasStorage(ctx context.Context) error {
	return s.InTx(ctx, func(tx Tx) error {
		return tx.InsertCounter(ctx, dbq.InsertCounterParams{Name: storageCounter, Value: 1})
	})
}

// readInstallation is what the database says before it is migrated.
func readInstallation(ctx context.Context, db dbq.DBTX) (i Installation, err error) {
	q := dbq.New(db)
	n, err := q.Counter(ctx, installationCounter)
	if err == nil {
		i.ID = formatInstallation(n)
		_, err = q.Counter(ctx, storageCounter)
		i.HasStorage = err == nil
	}
	return i, ignoreNotFound(err)
}

// schemaTables are the tables where an installation would make its own, without
// those of extensions.
const schemaTables = `SELECT COALESCE(string_agg(relname, chr(10) ORDER BY relname), '') FROM pg_class c WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
	AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
	AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')`

// ownTables are some that every installation has had since its first migration.
var ownTables = []string{"counters", "goose_db_version", "outbox", "step_runs", "workspaces"}

// isInstalled reports whether the schema is that of an installation. One that holds
// tables of another program is refused.
func isInstalled(ctx context.Context, db *sql.Conn, place string) (bool, error) {
	var text string
	if err := db.QueryRowContext(ctx, schemaTables).Scan(&text); err != nil {
		return false, err
	}

	tables := strings.Split(text, "\n")
	if !slices.ContainsFunc(ownTables, func(name string) bool { return !slices.Contains(tables, name) }) {
		return true, nil
	}
	if text == "" || text == "goose_db_version" { // nothing, or a first start that was cut short
		return false, nil
	}

	shown := strings.Join(tables[:min(len(tables), 3)], ", ")
	return false, tidings.Errorf(tidings.KindConflict, "The database %s holds tables of another program (%s). Nothing was changed. Name an empty database in the setting database, or an empty schema of this one: postgres://…?search_path=tidings", place, shown)
}
