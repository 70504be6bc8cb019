package backup

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"tidings.example/tidings/tidings"
)

// manifestFormat is the version of an export's layout:
//
//	export.json     the manifest; written last, so a folder without it is no whole export
//	tidings.db      the database of one moment
//	objects.jsonl   one JSON object a line for each object, ordered by key
//	objects/KEY     the objects
//	unfinished-ID/  files of a running or interrupted export of installation ID
//
// Only the owner may read the files: the database holds password hashes.
const manifestFormat = 1

// Names of files and folders in an export.
const (
	manifestFile     = "export.json"
	databaseFile     = "tidings.db"
	objectListFile   = "objects.jsonl"
	objectsDir       = "objects"
	unfinishedPrefix = "unfinished-"
)

// Manifest is the content of export.json: what an export holds.
type Manifest struct {
	Format       int       `json:"format"`
	Version      string    `json:"version"` // of the product
	Schema       int64     `json:"schema"`  // of the database: its newest migration
	Installation string    `json:"installation"`
	CreatedAt    time.Time `json:"created_at"` // when the snapshot was taken
	Clips        int64     `json:"clips"`
	Objects      int64     `json:"objects"`
	Bytes        int64     `json:"bytes"`             // of all objects
	Missing      int64     `json:"missing"`           // objects that a row names and the storage lacked
	Damaged      int64     `json:"damaged,omitempty"` // objects that the storage did not give whole
	Database     FileSum   `json:"database"`
	List         FileSum   `json:"list"`
}

// FileSum is the size and checksum of a file.
type FileSum struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hex
}

// readManifest reads export.json. Without one the error is KindNotFound.
func readManifest(root *os.Root) (info Manifest, err error) {
	text, err := root.ReadFile(manifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return info, tidings.Errorf(tidings.KindNotFound, "There is no whole export in %s: it has no %s.", root.Name(), manifestFile)
	}
	if err != nil {
		return info, err
	}
	if err := json.Unmarshal(text, &info); err != nil || info.Format < 1 {
		return info, tidings.Wrap(err, tidings.KindInvalid, "%s of %s is damaged.", manifestFile, root.Name())
	}
	if info.Format != manifestFormat {
		return info, tidings.Errorf(tidings.KindInvalid, "%s holds an export of format %d; this program knows format %d. It was made by version %s.",
			root.Name(), info.Format, manifestFormat, info.Version)
	}

	return info, nil
}
