package search

import (
	"context"
	"database/sql"
	_ "embed" // the schema
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"tidings.example/tidings/sqlite"
	"tidings.example/tidings/tidings"
)

// Embedded is the engine that needs no server: SQLite FTS5 in one file, opened
// by one process. Commits survive the death of the process; the last ones before
// a power cut may be lost, which Indexer repairs when it starts. A file that is
// damaged or has another schema version is replaced by an empty one, and Epoch
// changes.
type Embedded struct {
	path string
	log  *slog.Logger

	mu         sync.RWMutex // held for writing while the file is replaced
	w, r       *sql.DB      // one writer, a few readers
	generation int64        // number of files opened so far
}

var _ Engine = (*Embedded)(nil)

// schemaVersion is raised whenever schema.sql or the analyzer changes.
const schemaVersion = 7

//go:embed schema.sql
var schema string

const readers = 4

// OpenEmbedded opens or creates search.db in dir. log may be nil.
func OpenEmbedded(ctx context.Context, dir string, log *slog.Logger) (*Embedded, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	return openFile(ctx, filepath.Join(dir, "search.db"), log)
}

func openFile(ctx context.Context, path string, log *slog.Logger) (*Embedded, error) {
	e := &Embedded{path: path, log: log}
	_, err := os.Stat(e.path)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err = e.openFiles(ctx); err == nil {
		return e, nil
	}
	if fresh || ctx.Err() != nil || !errors.Is(err, errUnusable) && !isCorrupt(err) {
		return nil, errors.Join(fmt.Errorf("open %s: %w", e.path, err), e.closeFiles())
	}
	return e, e.replaceFile(ctx, err)
}

// errUnusable is the reason to replace a file that is not damaged.
var errUnusable = errors.New("of another version")

func (e *Embedded) openFiles(ctx context.Context) (err error) {
	if e.w, err = sqlite.Open(fileDSN(e.path) + "&_txlock=immediate"); err != nil {
		return err
	}

	e.w.SetMaxOpenConns(1)
	if err := prepareFile(ctx, e.w); err != nil {
		return err
	}
	if e.r, err = sqlite.Open(fileDSN(e.path) + "&_pragma=query_only(ON)"); err != nil {
		return err
	}

	e.r.SetMaxOpenConns(readers)
	e.r.SetMaxIdleConns(readers)
	e.generation++

	return nil
}

func fileDSN(path string) string {
	return sqlite.FileURI(path) + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(ON)&_pragma=cache_size(-16000)"
}

// prepareFile creates the tables of a new file and checks the version of an
// existing one. A file that was not closed properly also gets an integrity
// check.
func prepareFile(ctx context.Context, db *sql.DB) error {
	var version, tables int
	if err := db.QueryRowContext(ctx, "SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version").Scan(&version, &tables); err != nil {
		return err
	}
	if version == 0 && tables == 0 {
		_, err := db.ExecContext(ctx, fmt.Sprintf("BEGIN IMMEDIATE; %s; PRAGMA user_version = %d; COMMIT", schema, schemaVersion))
		return err
	}
	if version != schemaVersion {
		return errUnusable
	}

	var clean bool
	if err := db.QueryRowContext(ctx, "SELECT clean FROM state").Scan(&clean); err != nil {
		return err
	}

	if !clean {
		var verdict string
		if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
			return err
		}
		if verdict != "ok" {
			return fmt.Errorf("%w: %s", errUnusable, verdict)
		}
	}

	_, err := db.ExecContext(ctx, "UPDATE state SET clean = FALSE")
	return err
}

// replaceFile deletes the file and creates an empty one.
func (e *Embedded) replaceFile(ctx context.Context, why error) error {
	e.log.Warn("the search index is begun anew", "file", e.path, "why", why)
	_ = e.closeFiles() // closing a damaged file may fail
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(e.path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return e.openFiles(ctx)
}

// replaceDamaged replaces the file of a generation if err says that it is damaged. It
// returns nil for nil.
func (e *Embedded) replaceDamaged(ctx context.Context, gen int64, err error) error {
	if !isCorrupt(err) {
		return err
	}

	e.mu.Lock()
	defer e.mu.Unlock()

	if e.generation == gen {
		if err := e.replaceFile(context.WithoutCancel(ctx), err); err != nil {
			return err
		}
	}

	return tidings.Wrap(err, tidings.KindUnavailable, "The search index was damaged and is being filled again.")
}

// isCorrupt recognises SQLITE_CORRUPT and SQLITE_NOTADB.
func isCorrupt(err error) bool {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return false
	}
	code := se.Code() & 0xff
	return code == 11 || code == 26
}

// Name implements Engine.
func (e *Embedded) Name() string { return "embedded" }

// Ready implements Engine.
func (e *Embedded) Ready(ctx context.Context) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var one int
	return e.r.QueryRowContext(ctx, "SELECT 1 FROM state").Scan(&one)
}

// Epoch implements Engine.
func (e *Embedded) Epoch() int64 {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.generation
}

// Reset implements Engine.
func (e *Embedded) Reset(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.replaceFile(ctx, errors.New("asked for"))
}

// Close implements Engine.
func (e *Embedded) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, err := e.w.Exec("UPDATE state SET clean = TRUE")
	return errors.Join(err, e.closeFiles())
}

func (e *Embedded) closeFiles() error {
	var errs []error
	for _, db := range []*sql.DB{e.r, e.w} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
