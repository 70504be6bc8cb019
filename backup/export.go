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
	batchSize   = 64 // objects between two writes of the list
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
	Report func(tidings.Progress)
}

// ExportReport is what an export did.
type ExportReport struct {
	Manifest Manifest `json:"info"`
	Copied   int64    `json:"copied"` // objects
	Kept     int64    `json:"kept"`   // objects that the folder had already
	Lines    []string `json:"lines"`  // missing and damaged objects, at most MaxReportLines
}

// Export brings the folder dir (an absolute path) up to date with the
// installation. It may be killed at any time and repeated: a folder has a
// manifest only while everything in it belongs to one moment.
func Export(ctx context.Context, c ExportConfig, dir string) (r ExportReport, err error) {
	if isInside(c.DataDir, dir) {
		return r, tidings.Errorf(tidings.KindInvalid, "%s is in the data folder itself. Export to another disk, or at least another folder.", dir)
	}

	release, err := c.Gate.freezeDeletions()
	if err != nil {
		return r, err
	}
	defer release()

	installation, err := c.Rows.InstallationID(ctx)
	if err != nil {
		return r, err
	}

	f, err := openFolder(dir, installation)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.closeFolder()) }()

	x := &exporter{config: c, folder: f, progress: &progressCounter{report: c.Report}}
	x.report.Manifest = Manifest{Format: manifestFormat, Version: c.Version, Installation: installation, CreatedAt: time.Now().UTC().Truncate(time.Millisecond)}
	err = x.exportWorkspace(ctx)
	return x.report, err
}

// isInside reports whether path is dir or below it.
func isInside(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// exporter is one run of an export.
type exporter struct {
	config   ExportConfig
	folder   *exportFolder
	snapshot Snapshot
	list     *listWriter
	earlier  []*listReader // object lists of earlier exports, for their checksums
	progress *progressCounter
	mu       sync.Mutex // guards the counts of report
	report   ExportReport
}

func (x *exporter) exportWorkspace(ctx context.Context) (err error) {
	x.progress.beginPhase("database", 0, "")
	if x.snapshot, x.report.Manifest.Schema, err = x.config.Snapshot(ctx, x.folder.absolutePath(x.folder.workPath(databaseFile))); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.snapshot.Close()) }()

	if x.report.Manifest.Database, err = hashFile(ctx, x.folder.root, x.folder.workPath(databaseFile), io.Discard); err != nil {
		return err
	}
	if err := x.copyObjects(ctx); err != nil {
		return err
	}
	if err := x.folder.publishExport(x.report.Manifest); err != nil {
		return err
	}
	if err := x.pruneObjects(ctx); err != nil {
		return err
	}

	return x.folder.removeWork()
}

// copyObjects copies the objects that the snapshot names, in the order of keys.
func (x *exporter) copyObjects(ctx context.Context) (err error) {
	for _, name := range []string{objectListFile, x.folder.workPath(earlierListFile)} {
		l, err := openList(x.folder.root, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		defer l.closeListFile()

		x.earlier = append(x.earlier, l)
	}

	if x.list, err = x.folder.createList(); err != nil {
		return err
	}

	var bytes int64
	if x.report.Manifest.Clips, bytes, err = x.snapshot.Size(ctx); err != nil {
		return errors.Join(err, x.list.f.Close())
	}

	x.progress.beginPhase("copying", bytes, tidings.UnitBytes)
	if err = x.copyAvatars(ctx); err == nil { // "avatars/" sorts before "clips/"
		err = x.copyClips(ctx)
	}

	if err != nil {
		return errors.Join(err, x.list.f.Close())
	}

	x.progress.countFinished(bytes) // up to the end: bytes of rows are an estimate
	x.report.Manifest.List, err = x.list.finishList()
	return err
}

func (x *exporter) copyAvatars(ctx context.Context) error {
	for after := tidings.ID(""); ; {
		keys, last, err := x.snapshot.Avatars(ctx, after, batchSize)
		if err != nil || len(keys) == 0 {
			return err
		}
		if err := x.exportBatch(ctx, keys, nil, nil); err != nil {
			return err
		}
		after = last
	}
}

func (x *exporter) copyClips(ctx context.Context) error {
	for after := tidings.ID(""); ; {
		ids, err := x.snapshot.ClipIDs(ctx, after, listPage)
		if err != nil || len(ids) == 0 {
			return err
		}

		for _, id := range ids {
			if err := x.copyClip(ctx, id); err != nil {
				return err
			}
		}

		after = ids[len(ids)-1]
	}
}

func (x *exporter) copyClip(ctx context.Context, id tidings.ID) error {
	keys, err := x.snapshot.ClipKeys(ctx, id)
	if err != nil {
		return err
	}

	slices.Sort(keys)
	keys = slices.Compact(keys)
	rows, err := readObjectRows(ctx, x.snapshot, id)
	if err != nil {
		return err
	}

	sizes, err := objectSizes(ctx, x.config.Objects, clipKeyPrefix(id))
	if err != nil {
		return err
	}

	for chunk := range slices.Chunk(keys, batchSize) {
		if err := x.exportBatch(ctx, chunk, rows, sizes); err != nil {
			return err
		}
	}

	return nil
}

// isReferenced reports whether a live row names an object.
func (x *exporter) isReferenced(ctx context.Context, key string) (bool, error) {
	if id, ok := strings.CutPrefix(ownerPrefix(key), avatarsDir); ok {
		current, err := x.config.Rows.AvatarKey(ctx, tidings.ID(strings.TrimSuffix(id, "/")))
		return current == key, err
	}

	id := strings.TrimPrefix(ownerPrefix(key), clipsDir)
	keys, err := x.config.Rows.ClipKeys(ctx, tidings.ID(strings.TrimSuffix(id, "/")))
	return slices.Contains(keys, key), err
}
