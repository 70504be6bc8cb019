package server

import (
	"context"
	"fmt"
	"path/filepath"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/media/blob/embedded"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// openData opens the database and the storage. Before a database is created the
// storage is looked into: SQLite would delete the write-ahead log that a lost
// database has left behind.
func (a *App) openData(ctx context.Context) error {
	rows, err := a.Config.StoreConfig(a.log)
	if err != nil {
		return err
	}

	if rows.UsesPostgres() {
		return a.openShared(ctx, rows)
	}

	missing, err := store.IsMissing(a.Config.Data)
	if err != nil {
		return err
	}
	if missing {
		if err := a.openBlobs(ctx); err != nil {
			return err
		}
		if err := a.checkNoObjects(ctx); err != nil {
			return err
		}
	}

	if a.Store, err = store.Open(ctx, rows); err != nil || missing {
		return err
	}
	if err := a.openBlobs(ctx); err != nil {
		return err
	}
	return a.checkNewStorage(ctx)
}

// checkNewStorage checks the storage of a database without accounts, which was
// emptied, or made anew by another command.
func (a *App) checkNewStorage(ctx context.Context) error {
	needed, err := a.Store.NeedsSetup(ctx)
	if err != nil || !needed {
		return err
	}
	return a.checkNoObjects(ctx)
}

// checkNoObjects refuses a database without accounts beside a storage that holds
// objects: a new installation would hide the loss of the old one.
func (a *App) checkNoObjects(ctx context.Context) error {
	for _, prefix := range []string{"clips/", "avatars/"} {
		items, err := a.Blobs.List(ctx, prefix, "", 1)
		if err != nil {
			return err
		}
		if len(items) > 0 {
			return tidings.Errorf(tidings.KindConflict, "The storage (%s) holds clips, but %s is missing or empty. "+
				"Put the database back, or make the installation again from an export with `tidings import`, or name the right folder with --data. "+
				"To begin anew, empty the storage first.", a.storagePlace(), a.Config.databasePlace())
		}
	}
	return nil
}

// storagePlace says where the objects are, for people.
func (a *App) storagePlace() string {
	if a.s3 != nil {
		return filepath.Join(a.Config.Data, "storage")
	}
	return "bucket " + a.Blobs.Bucket() + " at " + a.Config.S3Endpoint
}

// openBlobs connects to the bucket, of the embedded S3 server or of an outside
// one.
func (a *App) openBlobs(ctx context.Context) (err error) {
	c := a.Config.blobConfig()
	if c.Endpoint == "" {
		if a.s3, err = embedded.Start(ctx, embedded.Config{Dir: filepath.Join(a.Config.Data, "storage"), Fsync: a.Config.Fsync, Log: a.log}); err != nil {
			return fmt.Errorf("embedded storage: %w", err)
		}
		c.Endpoint, c.HTTPClient, c.Region, c.PathStyle = a.s3.Endpoint(), a.s3.HTTPClient(), "us-east-1", true
		c.AccessKey, c.SecretKey = a.s3.Credentials.AccessKey, a.s3.Credentials.SecretKey
	}

	if a.Blobs, err = blob.New(c); err != nil {
		return err
	}
	if err := a.Blobs.EnsureBucket(ctx); err != nil {
		return fmt.Errorf("bucket %s: %w", c.Bucket, err)
	}

	return nil
}

// blobConfig maps the settings to those of the package blob.
func (c *Config) blobConfig() blob.Config {
	return blob.Config{
		Endpoint: c.S3Endpoint, Region: c.S3Region, Bucket: c.S3Bucket,
		AccessKey: c.S3AccessKey, SecretKey: c.S3SecretKey, PathStyle: c.S3PathStyle, Checksums: c.S3Checksums,
	}
}
