package client

import "io/fs"

// fileStamp identifies the content of a file without reading it: every write
// changes it.
type fileStamp struct {
	Size     int64 `json:"size"`
	Modified int64 `json:"modified_ns"` // Unix time in ns
}

func stampOf(info fs.FileInfo) fileStamp {
	return fileStamp{Size: info.Size(), Modified: info.ModTime().UnixNano()}
}
