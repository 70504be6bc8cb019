package server

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"tidings.example/tidings/backup"
	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// ExportRequest asks for an export. Dir is absolute, since client and server
// have different working directories.
type ExportRequest struct {
	Dir string `json:"dir"`
}

// Export runs an export and reports its progress.
func (a *App) Export(ctx context.Context, r ExportRequest, report func(tidings.Progress)) (backup.ExportReport, error) {
	return backup.Export(ctx, backup.ExportConfig{
		DataDir: a.Config.Data, Version: a.Config.Version, Rows: a.Store, Objects: backupObjects{a.Blobs}, Gate: &a.deletionGate,
		Snapshot: func(ctx context.Context, path string) (backup.Snapshot, int64, error) {
			s, err := a.Store.Snapshot(ctx, path)
			if err != nil {
				return nil, 0, err
			}
			return s, s.Schema, nil
		},
		Report: report,
	}, r.Dir)
}

// backupObjects is the bucket as the package backup uses it.
type backupObjects struct{ blobs *blob.Store }

// List implements backup.Objects.
func (o backupObjects) List(ctx context.Context, prefix, after string, limit int) ([]backup.Object, error) {
	items, err := o.blobs.List(ctx, prefix, after, limit)
	out := make([]backup.Object, len(items))
	for i, item := range items {
		out[i] = backup.Object{Key: item.Key, Size: item.Size}
	}
	return out, err
}

// Head implements backup.Objects.
func (o backupObjects) Head(ctx context.Context, key string) (backup.Object, error) {
	info, err := o.blobs.Head(ctx, key)
	return backup.Object{Key: key, Size: info.Size, ContentType: info.ContentType}, err
}

// Get implements backup.Objects.
func (o backupObjects) Get(ctx context.Context, key string) (backup.Object, io.ReadCloser, error) {
	object, err := o.blobs.Get(ctx, key, blob.GetOptions{})
	if err != nil {
		return backup.Object{}, nil, err
	}
	return backup.Object{Key: key, Size: object.Size, ContentType: object.ContentType}, object.Body, nil
}

// Put implements backup.Objects.
func (o backupObjects) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) error {
	return o.blobs.Plain().Put(ctx, key, body, size, contentType)
}

// PutLarge implements backup.Objects.
func (o backupObjects) PutLarge(ctx context.Context, key string, body io.Reader, contentType string) (int64, error) {
	return o.blobs.Plain().PutLarge(ctx, key, body, contentType)
}

// ImportConfig is the data folder and storage of the settings, to be filled.
func (c *Config) ImportConfig(log *slog.Logger, report func(tidings.Progress)) backup.ImportConfig {
	return backup.ImportConfig{
		DataDir: c.Data, SchemaVersion: store.SchemaVersion, CheckEmpty: store.CheckEmpty,
		Claim: func(ctx context.Context, dir string) (backup.Claim, error) {
			claim, err := store.ClaimDir(ctx, dir)
			if err != nil {
				return nil, err
			}
			return claim, nil
		},
		OpenObjects: func(ctx context.Context) (backup.Objects, func() error, error) {
			a := &App{Config: *c, log: log} // its storage only
			if err := a.openBlobs(ctx); err != nil {
				return nil, nil, errors.Join(err, a.Close())
			}
			return backupObjects{a.Blobs}, a.Close, nil
		},
		OpenDatabase: func(ctx context.Context, path string) (backup.ObjectRows, error) {
			s, err := store.OpenSnapshot(ctx, path)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
		Report: report,
	}
}
