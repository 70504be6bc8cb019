package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"tidings.example/tidings/tidings"
)

const (
	copyWorkers = 4  // objects copied at once
	copyBatch   = 64 // objects between two writes of the list
)

// MaxReportLines limits ExportReport.Lines.
const MaxReportLines = 100

// ExportConfig is what an export needs of the installation.
type ExportConfig struct {
	DataDir string // the installation's data folder; an export into it is refused
	Version string // of the product, for the manifest
	Rows    Rows
	Objects Objects
	Gate    *DeletionGate

	// Snapshot copies the database into a new file and opens the copy. schema
	// is the number of its newest migration.
	Snapshot func(ctx context.Context, path string) (s Snapshot, schema int64, err error)
	// Report is called as the export proceeds, by one goroutine at a time.
	Report func(Progress)
}

// ExportReport is what an export did.
type ExportReport struct {
	Manifest Manifest `json:"info"`
	Copied   int64    `json:"copied"` // objects
	Kept     int64    `json:"kept"`   // objects that the folder had already
	Lines    []string `json:"lines"`  // missing objects, at most MaxReportLines
}

// Export brings the folder dir (an absolute path) up to date with the
// installation. It may be killed at any time and repeated: a folder has a
// manifest only while everything in it belongs to one moment.
func Export(ctx context.Context, c ExportConfig, dir string) (r ExportReport, err error) {
	if isInside(c.DataDir, dir) {
		return r, tidings.Errorf(tidings.KindInvalid, "%s is in the data folder itself. Export to another disk, or at least another folder.", dir)
	}

	release, err := c.Gate.freeze()
	if err != nil {
		return r, err
	}
	defer release()

	installation, err := c.Rows.Installation(ctx)
	if err != nil {
		return r, err
	}

	f, err := openExport(dir, installation)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.close()) }()

	x := &exporter{config: c, f: f, count: &progressCounter{report: c.Report}}
	x.r.Manifest = Manifest{Format: manifestFormat, Version: c.Version, Installation: installation, CreatedAt: time.Now().UTC().Truncate(time.Millisecond)}
	err = x.run(ctx)
	return x.r, err
}

// isInside reports whether path is dir or below it.
func isInside(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// exporter is one run of an export.
type exporter struct {
	config  ExportConfig
	f       *folder
	snap    Snapshot
	list    *listWriter
	earlier []*listReader // the sums of what is there already
	count   *progressCounter
	mu      sync.Mutex // of r, for the workers
	r       ExportReport
}

func (x *exporter) run(ctx context.Context) (err error) {
	x.count.beginPhase("database", 0, "")
	if x.snap, x.r.Manifest.Schema, err = x.config.Snapshot(ctx, x.f.absolute(x.f.path(DatabaseFile))); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.snap.Close()) }()

	if x.r.Manifest.Database, err = sumFile(ctx, x.f.root, x.f.path(DatabaseFile), io.Discard); err != nil {
		return err
	}
	if err := x.objects(ctx); err != nil {
		return err
	}
	if err := x.f.finish(x.r.Manifest); err != nil {
		return err
	}
	if err := x.prune(ctx); err != nil {
		return err
	}

	return x.f.end()
}

// objects copies what the rows of the snapshot name, by the order of keys.
func (x *exporter) objects(ctx context.Context) (err error) {
	for _, name := range []string{ObjectListFile, x.f.path(earlierList)} {
		l, err := openList(x.f.root, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		defer l.close()

		x.earlier = append(x.earlier, l)
	}

	if x.list, err = x.f.newList(); err != nil {
		return err
	}

	var bytes int64
	if x.r.Manifest.Clips, bytes, err = x.snap.Size(ctx); err != nil {
		return errors.Join(err, x.list.f.Close())
	}

	x.count.beginPhase("copying", bytes, unitBytes)
	if err = x.avatars(ctx); err == nil { // whose keys come first
		err = x.clips(ctx)
	}

	if err != nil {
		return errors.Join(err, x.list.f.Close())
	}

	x.count.add(bytes) // the last bytes may be of objects that were made smaller, or are gone
	x.r.Manifest.List, err = x.list.close()
	return err
}

func (x *exporter) avatars(ctx context.Context) error {
	for after := tidings.ID(""); ; {
		keys, last, err := x.snap.Avatars(ctx, after, copyBatch)
		if err != nil || len(keys) == 0 {
			return err
		}
		if err := x.batch(ctx, keys, nil); err != nil {
			return err
		}
		after = last
	}
}

func (x *exporter) clips(ctx context.Context) error {
	for after := tidings.ID(""); ; {
		ids, err := x.snap.ClipIDs(ctx, after, listPage)
		if err != nil || len(ids) == 0 {
			return err
		}

		for _, id := range ids {
			if err := x.clip(ctx, id); err != nil {
				return err
			}
		}

		after = ids[len(ids)-1]
	}
}

func (x *exporter) clip(ctx context.Context, id tidings.ID) error {
	keys, err := x.snap.ClipKeys(ctx, id)
	if err != nil {
		return err
	}

	slices.Sort(keys)
	keys = slices.Compact(keys)
	sizes, err := objectSizes(ctx, x.config.Objects, clipPrefix(id))
	if err != nil {
		return err
	}

	for some := range slices.Chunk(keys, copyBatch) {
		if err := x.batch(ctx, some, sizes); err != nil {
			return err
		}
	}

	return nil
}

// isReferenced reports whether a live row names an object.
func (x *exporter) isReferenced(ctx context.Context, key string) (bool, error) {
	if id, ok := strings.CutPrefix(folderOf(key), avatarPrefix); ok {
		current, err := x.config.Rows.AvatarKey(ctx, tidings.ID(strings.TrimSuffix(id, "/")))
		return current == key, err
	}

	id := strings.TrimPrefix(folderOf(key), clipsPrefix)
	keys, err := x.config.Rows.ClipKeys(ctx, tidings.ID(strings.TrimSuffix(id, "/")))
	return slices.Contains(keys, key), err
}
