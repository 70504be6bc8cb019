package server

import (
	"fmt"
	"path/filepath"
	"syscall"

	"tidings.example/tidings/tidings"
)

// freeSpace watches the free space of the data folder's file system, which holds
// the database, temporary files and, with the embedded storage, all objects.
type freeSpace struct {
	dir     string
	floor   int64 // bytes; 0 = none
	objects bool  // the originals are on this file system too
	// measure returns the free bytes of a folder's file system.
	measure func(dir string) (int64, error)
}

// workShare is the part of the floor below which no step begins: the steps of
// recordings that began above the floor may use the rest.
const workShare = 16

func (c *Config) freeSpace() *freeSpace {
	return &freeSpace{dir: c.Data, floor: c.MinFree, objects: c.S3Endpoint == "", measure: measureFreeSpace}
}

// measureFreeSpace asks the file system of a folder, or of the nearest folder
// above that exists.
func measureFreeSpace(dir string) (int64, error) {
	for {
		var st syscall.Statfs_t
		err := syscall.Statfs(dir, &st)
		if err == nil {
			return int64(st.Bavail) * st.Bsize, nil
		}
		if dir == filepath.Dir(dir) {
			return 0, fmt.Errorf("free space of %s: %w", dir, err)
		}
		dir = filepath.Dir(dir)
	}
}

// checkRecording returns an error of KindStorageFull unless a new recording of at
// least size bytes may begin. The sentence is for whoever wants to record.
func (f *freeSpace) checkRecording(size int64) error {
	if !f.objects {
		size = 0
	}
	return f.checkFree(f.floor, size, "The server has too little free space for new recordings. Running ones go on. Whoever runs the server can free space or lower --min-free-bytes.")
}

// checkStep returns an error of KindStorageFull unless a step may begin.
func (f *freeSpace) checkStep() error {
	return f.checkFree(f.floor/workShare, 0, tidings.Sentence(tidings.StorageFull(nil)))
}

// checkFree compares the free space, less size bytes, with a floor. A file system
// that cannot be asked refuses nothing.
func (f *freeSpace) checkFree(floor, size int64, sentence string) error {
	if f.floor == 0 {
		return nil
	}

	free, err := f.measure(f.dir)
	if err != nil || free-size >= floor {
		return nil
	}
	return tidings.Wrap(fmt.Errorf("%d bytes are free, %d are to be stored, the floor is %d", free, size, floor), tidings.KindStorageFull, "%s", sentence)
}
