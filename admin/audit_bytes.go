package admin

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// ByteAudit makes Audit read every object, which compares it with the checksum
// that the storage keeps, and compare its size with that of the row.
type ByteAudit struct {
	Rate   int64 // bytes per second; 0 = no limit
	Open   func(ctx context.Context, key string) (io.ReadCloser, error)
	Report func(Progress)
}

// unknownSize is the size of an object whose row does not have it.
const unknownSize = -1

// readBuffer is how much of an object is read between two pauses, in bytes.
const readBuffer = 256 << 10

// byteAuditor is one run over the bytes of all objects.
type byteAuditor struct {
	*auditor
	progress Progress
	buffer   []byte
	started  time.Time
	read     int64 // bytes of all objects so far
}

// auditBytes reads the objects that rows name, and the avatars.
func (a *auditor) auditBytes(ctx context.Context) error {
	if a.Bytes == nil {
		return nil
	}

	b := &byteAuditor{auditor: a, buffer: make([]byte, readBuffer), started: time.Now(), progress: Progress{Phase: "reading", Total: int64(a.report.Objects), Unit: "objects"}}
	for after := tidings.ID(""); ; {
		ids, err := a.Rows.ClipIDs(ctx, after, auditPage)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			break
		}

		for _, id := range ids {
			if err := b.readClip(ctx, id); err != nil {
				return err
			}
		}

		after = ids[len(ids)-1]
	}

	return a.eachObject(ctx, avatarPrefix, func(o Object) error {
		return b.checkObject(ctx, o.Key, unknownSize, func() (bool, error) { return a.avatarNamed(ctx, o.Key) })
	})
}

// readClip reads all objects of a clip.
func (b *byteAuditor) readClip(ctx context.Context, id tidings.ID) error {
	sizes, err := b.Rows.ObjectSizes(ctx, id)
	if err != nil {
		return err
	}

	for _, key := range slices.Sorted(maps.Keys(sizes)) {
		err := b.checkObject(ctx, key, sizes[key], func() (bool, error) { // the clip may have changed since
			current, err := b.Rows.ObjectSizes(ctx, id)
			size, ok := current[key]
			return ok && size == sizes[key], err
		})
		if err != nil {
			return err
		}
	}

	return nil
}

// checkObject reads one object and reports it when it is damaged and still named.
// A missing one is reported by auditRows. An error is that of the rows, or of a
// storage that does not answer at all.
func (b *byteAuditor) checkObject(ctx context.Context, key string, size int64, named func() (bool, error)) error {
	b.report.Read++
	b.progress.Done = min(b.progress.Done+1, b.progress.Total)
	b.Bytes.Report(b.progress)

	n, err := b.readObject(ctx, key)
	if tidings.KindOf(err) == tidings.KindNotFound || err == nil && (size == unknownSize || n == size) {
		return nil
	}

	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if _, down := b.ListObjects(ctx, key, "", 1); down != nil {
			return down
		}
	}

	current, nerr := named()
	if nerr != nil || !current {
		return nerr
	}

	owner := "a person"
	if strings.HasPrefix(key, clipsPrefix) {
		owner = "clip " + clipOfKey(key)
	}

	if err != nil {
		b.report.addLine(&b.report.Damaged, "damaged object %s of %s: its bytes are not those of its checksum", key, owner)
		return nil
	}

	b.report.addLine(&b.report.Damaged, "damaged object %s of %s: %d bytes instead of %d", key, owner, n, size)
	return nil
}

// readObject reads an object to its end at the rate of the settings.
func (b *byteAuditor) readObject(ctx context.Context, key string) (n int64, err error) {
	body, err := b.Bytes.Open(ctx, key)
	if err != nil {
		return 0, err
	}
	defer body.Close()

	for {
		k, err := body.Read(b.buffer)
		n, b.read = n+int64(k), b.read+int64(k)
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if err := b.pause(ctx); err != nil {
			return n, err
		}
	}
}

// pause waits until the bytes read so far are no more than the rate allows.
func (b *byteAuditor) pause(ctx context.Context) error {
	if b.Bytes.Rate <= 0 {
		return nil
	}

	early := time.Duration(float64(b.read)/float64(b.Bytes.Rate)*float64(time.Second)) - time.Since(b.started)
	if early <= 0 {
		return nil
	}

	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(early):
		return nil
	}
}
