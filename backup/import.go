package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"tidings.example/tidings/tidings"
)

// ImportConfig is what an import needs of the place it fills.
type ImportConfig struct {
	DataDir string

	// SchemaVersion is the number of the newest migration this program knows.
	SchemaVersion func() (int64, error)
	// CheckEmpty returns an error when the folder holds an installation that
	// has been used. It changes nothing.
	CheckEmpty func(ctx context.Context, dir string) error
	// Claim makes the folder and keeps other processes from it.
	Claim func(ctx context.Context, dir string) (Claim, error)
	// OpenObjects opens the object storage; it is closed before the claim.
	OpenObjects func(ctx context.Context) (objects Objects, closeObjects func() error, err error)
	// OpenDatabase opens the database of an export, which it does not change.
	OpenDatabase func(ctx context.Context, path string) (ObjectRows, error)
	// Report is called as the import proceeds, by one goroutine at a time.
	Report func(tidings.Progress)
}

// Claim is the exclusive use of a data folder.
type Claim interface {
	// InstallDatabase makes a file of the folder its database, durably.
	InstallDatabase(path string) error
	Close() error
}

// ImportReport is what an import did.
type ImportReport struct {
	Manifest Manifest
	Copied   int64    // objects; the storage had the others already
	Damaged  int64    // objects of the export that are not those of its rows; none was copied
	Lines    []string // damaged objects, at most MaxReportLines
}

// Import makes an installation of the export in dir: its objects into the
// object storage, then its database into the data folder, which must have
// none. It may be killed at any time and repeated: the database comes last.
func Import(ctx context.Context, c ImportConfig, dir string) (ImportReport, error) {
	m := &importer{config: c, progress: &progressCounter{report: c.Report}}
	err := m.importFolder(ctx, dir)
	m.report.Manifest = m.manifest
	return m.report, err
}

// importer is one run of an import.
type importer struct {
	config   ImportConfig
	progress *progressCounter
	root     *os.Root // of the export
	manifest Manifest
	rows     ObjectRows // of the export
	objects  Objects
	mu       sync.Mutex // guards report
	report   ImportReport
}

func (m *importer) importFolder(ctx context.Context, dir string) (err error) {
	if m.root, err = os.OpenRoot(dir); err != nil {
		return tidings.Wrap(err, tidings.KindInvalid, "There is no export in %s: %v.", dir, errors.Unwrap(err))
	}
	defer m.root.Close()

	lock, err := lockFolder(dir, syscall.LOCK_SH) // shared: an export may be imported twice at once
	if err != nil {
		return err
	}
	defer lock.Close()

	// Everything that can be rejected is rejected before anything is written.
	if err := m.checkExport(ctx); err != nil {
		return err
	}

	claim, err := m.config.Claim(ctx, m.config.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, claim.Close()) }()

	objects, closeObjects, err := m.config.OpenObjects(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeObjects()) }()

	m.objects = objects
	if m.rows, err = m.config.OpenDatabase(ctx, filepath.Join(dir, databaseFile)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.rows.Close()) }()

	if err := m.copyObjects(ctx); err != nil {
		return err
	}

	return m.installDatabase(ctx, claim)
}

// installDatabase copies the database into the data folder, verifies the copy
// and puts it in place.
func (m *importer) installDatabase(ctx context.Context, claim Claim) error {
	m.progress.beginPhase("database", m.manifest.Database.Bytes, tidings.UnitBytes)
	data, err := os.OpenRoot(m.config.DataDir)
	if err != nil {
		return err
	}
	defer data.Close()

	const temporary = "tidings.db.import"
	f, err := data.OpenFile(temporary, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}

	got, err := hashFile(ctx, m.root, databaseFile, io.MultiWriter(f, m.progress))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if got != m.manifest.Database {
		return damagedError(databaseFile)
	}

	// A search index of an earlier, empty installation lacks these clips. The
	// server builds a new one.
	for _, name := range []string{"search.db", "search-next.db"} {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := data.Remove(name + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}

	return claim.InstallDatabase(filepath.Join(m.config.DataDir, temporary))
}

// damagedError says that a file differs from what the export wrote.
func damagedError(name string) error {
	return tidings.Errorf(tidings.KindChecksum, "%s of the export is damaged: it is not what was written.", name)
}
