package backup

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"tidings.example/tidings/tidings"
)

const flockShared = syscall.LOCK_SH // several may read one export

// check refuses what cannot be imported, or not here. It changes nothing.
func (m *importer) check(ctx context.Context) (err error) {
	if m.info, err = readManifest(m.root); err != nil {
		return err
	}

	known, err := m.config.SchemaVersion()
	if err != nil {
		return err
	}
	if m.info.Schema > known {
		return tidings.Errorf(tidings.KindInvalid, "The export is of version %s, whose database is newer (%d) than this program knows (%d). Import it with that version or a later one.",
			m.info.Version, m.info.Schema, known)
	}
	if err := m.config.CheckEmpty(ctx, m.config.DataDir); err != nil {
		return err
	}

	m.count.beginPhase("checking", m.info.Database.Bytes+m.info.List.Bytes, unitBytes)
	for name, want := range map[string]FileSum{DatabaseFile: m.info.Database, ObjectListFile: m.info.List} {
		got, err := sumFile(ctx, m.root, name, m.count)
		if errors.Is(err, fs.ErrNotExist) {
			return tidings.Errorf(tidings.KindInvalid, "The export is not whole: %s is missing.", name)
		}
		if err != nil {
			return err
		}
		if got != want {
			return damaged(name)
		}
	}

	return m.checkList()
}

// checkList looks at every line, and whether its object is there in full size.
func (m *importer) checkList() error {
	l, err := openList(m.root, ObjectListFile)
	if err != nil {
		return err
	}
	defer l.close()

	var objects, bytes int64
	for {
		ok, err := l.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}

		info, err := m.root.Lstat(ObjectPath(l.line.Key))
		if errors.Is(err, fs.ErrNotExist) {
			return tidings.Errorf(tidings.KindInvalid, "The export is not whole: %s is missing.", ObjectPath(l.line.Key))
		}
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() || info.Size() != l.line.Bytes {
			return damaged(ObjectPath(l.line.Key))
		}

		objects, bytes = objects+1, bytes+l.line.Bytes
	}

	if objects != m.info.Objects || bytes != m.info.Bytes {
		return damaged(ObjectListFile)
	}

	return nil
}
