package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"sync"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

const (
	copyHands = 4  // objects on their way at once
	copyBatch = 64 // objects between two writes of the list
)

// exporter is one run of an export.
type exporter struct {
	a       *app
	f       *exportFolder
	snap    *store.Snapshot
	list    *listWriter
	earlier []*listReader // the sums of what is there already
	count   *counter
	mu      sync.Mutex // of r, for the hands
	r       exportReport
}

func (x *exporter) run(ctx context.Context) (err error) {
	x.count.begin("database", 0, "")
	if x.snap, err = x.a.store.Snapshot(ctx, x.f.absolute(x.f.path(exportDB))); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.snap.Close()) }()

	x.r.Info.Schema = x.snap.Schema
	if x.r.Info.Database, err = sumFile(ctx, x.f.root, x.f.path(exportDB), io.Discard); err != nil {
		return err
	}
	if err := x.objects(ctx); err != nil {
		return err
	}
	if err := x.f.finish(x.r.Info); err != nil {
		return err
	}
	if err := x.prune(ctx); err != nil {
		return err
	}

	return x.f.end()
}

// objects copies what the rows of the snapshot name, by the order of keys.
func (x *exporter) objects(ctx context.Context) (err error) {
	for _, name := range []string{exportList, x.f.path(earlierList)} {
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
	if x.r.Info.Clips, bytes, err = x.snap.Size(ctx); err != nil {
		return errors.Join(err, x.list.f.Close())
	}

	x.count.begin("copying", bytes, unitBytes)
	if err = x.avatars(ctx); err == nil { // whose keys come first
		err = x.clips(ctx)
	}

	if err != nil {
		return errors.Join(err, x.list.f.Close())
	}

	x.count.add(bytes) // the last bytes may be of objects that were made smaller, or are gone
	x.r.Info.List, err = x.list.close()
	return err
}

func (x *exporter) avatars(ctx context.Context) error {
	for after := tidings.ID(""); ; {
		keys, last, err := x.snap.Avatars(ctx, after, copyBatch)
		if err != nil || len(keys) == 0 {
			return err
		}
		if err := x.batch(ctx, keys, nil, x.a.avatarNamed); err != nil {
			return err
		}
		after = last
	}
}

func (x *exporter) clips(ctx context.Context) error {
	for after := tidings.ID(""); ; {
		ids, err := x.snap.ClipIDs(ctx, after, auditPage)
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
	sizes, err := x.a.sizes(ctx, clipPrefix(id))
	if err != nil {
		return err
	}

	named := func(ctx context.Context, key string) (bool, error) { // by the rows of now
		keys, err := x.a.store.ClipKeys(ctx, id)
		return slices.Contains(keys, key), err
	}
	for some := range slices.Chunk(keys, copyBatch) {
		if err := x.batch(ctx, some, sizes, named); err != nil {
			return err
		}
	}

	return nil
}

// sizes are the objects of a clip or a person, by key.
func (a *app) sizes(ctx context.Context, prefix string) (map[string]int64, error) {
	out := map[string]int64{}
	err := a.eachObject(ctx, prefix, func(i blob.Item) error { out[i.Key] = i.Size; return nil })
	return out, err
}
