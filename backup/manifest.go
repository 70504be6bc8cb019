package backup

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"tidings.example/tidings/tidings"
)

// manifestFormat is the version of what lies in an export:
//
//	export.json     what it is; written last, so that without it there is none
//	tidings.db      the database of one moment
//	objects.jsonl   a line for each object, by the order of their keys
//	objects/KEY     the objects
//	unfinished-ID/  what a running or cut-off export of installation ID has not put in place
//
// Everything is its owner's only: there are password hashes in the database.
const manifestFormat = 1

// Names in an export.
const (
	ManifestFile     = "export.json"
	DatabaseFile     = "tidings.db"
	ObjectListFile   = "objects.jsonl"
	ObjectsDir       = "objects"
	UnfinishedPrefix = "unfinished-"
)

// Manifest is export.json.
type Manifest struct {
	Format       int       `json:"format"`
	Version      string    `json:"version"` // of the product
	Schema       int64     `json:"schema"`  // of the database
	Installation string    `json:"installation"`
	CreatedAt    time.Time `json:"created_at"` // the moment of the database
	Clips        int64     `json:"clips"`
	Objects      int64     `json:"objects"`
	Bytes        int64     `json:"bytes"`   // of all objects
	Missing      int64     `json:"missing"` // objects that a row names and the storage did not have
	Database     FileSum   `json:"database"`
	List         FileSum   `json:"list"`
}

// FileSum is how a file is known again.
type FileSum struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hex
}

// readManifest reads export.json: KindNotFound without one.
func readManifest(root *os.Root) (info Manifest, err error) {
	text, err := root.ReadFile(ManifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return info, tidings.Errorf(tidings.KindNotFound, "There is no whole export in %s: it has no %s.", root.Name(), ManifestFile)
	}
	if err != nil {
		return info, err
	}
	if err := json.Unmarshal(text, &info); err != nil || info.Format < 1 {
		return info, tidings.Wrap(err, tidings.KindInvalid, "%s of %s is damaged.", ManifestFile, root.Name())
	}
	if info.Format != manifestFormat {
		return info, tidings.Errorf(tidings.KindInvalid, "%s holds an export of format %d; this program knows format %d. It was made by version %s.",
			root.Name(), info.Format, manifestFormat, info.Version)
	}

	return info, nil
}
