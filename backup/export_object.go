package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"path"
	"strconv"

	"tidings.example/tidings/tidings"
)

// exportItem is an object on its way into an export.
type exportItem struct {
	line   ObjectEntry // what an earlier export knows of it; what this one does
	size   int64       // in the storage
	stored bool        // the storage has it
	here   bool        // the export has it
}

// batch brings some objects into the folder and writes them down. sizes is
// what the storage has, nil = ask for each.
func (x *exporter) batch(ctx context.Context, keys []string, sizes map[string]int64) error {
	all := make([]exportItem, len(keys))
	for i, key := range keys {
		all[i].line.Key = key
		all[i].size, all[i].stored = sizes[key]
		for _, l := range x.earlier {
			if line, ok := l.find(key); ok {
				all[i].line = line
			}
		}
	}

	err := hands(ctx, len(keys), func(ctx context.Context, hand, i int) (err error) {
		w := &all[i]
		if sizes == nil {
			if w.size, w.stored, err = x.sizeOf(ctx, keys[i]); err != nil {
				return err
			}
		}
		return x.bring(ctx, hand, w)
	})
	if err != nil {
		return err
	}

	var lines []ObjectEntry
	for _, w := range all {
		if !w.stored {
			if err := x.missing(ctx, w); err != nil {
				return err
			}
		}

		if w.here {
			lines = append(lines, w.line)
			x.r.Manifest.Objects++
			x.r.Manifest.Bytes += w.line.Bytes
		}
	}

	return x.list.add(lines)
}

func (x *exporter) sizeOf(ctx context.Context, key string) (size int64, stored bool, err error) {
	info, err := x.config.Objects.Head(ctx, key)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return 0, false, nil
	}
	return info.Size, err == nil, err
}

// missing counts an object that the storage does not have, unless it was
// deleted since the moment of the snapshot.
func (x *exporter) missing(ctx context.Context, w exportItem) error {
	still, err := x.isReferenced(ctx, w.line.Key)
	if err != nil || !still {
		return err
	}

	text := "missing object "
	if w.here {
		text = "missing object, which only this export has: "
	}

	if x.r.Manifest.Missing++; len(x.r.Lines) < MaxReportLines {
		x.r.Lines = append(x.r.Lines, text+w.line.Key)
	}

	return nil
}

// bring copies an object unless it is there already with the size it has in
// the storage: under its key an object never changes. What the storage has
// lost stays if an earlier export has it.
func (x *exporter) bring(ctx context.Context, hand int, w *exportItem) (err error) {
	info, err := x.f.root.Lstat(ObjectPath(w.line.Key))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}

	if !w.stored && err == nil {
		w.size = info.Size()
	}

	if err == nil && info.Mode().IsRegular() && info.Size() == w.size {
		return x.keep(ctx, w)
	}
	if !w.stored {
		return nil
	}

	return x.copy(ctx, hand, w)
}

// keep writes an object down that is there. Its sum is the one of when it was
// copied, so that an import notices what happened to the disk since; where a
// kill took that, it is read again.
func (x *exporter) keep(ctx context.Context, w *exportItem) error {
	if w.line.SHA256 == "" || w.line.Bytes != w.size {
		sum, err := sumFile(ctx, x.f.root, ObjectPath(w.line.Key), io.Discard)
		if err != nil {
			return err
		}

		w.line.Bytes, w.line.SHA256 = sum.Bytes, sum.SHA256
		info, err := x.config.Objects.Head(ctx, w.line.Key)
		if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
			return err
		}

		w.line.Type = info.ContentType
	}

	w.here = true
	x.tally(&x.r.Kept)
	x.count.add(w.size)

	return nil
}

// copy fetches an object to a file that gets its name when it is whole.
func (x *exporter) copy(ctx context.Context, hand int, w *exportItem) error {
	o, body, err := x.config.Objects.Get(ctx, w.line.Key)
	if tidings.KindOf(err) == tidings.KindNotFound {
		w.stored = false
		return nil
	}
	if err != nil {
		return err
	}
	defer body.Close()

	part := x.f.path(strconv.Itoa(hand))
	sum := sha256.New()
	n, err := writeFile(x.f.root, part, io.TeeReader(body, io.MultiWriter(sum, x.count)))
	if err != nil {
		return err
	}
	if n != o.Size {
		return tidings.Errorf(tidings.KindUnavailable, "The storage sent %d of the %d bytes of %s.", n, o.Size, w.line.Key)
	}

	name := ObjectPath(w.line.Key)
	if err := x.f.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	if err := x.f.root.Rename(part, name); err != nil {
		return err
	}

	w.line.Bytes, w.line.SHA256, w.line.Type = n, hex.EncodeToString(sum.Sum(nil)), o.ContentType
	w.here = true
	x.tally(&x.r.Copied)

	return nil
}

func (x *exporter) tally(n *int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	*n++
}
