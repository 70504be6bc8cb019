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

// pendingObject is an object that an export copies or keeps.
type pendingObject struct {
	entry     objectEntry // of an earlier export; later of this one
	size      int64       // in the storage, in bytes
	inStorage bool        // the storage has the object
	inExport  bool        // the folder has the object
	row       tidings.StoredObject
	fault     objectFault // the storage has it and does not give it whole
}

// exportBatch copies objects into the folder and appends them to the object
// list. rows describe them; sizes are those in the storage; nil = ask the storage
// for each.
func (x *exporter) exportBatch(ctx context.Context, keys []string, rows objectRows, sizes map[string]int64) error {
	all := make([]pendingObject, len(keys))
	for i, key := range keys {
		all[i].entry.Key, all[i].row = key, rows.objectRow(key)
		all[i].size, all[i].inStorage = sizes[key]
		for _, l := range x.earlier {
			if entry, ok := l.seekKey(key); ok {
				all[i].entry = entry
			}
		}
	}

	err := runConcurrently(ctx, len(keys), func(ctx context.Context, worker, i int) (err error) {
		p := &all[i]
		if sizes == nil {
			if p.size, p.inStorage, err = x.statObject(ctx, keys[i]); err != nil {
				return err
			}
		}

		err = x.exportObject(ctx, worker, p)
		if x.isObjectFault(ctx, p.entry.Key, err) { // the connection may have been cut off: once more
			err = x.exportObject(ctx, worker, p)
		}
		if x.isObjectFault(ctx, p.entry.Key, err) {
			return x.keepEarlier(ctx, p, err)
		}

		return err
	})
	if err != nil {
		return err
	}

	var entries []objectEntry
	for _, p := range all {
		if !p.inStorage || p.fault.error != nil {
			if err := x.countLost(ctx, p); err != nil {
				return err
			}
		}

		if p.inExport {
			entries = append(entries, p.entry)
			x.report.Manifest.Objects++
			x.report.Manifest.Bytes += p.entry.Bytes
		}
	}

	return x.list.appendEntries(entries)
}

// statObject is the size of an object in the storage, if it is there.
func (x *exporter) statObject(ctx context.Context, key string) (size int64, inStorage bool, err error) {
	info, err := x.config.Objects.Head(ctx, key)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return 0, false, nil
	}
	return info.Size, err == nil, err
}

// countLost reports an object that the storage lacks or has damaged, unless its
// row was deleted after the snapshot.
func (x *exporter) countLost(ctx context.Context, p pendingObject) error {
	referenced, err := x.isReferenced(ctx, p.entry.Key)
	if err != nil || !referenced {
		return err
	}

	count, text := &x.report.Manifest.Missing, "missing object"
	damaged := p.fault.error != nil
	if damaged {
		count, text = &x.report.Manifest.Damaged, "damaged object"
	}

	if p.inExport {
		text += ", which only this export has:"
	}

	text += " " + p.entry.Key
	if damaged && p.row.ClipID != "" {
		text += " of clip " + string(p.row.ClipID)
	}

	if *count++; len(x.report.Lines) < MaxReportLines {
		x.report.Lines = append(x.report.Lines, text)
	}

	return x.reportDamage(ctx, p)
}

// reportDamage records an object whose bytes are not those of its row. A storage
// that refuses an object is no proof of that.
func (x *exporter) reportDamage(ctx context.Context, p pendingObject) error {
	if tidings.KindOf(p.fault.error) != tidings.KindDamaged {
		return nil
	}
	return x.config.Rows.ReportDamage(ctx, tidings.Damage{Key: p.entry.Key, ClipID: p.row.ClipID, Reason: tidings.DamageReason(p.fault.error)})
}

// objectFault is the failure to read one object from the storage.
type objectFault struct{ error }

// Unwrap gives errors.As the cause.
func (e objectFault) Unwrap() error { return e.error }

