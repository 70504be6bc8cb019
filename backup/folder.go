package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"tidings.example/tidings/tidings"
)

// folder is the folder of an export that is written.
type folder struct {
	root *os.Root
	lock *os.File
	work string // the folder of what is unfinished
}

// openExport takes a folder that is not there, is empty, or holds an export of
// the same installation, whole or not.
func openExport(dir, installation string) (_ *folder, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, tidings.Wrap(err, tidings.KindInvalid, "%s cannot be made: %v.", dir, errors.Unwrap(err))
	}

	f := &folder{work: UnfinishedPrefix + installation}
	if f.lock, err = LockFolder(dir, syscall.LOCK_EX); err != nil {
		return nil, err
	}

	if f.root, err = os.OpenRoot(dir); err == nil {
		err = f.prepare(installation)
	}

	if err != nil {
		return nil, errors.Join(err, f.close())
	}

	return f, nil
}

// LockFolder keeps two processes from working in one export, where the file
// system can (NFS locks no folders). The kernel lets go when the process ends.
func LockFolder(dir string, how int) (*os.File, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(d.Fd()), how|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(tidings.Wrap(err, tidings.KindConflict, "Another export or import works in %s.", dir), d.Close())
	}
	return d, nil
}

// prepare looks at what is there and makes the folders.
func (f *folder) prepare(installation string) error {
	if err := f.ours(installation); err != nil {
		return err
	}

	// Its name says whose it is, and making it is one act: from now on the
	// folder is known again, whenever this is cut off.
	for _, name := range []string{f.work, ObjectsDir} {
		if err := f.root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}

	// Where people may not do that (a stick, a share), others decide who reads.
	if err := f.root.Chmod(".", 0o700); err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return f.keepList()
}

func (f *folder) ours(installation string) error {
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return err
	}

	strange := false
	for _, e := range entries {
		switch name := e.Name(); {
		case name == ManifestFile:
			info, err := readManifest(f.root)
			if err != nil {
				return err
			}
			if info.Installation != installation {
				return tidings.Errorf(tidings.KindConflict, "%s holds the export of another installation.", f.root.Name())
			}
			return nil
		case name == f.work:
			return nil
		case strings.HasPrefix(name, UnfinishedPrefix):
			return tidings.Errorf(tidings.KindConflict, "%s holds the unfinished export of another installation.", f.root.Name())
		case name != "lost+found": // a disk of its own
			strange = true
		}
	}

	if strange {
		return tidings.Errorf(tidings.KindConflict, "%s holds something else than an export. Name an empty folder, or one that is not there yet.", f.root.Name())
	}

	return nil
}

// keepList throws away what cannot be gone on with, but for the list of what
// was copied: of two that were cut off, the longer one.
func (f *folder) keepList() error {
	cut, cutErr := f.root.Stat(f.path(ObjectListFile))
	if old, err := f.root.Stat(f.path(earlierList)); cutErr == nil && (err != nil || old.Size() < cut.Size()) {
		if err := f.root.Rename(f.path(ObjectListFile), f.path(earlierList)); err != nil {
			return err
		}
	}

	entries, err := fs.ReadDir(f.root.FS(), f.work)
	if err != nil {
		return err
	}

	for _, e := range entries {
		if e.Name() != earlierList {
			if err := f.root.Remove(f.path(e.Name())); err != nil {
				return err
			}
		}
	}

	return nil
}

const earlierList = "earlier.jsonl"

// path names something that is not in place yet.
func (f *folder) path(name string) string { return f.work + "/" + name }

// finish puts a whole export in place of an older one. For a moment there is
// none: the next export makes it whole again, if this one is cut off then.
func (f *folder) finish(info Manifest) error {
	if err := f.flush(); err != nil {
		return err
	}
	if err := f.root.Remove(ManifestFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}

	for _, name := range []string{DatabaseFile, ObjectListFile} {
		if err := f.root.Rename(f.path(name), name); err != nil {
			return err
		}
	}

	text, err := json.MarshalIndent(info, "", "  ")
	if err != nil {
		return err
	}
	if err := f.root.WriteFile(f.path(ManifestFile), append(text, '\n'), 0o600); err != nil {
		return err
	}
	if err := f.flush(); err != nil {
		return err
	}
	if err := f.root.Rename(f.path(ManifestFile), ManifestFile); err != nil {
		return err
	}

	return f.flush()
}

// flush makes everything durable that was written to the disk of the folder.
func (f *folder) flush() error {
	if err := unix.Syncfs(int(f.lock.Fd())); err != nil {
		return fmt.Errorf("flush %s: %w", f.root.Name(), err)
	}
	return nil
}

// end removes what was needed on the way.
func (f *folder) end() error { return f.root.RemoveAll(f.work) }

func (f *folder) close() error {
	var errs []error
	if f.root != nil {
		errs = append(errs, f.root.Close())
	}
	return errors.Join(append(errs, f.lock.Close())...)
}

// absolute is the path of something in the folder, for SQLite.
func (f *folder) absolute(name string) string { return filepath.Join(f.root.Name(), name) }
