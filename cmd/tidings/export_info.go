package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"tidings.example/tidings/tidings"
)

// exportFormat is the version of what lies in an export:
//
//	export.json     what it is; written last, so that without it there is none
//	tidings.db      the database of one moment
//	objects.jsonl   a line for each object, by the order of their keys
//	objects/KEY     the objects
//	unfinished-ID/  what a running or cut-off export of installation ID has not put in place
//
// Everything is its owner's only: there are password hashes in the database.
const exportFormat = 1

// Names in an export.
const (
	exportFile    = "export.json"
	exportDB      = "tidings.db"
	exportList    = "objects.jsonl"
	exportObjects = "objects"
	exportWork    = "unfinished-"
)

// exportInfo is export.json.
type exportInfo struct {
	Format       int       `json:"format"`
	Version      string    `json:"version"` // of the product
	Schema       int64     `json:"schema"`  // of the database
	Installation string    `json:"installation"`
	CreatedAt    time.Time `json:"created_at"` // the moment of the database
	Clips        int64     `json:"clips"`
	Objects      int64     `json:"objects"`
	Bytes        int64     `json:"bytes"`   // of all objects
	Missing      int64     `json:"missing"` // objects that a row names and the storage did not have
	Database     fileSum   `json:"database"`
	List         fileSum   `json:"list"`
}

// fileSum is how a file is known again.
type fileSum struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hex
}

// readExport reads export.json: KindNotFound without one.
func readExport(root *os.Root) (info exportInfo, err error) {
	text, err := root.ReadFile(exportFile)
	if errors.Is(err, fs.ErrNotExist) {
		return info, tidings.Errorf(tidings.KindNotFound, "There is no whole export in %s: it has no %s.", root.Name(), exportFile)
	}
	if err != nil {
		return info, err
	}
	if err := json.Unmarshal(text, &info); err != nil || info.Format < 1 {
		return info, tidings.Wrap(err, tidings.KindInvalid, "%s of %s is damaged.", exportFile, root.Name())
	}
	if info.Format != exportFormat {
		return info, tidings.Errorf(tidings.KindInvalid, "%s holds an export of format %d; this program knows format %d. It was made by version %s.",
			root.Name(), info.Format, exportFormat, info.Version)
	}

	return info, nil
}