// isObjectFault reports whether err is about one object alone: the storage itself
// answers.
func (x *exporter) isObjectFault(ctx context.Context, key string, err error) bool {
	var fault objectFault
	if !errors.As(err, &fault) {
		return false
	}
	_, err = x.config.Objects.List(ctx, ownerPrefix(key), "", 1)
	return err == nil
}

// keepEarlier marks an object as damaged in the storage. A copy of an earlier
// export stays in the folder.
func (x *exporter) keepEarlier(ctx context.Context, p *pendingObject, fault error) error {
	errors.As(fault, &p.fault)
	info, err := x.folder.root.Lstat(objectPath(p.entry.Key))
	if err == nil && checkSize(p.row, info.Size()) == nil && info.Mode().IsRegular() && p.entry.SHA256 != "" && info.Size() == p.entry.Bytes {
		p.size = p.entry.Bytes
		return x.keepObject(ctx, p)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// exportObject copies an object unless the folder has it in the same size: the
// content of a key never changes. An object that the storage has lost is kept
// when an earlier export has it.
func (x *exporter) exportObject(ctx context.Context, worker int, p *pendingObject) (err error) {
	if err := checkSize(p.row, p.size); p.inStorage && err != nil {
		return objectFault{err}
	}

	info, err := x.folder.root.Lstat(objectPath(p.entry.Key))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}

	if !p.inStorage && err == nil {
		p.size = info.Size()
	}

	if err == nil && info.Mode().IsRegular() && info.Size() == p.size {
		return x.keepObject(ctx, p)
	}
	if !p.inStorage {
		return nil
	}

	return x.copyObject(ctx, worker, p)
}

// keepObject lists an object that the folder has. The checksum is the one of the
// earlier export, so that an import detects later damage of the disk; it is
// computed anew only when an interrupted export did not list it.
func (x *exporter) keepObject(ctx context.Context, p *pendingObject) error {
	if p.entry.SHA256 == "" || p.entry.Bytes != p.size {
		sum, err := hashFile(ctx, x.folder.root, objectPath(p.entry.Key), io.Discard)
		if err != nil {
			return err
		}

		p.entry.Bytes, p.entry.SHA256 = sum.Bytes, sum.SHA256
		info, err := x.config.Objects.Head(ctx, p.entry.Key)
		if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
			return err
		}

		p.entry.Type = info.ContentType
	}

	p.inExport = true
	x.incrementCount(&x.report.Kept)
	x.progress.countFinished(p.size)

	return nil
}

// copyObject fetches an object into a temporary file and renames that when it is
// complete.
func (x *exporter) copyObject(ctx context.Context, worker int, p *pendingObject) error {
	o, body, err := x.config.Objects.Get(ctx, p.entry.Key)
	if tidings.KindOf(err) == tidings.KindNotFound {
		p.inStorage = false
		return nil
	}
	if err != nil {
		return objectFault{err}
	}
	defer body.Close()

	temporary := x.folder.workPath(strconv.Itoa(worker))
	sum := sha256.New()
	n, err := writeFile(x.folder.root, temporary, io.TeeReader(faultReader{verifyBlocks(body, p.row, o.Size)}, io.MultiWriter(sum, x.progress)))
	if err != nil {
		return err
	}
	if n != o.Size {
		return objectFault{tidings.Errorf(tidings.KindUnavailable, "The storage sent %d of the %d bytes of %s.", n, o.Size, p.entry.Key)}
	}

	name := objectPath(p.entry.Key)
	if err := x.folder.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	if err := x.folder.root.Rename(temporary, name); err != nil {
		return err
	}

	p.entry.Bytes, p.entry.SHA256, p.entry.Type = n, hex.EncodeToString(sum.Sum(nil)), o.ContentType
	p.inExport = true
	x.incrementCount(&x.report.Copied)

	return nil
}

// faultReader marks the errors of the storage, to tell them from those of the
// folder.
type faultReader struct{ r io.Reader }

// Read implements io.Reader.
func (f faultReader) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		err = objectFault{err}
	}
	return n, err
}

// incrementCount adds 1 to a count of the report.
func (x *exporter) incrementCount(n *int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	*n++
}
