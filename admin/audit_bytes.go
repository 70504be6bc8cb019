package admin

import (
	"context"
	"io"

	"tidings.example/tidings/tidings"
)

// ByteAudit makes Audit read every object, which compares it with its checksums,
// and compare its size with that of the row. Damaged objects are recorded, and
// made again if they were made of an original.
type ByteAudit struct {
	Rows   CheckRows
	Rate   int64 // bytes per second; 0 = no limit
	Open   func(ctx context.Context, key string) (io.ReadCloser, error)
	Report func(tidings.Progress)
}

// byteAuditor is one run over the bytes of all objects.
type byteAuditor struct {
	*auditor
	check    *ObjectCheck
	progress tidings.Progress
}

// auditBytes reads the objects that rows name, and the avatars.
func (a *auditor) auditBytes(ctx context.Context) error {
	if a.Bytes == nil {
		return nil
	}

	ready := func(ctx context.Context) error {
		_, err := a.ListObjects(ctx, clipsPrefix, "", 1)
		return err
	}
	b := &byteAuditor{auditor: a, progress: tidings.Progress{Phase: "reading", Total: int64(a.report.Objects), Unit: "objects"},
		check: &ObjectCheck{Rows: a.Bytes.Rows, Rate: a.Bytes.Rate, Open: a.Bytes.Open, Ready: ready}}
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

	return a.eachObject(ctx, avatarPrefix, func(o Object) error { return b.readAvatar(ctx, o.Key) })
}

// countObject reports that one more object is read.
func (b *byteAuditor) countObject() {
	b.report.Read++
	b.progress.Done = min(b.progress.Done+1, b.progress.Total)
	b.Bytes.Report(b.progress)
}

// readClip reads all objects of a clip. A missing one is reported by auditRows.
func (b *byteAuditor) readClip(ctx context.Context, id tidings.ID) error {
	c, err := b.check.CheckClip(ctx, id, b.countObject)
	for _, d := range c.Damage {
		b.report.addLine(&b.report.Damaged, "damaged object %s of clip %s: %s", d.Key, id, d.Reason)
	}
	for _, line := range c.Repairs {
		b.report.addLine(&b.report.Repairs, "%s", line)
	}
	return err
}

// readAvatar reads the picture of a person.
func (b *byteAuditor) readAvatar(ctx context.Context, key string) error {
	b.countObject()
	d, err := b.check.checkObject(ctx, tidings.StoredObject{Key: key, Bytes: unknownSize}, func() (bool, error) { return b.avatarNamed(ctx, key) })
	if err != nil || d == nil || d.Reason == reasonMissing {
		return err
	}

	b.report.addLine(&b.report.Damaged, "damaged object %s of a person: %s", key, d.Reason)
	return b.Bytes.Rows.ReportDamage(ctx, *d)
}
