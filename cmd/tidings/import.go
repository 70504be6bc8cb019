package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// importCommand makes an installation of an export: objects into the storage
// of the settings, the database into the data folder, which has none yet.
func importCommand(ctx context.Context, c *cli, args []string) error {
	cfg, dir, err := dirConfig("import", c, args)
	if err != nil {
		return err
	}

	log, err := newLog(c.err, "warn")
	if err != nil {
		return err
	}

	show := newBar(c.err)
	m := &importer{cfg: cfg, count: &counter{tell: show.set}}
	err = m.run(ctx, dir, log)
	show.end()

	if err != nil {
		return err
	}

	fmt.Fprintf(c.out, "%s: %d clips, %d objects of %s; %d copied, %d were there\n",
		cfg.Data, m.info.Clips, m.info.Objects, byteCount(m.info.Bytes), m.copied, m.info.Objects-m.copied)
	if m.info.Missing > 0 {
		fmt.Fprintf(c.out, "%d objects were missing when this was exported\n", m.info.Missing)
	}

	fmt.Fprintln(c.out, "Start the server now. The search index fills itself then.")
	return nil
}

// importer is one run of an import. It may be killed anywhere and repeated:
// the database comes last.
type importer struct {
	cfg    config
	count  *counter
	root   *os.Root // of the export
	info   exportInfo
	a      *app // its storage only
	copied int64
}

func (m *importer) run(ctx context.Context, dir string, log *slog.Logger) (err error) {
	if serverRuns(m.cfg.Data) {
		return tidings.Errorf(tidings.KindConflict, "A server runs on %s. Stop it first, or name another folder with --data.", m.cfg.Data)
	}
	if m.root, err = os.OpenRoot(dir); err != nil {
		return tidings.Wrap(err, tidings.KindInvalid, "There is no export in %s: %v.", dir, errors.Unwrap(err))
	}
	defer m.root.Close()

	lock, err := lockExport(dir, flockShared)
	if err != nil {
		return err
	}
	defer lock.Close()

	// All that can be refused is refused before anything is made.
	if err := m.check(ctx); err != nil {
		return err
	}

	claim, err := store.ClaimDir(ctx, m.cfg.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, claim.Close()) }()

	m.a = &app{cfg: m.cfg, log: log}
	defer func() { err = errors.Join(err, m.a.close()) }()

	if err := m.a.openBlobs(ctx); err != nil {
		return err
	}
	if err := m.objects(ctx); err != nil {
		return err
	}

	return m.database(ctx, claim)
}

// database puts the database in place, after everything it names.
func (m *importer) database(ctx context.Context, claim *store.Claim) error {
	m.count.begin("database", m.info.Database.Bytes, unitBytes)
	data, err := os.OpenRoot(m.cfg.Data)
	if err != nil {
		return err
	}
	defer data.Close()

	const part = "tidings.db.import"
	f, err := data.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}

	got, err := sumFile(ctx, m.root, exportDB, io.MultiWriter(f, m.count))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if got != m.info.Database {
		return damaged(exportDB)
	}

	// An index of whatever was here knows nothing of these clips.
	for _, name := range []string{"search.db", "search-next.db"} {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := data.Remove(name + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}

	return claim.InstallDatabase(filepath.Join(m.cfg.Data, part))
}

func damaged(name string) error {
	return tidings.Errorf(tidings.KindChecksum, "%s of the export is damaged: it is not what was written.", name)
}
