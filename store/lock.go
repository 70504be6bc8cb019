package store

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"tidings.example/tidings/tidings"
)

// lockDir takes the data folder for this process. The kernel lets go of the
// lock when the process ends, however it ends.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(tidings.Wrap(err, tidings.KindUnavailable,
			"Another Tidings process is using the data folder %s. Each process has a folder of its own; several processes need one database on PostgreSQL (--database).", dir), f.Close())
	}
	return f, nil
}
