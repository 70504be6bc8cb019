package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"tidings.example/tidings/sqlite"
	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// IsMissing reports whether a data folder has no database, or an empty file in
// its place, so that Open would create one. It changes nothing.
func IsMissing(dir string) (bool, error) {
	info, err := os.Stat(filepath.Join(dir, databaseFile))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return err == nil && info.Size() == 0, err
}

// HasWorkspace reports whether the database of a data folder has a workspace. It
// reads without a lock, also while a server runs, and changes nothing. Without a
// database it is KindNotFound.
func HasWorkspace(ctx context.Context, dir string, id tidings.ID) (has bool, err error) {
	path := filepath.Join(dir, databaseFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, tidings.NotFound()
	} else if err != nil {
		return false, err
	}

	db, err := sqlite.Open(sqlite.FileURI(path) + "?mode=ro&_pragma=busy_timeout(5000)&_pragma=query_only(ON)")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	_, err = dbq.New(db).WorkspaceByID(ctx, string(id))
	if err = notFound(err); tidings.KindOf(err) == tidings.KindNotFound {
		return false, nil
	}

	return err == nil, err
}
