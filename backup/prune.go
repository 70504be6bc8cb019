package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"

	"tidings.example/tidings/tidings"
)

// pruneObjects removes objects that the snapshot does not name, so that deleted
// recordings leave the backup, too.
func (x *exporter) pruneObjects(ctx context.Context) error {
	err := x.folder.pruneOwners("avatars", func(id string) ([]string, error) {
		key, err := x.snapshot.AvatarKey(ctx, tidings.ID(id))
		return []string{key}, err
	})
	if err != nil {
		return err
	}
	return x.folder.pruneOwners("clips", func(id string) ([]string, error) { return x.snapshot.ClipKeys(ctx, tidings.ID(id)) })
}

// pruneOwners removes files that are not among the keys of their owner. kind is
// the folder of the owners: clips or avatars.
func (f *exportFolder) pruneOwners(kind string, keys func(id string) ([]string, error)) error {
	d, err := f.root.Open(objectPath(kind))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()

	for {
		entries, err := d.ReadDir(batchSize)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}

		for _, e := range entries {
			want, err := keys(e.Name())
			if err != nil {
				return err
			}
			if err := f.removeExcept(objectPath(kind+"/"+e.Name()), want); err != nil {
				return err
			}
		}
	}
}

// removeExcept removes all files below dir but those of keys, then all empty
// folders.
func (f *exportFolder) removeExcept(dir string, keys []string) error {
	keep := make(map[string]bool, len(keys))
	for _, key := range keys {
		keep[objectPath(key)] = true
	}

	var dirs []string
	err := fs.WalkDir(f.root.FS(), dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			dirs = append(dirs, name)
		case !keep[name]:
			return f.root.Remove(name)
		}
		return nil
	})
	if err != nil {
		return err
	}

	for _, d := range slices.Backward(dirs) {
		_ = f.root.Remove(d) // fails for a folder that is not empty, which stays
	}

	return nil
}
