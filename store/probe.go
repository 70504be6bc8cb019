package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

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

// HasWorkspace reports whether the database of an installation has a workspace. It
// reads without a lock, also while a server runs, and changes nothing. Without a
// database it is KindNotFound.
func HasWorkspace(ctx context.Context, cfg Config, id tidings.ID) (has bool, err error) {
	err = inspectDatabase(ctx, cfg, func(q *dbq.Queries) error {
		_, err := q.WorkspaceByID(ctx, string(id))
		has = err == nil
		return ignoreNotFound(err)
	})
	return has, err
}
