package embedded

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockFolder takes the folder for this process; the kernel releases the lock
// when the file is closed or the process ends.
func lockFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock of the storage folder: %w", err)
	}

	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}

	f.Close()

	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("another process serves this storage folder (%s is locked): stop it, or let both use one S3 server", path)
	}

	return nil, fmt.Errorf("lock %s: %w", path, err)
}
