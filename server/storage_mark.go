package server

import (
	"bytes"
	"context"
	"errors"
	"io"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// storageMark is an object that names the installation whose objects a storage
// holds. Several processes share a PostgreSQL database, and have to share a storage
// with it.
const storageMark = "installation"

// maxStorageMark bounds what is read of it.
const maxStorageMark = 100

// readStorageMark is the installation that the storage belongs to; "" = it was not
// marked.
func (a *App) readStorageMark(ctx context.Context) (_ string, err error) {
	o, err := a.Blobs.Get(ctx, storageMark, blob.GetOptions{})
	if tidings.KindOf(err) == tidings.KindNotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, o.Body.Close()) }()

	text, err := io.ReadAll(io.LimitReader(o.Body, maxStorageMark))
	return string(bytes.TrimSpace(text)), err
}

// checkStorageMark refuses a database and a storage of two installations.
func (a *App) checkStorageMark(marked string, i store.Installation) error {
	const fix = "Nothing was changed. Correct the setting database, or those of the storage; a second installation needs both of its own (a database, or a schema named by search_path)."
	storage, database := a.storagePlace(), a.Config.databasePlace()
	switch {
	case marked != "" && i.ID == "":
		return tidings.Errorf(tidings.KindConflict, "The storage (%s) belongs to an installation (%s) that is not in %s. %s", storage, marked, database, fix)
	case marked != "" && marked != i.ID:
		return tidings.Errorf(tidings.KindConflict, "The storage (%s) belongs to an installation (%s) that is not the one in %s (%s). %s", storage, marked, database, i.ID, fix)
	case marked == "" && i.HasStorage:
		return tidings.Errorf(tidings.KindConflict, "The installation in %s has its objects in another storage than this one (%s). %s "+
			"If this storage takes the place of one that is lost, put an object of the name %s with the text %s there.", database, storage, fix, storageMark, i.ID)
	}
	return nil
}

// markStorage marks the storage as that of the installation in the database.
func (a *App) markStorage(ctx context.Context, marked string) error {
	id, err := a.Store.InstallationID(ctx)
	if err != nil {
		return err
	}

	if marked == "" {
		if _, err := a.Blobs.Put(ctx, storageMark, bytes.NewReader([]byte(id)), int64(len(id)), "text/plain"); err != nil {
			return err
		}
	}
	return a.Store.SetHasStorage(ctx)
}

// openShared opens a database that other processes may have open, with its storage:
// before anything is changed in it, the storage is looked into.
func (a *App) openShared(ctx context.Context, rows store.Config) (err error) {
	var marked string
	rows.CheckInstallation = func(i store.Installation) (err error) {
		if err := a.openBlobs(ctx); err != nil {
			return err
		}
		if marked, err = a.readStorageMark(ctx); err != nil {
			return err
		}
		return a.checkStorageMark(marked, i)
	}

	if a.Store, err = store.Open(ctx, rows); err != nil {
		return err
	}
	if err := a.checkNewStorage(ctx); err != nil {
		return err
	}
	return a.markStorage(ctx, marked)
}
