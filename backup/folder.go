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

// exportFolder is a folder that an export is written to. Call close.
type exportFolder struct {
	root *os.Root
	lock *os.File
	work string // name of the folder for files that are not in place yet
}

// openFolder opens a folder that does not exist, is empty, or holds a whole or
// interrupted export of the same installation.
func openFolder(dir, installation string) (_ *exportFolder, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, tidings.Wrap(err, tidings.KindInvalid, "%s cannot be made: %v.", dir, errors.Unwrap(err))
	}

	f := &exportFolder{work: unfinishedPrefix + installation}
	if f.lock, err = lockFolder(dir, syscall.LOCK_EX); err != nil {
		return nil, err
	}

	if f.root, err = os.OpenRoot(dir); err == nil {
		err = f.prepareLayout(installation)
	}

	if err != nil {
		return nil, errors.Join(err, f.closeFolder())
	}

	return f, nil
}

// lockFolder locks an export against other processes, as far as the file system
// supports it (NFS locks no folders). how is an operation of flock(2). The lock
// ends with the returned file or the process.
func lockFolder(dir string, how int) (*os.File, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(d.Fd()), how|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(tidings.Wrap(err, tidings.KindConflict, "Another export or import works in %s.", dir), d.Close())
	}
	return d, nil
}

// prepareLayout checks the content of the folder and makes its subfolders.
func (f *exportFolder) prepareLayout(installation string) error {
	if err := f.checkOwner(installation); err != nil {
		return err
	}

	// The name of the work folder has the installation's id, and mkdir is atomic:
	// from now on checkOwner recognises an interrupted export.
	for _, name := range []string{f.work, objectsDir} {
		if err := f.root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}

	// Some file systems (USB sticks, network shares) have no modes of their own.
	if err := f.root.Chmod(".", 0o700); err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return f.keepLongestList()
}

// checkOwner returns KindConflict unless the folder is empty or belongs to the
// installation.
func (f *exportFolder) checkOwner(installation string) error {
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return err
	}

	foreign := false
	for _, e := range entries {
		switch name := e.Name(); {
		case name == manifestFile:
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
		case strings.HasPrefix(name, unfinishedPrefix):
			return tidings.Errorf(tidings.KindConflict, "%s holds the unfinished export of another installation.", f.root.Name())
		case name != "lost+found": // root of a file system
			foreign = true
		}
	}

	if foreign {
		return tidings.Errorf(tidings.KindConflict, "%s holds something else than an export. Name an empty folder, or one that is not there yet.", f.root.Name())
	}

	return nil
}

// keepLongestList removes the unfinished files of interrupted exports but the
// longest object list, whose checksums exportObject uses again.
func (f *exportFolder) keepLongestList() error {
	cut, cutErr := f.root.Stat(f.workPath(objectListFile))
	if old, err := f.root.Stat(f.workPath(earlierListFile)); cutErr == nil && (err != nil || old.Size() < cut.Size()) {
		if err := f.root.Rename(f.workPath(objectListFile), f.workPath(earlierListFile)); err != nil {
			return err
		}
	}

	entries, err := fs.ReadDir(f.root.FS(), f.work)
	if err != nil {
		return err
	}

	for _, e := range entries {
		if e.Name() != earlierListFile {
			if err := f.root.Remove(f.workPath(e.Name())); err != nil {
				return err
			}
		}
	}

	return nil
}

// earlierListFile is the object list of an interrupted export, in the work folder.
const earlierListFile = "earlier.jsonl"

// workPath is the path of a file that is not in place yet.
func (f *exportFolder) workPath(name string) string { return f.work + "/" + name }

// publishExport replaces the previous export by the new one. The manifest is
// removed first and written last: when this is interrupted, the folder is no
// whole export until the next run.
func (f *exportFolder) publishExport(info Manifest) error {
	if err := f.syncFilesystem(); err != nil {
		return err
	}
	if err := f.root.Remove(manifestFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}

	for _, name := range []string{databaseFile, objectListFile} {
		if err := f.root.Rename(f.workPath(name), name); err != nil {
			return err
		}
	}

	text, err := json.MarshalIndent(info, "", "  ")
	if err != nil {
		return err
	}
	if err := f.root.WriteFile(f.workPath(manifestFile), append(text, '\n'), 0o600); err != nil {
		return err
	}
	if err := f.syncFilesystem(); err != nil {
		return err
	}
	if err := f.root.Rename(f.workPath(manifestFile), manifestFile); err != nil {
		return err
	}

	return f.syncFilesystem()
}

// syncFilesystem flushes the file system of the folder to its disk.
func (f *exportFolder) syncFilesystem() error {
	if err := unix.Syncfs(int(f.lock.Fd())); err != nil {
		return fmt.Errorf("flush %s: %w", f.root.Name(), err)
	}
	return nil
}

// removeWork removes the work folder.
func (f *exportFolder) removeWork() error { return f.root.RemoveAll(f.work) }

func (f *exportFolder) closeFolder() error {
	var errs []error
	if f.root != nil {
		errs = append(errs, f.root.Close())
	}
	return errors.Join(append(errs, f.lock.Close())...)
}

// absolutePath is the absolute path of a name in the folder, as SQLite needs it.
func (f *exportFolder) absolutePath(name string) string { return filepath.Join(f.root.Name(), name) }
