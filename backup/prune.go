package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"

	"tidings.example/tidings/tidings"
)

// prune removes objects that the rows no longer name: who deletes a recording
// does not want it in tomorrow's backup.
func (x *exporter) prune(ctx context.Context) error {
	err := x.f.eachFolder("avatars", func(id string) ([]string, error) {
		key, err := x.snap.AvatarKey(ctx, tidings.ID(id))
		return []string{key}, err
	})
	if err != nil {
		return err
	}
	return x.f.eachFolder("clips", func(id string) ([]string, error) { return x.snap.ClipKeys(ctx, tidings.ID(id)) })
}

// eachFolder removes the files in the folders of a kind that are none of the
// keys of it, and folders that are empty then.
func (f *folder) eachFolder(kind string, keys func(id string) ([]string, error)) error {
	d, err := f.root.Open(ObjectPath(kind))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()

	for {
		entries, err := d.ReadDir(copyBatch)
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
			if err := f.removeBut(ObjectPath(kind+"/"+e.Name()), want); err != nil {
				return err
			}
		}
	}
}

func (f *folder) removeBut(dir string, keys []string) error {
	keep := make(map[string]bool, len(keys))
	for _, key := range keys {
		keep[ObjectPath(key)] = true
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
		_ = f.root.Remove(d) // it stays when there is something in it
	}

	return nil
}
