package backup

import (
	"context"
	"errors"
	"io/fs"

	"tidings.example/tidings/tidings"
)

// checkExport rejects an export that is damaged or cannot be imported into the
// data folder. It changes nothing.
func (m *importer) checkExport(ctx context.Context) (err error) {
	if m.manifest, err = readManifest(m.root); err != nil {
		return err
	}

	known, err := m.config.SchemaVersion()
	if err != nil {
		return err
	}
	if m.manifest.Schema > known {
		return tidings.Errorf(tidings.KindInvalid, "The export is of version %s, whose database is newer (%d) than this program knows (%d). Import it with that version or a later one.",
			m.manifest.Version, m.manifest.Schema, known)
	}
	if err := m.config.CheckEmpty(ctx, m.config.DataDir); err != nil {
		return err
	}

	m.progress.beginPhase("checking", m.manifest.Database.Bytes+m.manifest.List.Bytes, tidings.UnitBytes)
	for name, want := range map[string]FileSum{databaseFile: m.manifest.Database, objectListFile: m.manifest.List} {
		got, err := hashFile(ctx, m.root, name, m.progress)
		if errors.Is(err, fs.ErrNotExist) {
			return tidings.Errorf(tidings.KindInvalid, "The export is not whole: %s is missing.", name)
		}
		if err != nil {
			return err
		}
		if got != want {
			return damagedError(name)
		}
	}

	return m.checkObjects()
}

// checkObjects validates every entry of the object list, and that its object is
// a regular file of that size. putObject verifies the checksums.
func (m *importer) checkObjects() error {
	l, err := openList(m.root, objectListFile)
	if err != nil {
		return err
	}
	defer l.closeListFile()

	var objects, bytes int64
	for {
		ok, err := l.nextEntry()
		if err != nil {
			return err
		}
		if !ok {
			break
		}

		info, err := m.root.Lstat(objectPath(l.entry.Key))
		if errors.Is(err, fs.ErrNotExist) {
			return tidings.Errorf(tidings.KindInvalid, "The export is not whole: %s is missing.", objectPath(l.entry.Key))
		}
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() || info.Size() != l.entry.Bytes {
			return damagedError(objectPath(l.entry.Key))
		}

		objects, bytes = objects+1, bytes+l.entry.Bytes
	}

	if objects != m.manifest.Objects || bytes != m.manifest.Bytes {
		return damagedError(objectListFile)
	}

	return nil
}
