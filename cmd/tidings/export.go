package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/backup"
	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/tidings"
)

// errIncomplete makes `tidings export` exit with 1 when it has said why.
var errIncomplete = errors.New("objects are missing")

// exportOrder asks for an export. Dir is absolute: the server is elsewhere.
type exportOrder struct {
	Dir string `json:"dir"`
}

// exportCommand copies an installation into a folder, from which importCommand
// makes one again anywhere.
func exportCommand(ctx context.Context, c *cli, args []string) error {
	cfg, dir, err := dirConfig("export", c, args)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(cfg.Data, "tidings.db")); errors.Is(err, fs.ErrNotExist) {
		return tidings.Errorf(tidings.KindNotFound, "There is no installation in %s. Name its data folder with --data.", cfg.Data)
	}

	r, err := streamOnData(ctx, c, cfg, "/export", exportOrder{dir}, export)
	if err != nil {
		return err
	}

	for _, l := range r.Lines {
		fmt.Fprintln(c.out, l)
	}

	fmt.Fprintf(c.out, "%s: %d clips, %d objects of %s; %d copied, %d were there\n",
		dir, r.Manifest.Clips, r.Manifest.Objects, admin.FormatBytes(r.Manifest.Bytes), r.Copied, r.Kept)
	if r.Manifest.Missing > 0 {
		fmt.Fprintf(c.out, "%d objects that rows name are missing from the storage; the export is whole but for them\n", r.Manifest.Missing)
		return errIncomplete
	}

	return nil
}

// dirConfig are the settings of a subcommand that takes flags and one folder.
// The folder is made absolute: the embedded storage changes the working one.
func dirConfig(name string, c *cli, args []string) (cfg config, dir string, err error) {
	cfg, rest, err := loadConfig(name, args, c.getenv, c.err)
	if err == nil && len(rest) > 1 && strings.HasPrefix(rest[1], "-") { // flags may stand behind it, too
		args = slices.Concat(args[:len(args)-len(rest)], rest[1:], rest[:1])
		cfg, rest, err = loadConfig(name, args, c.getenv, c.err)
	}

	switch {
	case err != nil:
		return cfg, "", err
	case len(rest) == 0:
		return cfg, "", tidings.Errorf(tidings.KindInvalid, "Which folder? usage: tidings %s [flags] DIR", name)
	case len(rest) > 1:
		return cfg, "", tidings.Errorf(tidings.KindInvalid, "One folder is enough: %q is too much.", rest[1])
	}

	if dir, err = filepath.Abs(rest[0]); err != nil {
		return cfg, "", err
	}

	return cfg, dir, cfg.absolute()
}

// export runs an export and reports its progress.
func export(ctx context.Context, a *app, o exportOrder, report func(admin.Progress)) (backup.ExportReport, error) {
	return backup.Export(ctx, backup.ExportConfig{
		DataDir: a.cfg.Data, Version: version, Rows: a.store, Objects: backupObjects{a.blobs}, Gate: &a.deletions,
		Snapshot: func(ctx context.Context, path string) (backup.Snapshot, int64, error) {
			s, err := a.store.Snapshot(ctx, path)
			if err != nil {
				return nil, 0, err
			}
			return s, s.Schema, nil
		},
		Report: func(p backup.Progress) { report(admin.Progress(p)) },
	}, o.Dir)
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
