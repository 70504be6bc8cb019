package blobtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// SmallDisk mounts a file system of the size in bytes until the test ends, and
// skips the test where that is not permitted.
func SmallDisk(t testing.TB, bytes int64) string {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("tidings-test", dir, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, fmt.Sprintf("size=%d", bytes))
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skip("a disk that fills up needs the right to mount a tmpfs")
	}

	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		// Children of a server that was killed may take a moment to leave it.
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})

	return dir
}

// FillDisk takes the free space of a file system but for keep bytes, also while
// others write there, and returns the function that gives it back.
func FillDisk(t testing.TB, dir string, keep int64) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	for taken := int64(0); ; {
		var st syscall.Statfs_t
		if err := syscall.Statfs(dir, &st); err != nil {
			t.Fatal(err)
		}

		size := int64(st.Bavail)*st.Bsize - keep
		if size <= 0 {
			break
		}

		err := syscall.Fallocate(int(f.Fd()), 0, taken, size)
		if err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		if err == nil {
			taken += size
		}
	}

	return func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}
