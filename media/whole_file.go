package media

import (
	"encoding/binary"
	"fmt"
	"io"

	"tidings.example/tidings/tidings"
)

// checkWholeFile checks that an MP4 file made by ffmpeg has a top-level box of the
// kind and ends with a box. ffmpeg reports no failed write of a segment: one that
// is cut off met a full disk, and the error says so.
func checkWholeFile(f io.ReaderAt, size int64, kind string) error {
	found := false
	for at := int64(0); at < size; {
		var head [16]byte
		n, err := f.ReadAt(head[:], at)
		if err != nil && err != io.EOF {
			return err
		}

		length := int64(binary.BigEndian.Uint32(head[:]))
		if length == 1 {
			length = int64(binary.BigEndian.Uint64(head[8:]))
		}
		if n < 8 || length < 8 || length > size-at {
			return tidings.StorageFull(fmt.Errorf("a file of ffmpeg is cut off at byte %d of %d", at, size))
		}

		found = found || string(head[4:8]) == kind
		at += length
	}

	if !found {
		return tidings.StorageFull(fmt.Errorf("a file of ffmpeg has %d bytes and no %s", size, kind))
	}
	return nil
}
