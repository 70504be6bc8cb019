package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings.example/tidings/tidings"
)

// orphanAge is how old an object without a row must be to be reported: objects
// are stored a moment before their rows are written.
const orphanAge = 15 * time.Minute

const auditPage = 1000

// AuditReport is what `tidings audit` found. Lines holds at most maxAuditLines
// entries; the counts are exact.
type AuditReport struct {
	Clips   int      `json:"clips"`
	Objects int      `json:"objects"`
	Missing int      `json:"missing"` // objects that rows name and the storage lacks: data is lost
	Orphans int      `json:"orphans"` // objects that no row names: only space is lost
	Stale   int      `json:"stale"`   // clips the index lacks, has an old version of, or has although they are gone
	Pending int      `json:"pending"` // clips in the outbox of the index: no drift
	Read    int      `json:"read"`    // objects whose bytes were read
	Damaged int      `json:"damaged"` // objects that are not what was stored
	Lost    int      `json:"lost"`    // 1 = a start found changes of the database to be missing
	Repairs int      `json:"repairs"` // damaged objects for which Lines says what becomes of them
	Lines   []string `json:"lines"`
}

const maxAuditLines = 100

// HasDrift reports whether rows, objects and index disagree.
func (r *AuditReport) HasDrift() bool { return r.Missing+r.Orphans+r.Stale+r.Damaged+r.Lost > 0 }

func (r *AuditReport) addLine(count *int, format string, args ...any) {
	if *count++; len(r.Lines) < maxAuditLines {
		r.Lines = append(r.Lines, fmt.Sprintf(format, args...))
	}
}

// Object is an object in the storage.
type Object struct {
	Key          string
	LastModified time.Time
}

// AuditRows is what Audit needs of the store.
type AuditRows interface {
	ClipIDs(ctx context.Context, after tidings.ID, limit int) ([]tidings.ID, error)
	ClipKeys(ctx context.Context, clip tidings.ID) ([]string, error)
	StaleObjects(ctx context.Context, before time.Time, limit int) ([]string, error)
	Avatars(ctx context.Context, after tidings.ID, limit int) (keys []string, last tidings.ID, err error)
	User(ctx context.Context, id tidings.ID) (tidings.User, error)
}

// IndexDrift is what the search index has wrong, by clip.
type IndexDrift struct {
	Pending               int // clips that differ but wait in the outbox
	Missing, Stale, Extra []tidings.ID
}

// AuditConfig is what Audit compares.
type AuditConfig struct {
	Rows AuditRows
	// ListObjects returns up to limit objects whose keys begin with prefix and
	// sort after `after`. Fewer than limit means the end.
	ListObjects func(ctx context.Context, prefix, after string, limit int) ([]Object, error)
	// AvatarKey is the object key of a person's avatar.
	AvatarKey func(user tidings.ID, hash string) string
	// AuditIndex compares the search index with the rows.
	AuditIndex func(ctx context.Context) (IndexDrift, error)
	// Loss is what a start found to be missing of the database; "" = nothing.
	Loss string
	// Bytes has the objects read too; nil = only their names are compared.
	Bytes *ByteAudit
}

// auditor is one run of Audit.
type auditor struct {
	AuditConfig
	report AuditReport
	stale  map[string]bool // keys of objects that wait to be deleted
}

// Audit compares rows, objects and index. It keeps one page of each in memory.
func Audit(ctx context.Context, c AuditConfig) (AuditReport, error) {
	a := &auditor{AuditConfig: c}
	if c.Loss != "" {
		a.report.addLine(&a.report.Lost, "%s", c.Loss)
	}

	for _, audit := range []func(context.Context) error{a.auditRows, a.auditObjects, a.auditAvatars, a.auditIndex, a.auditBytes} {
		if err := audit(ctx); err != nil {
			return a.report, err
		}
	}
	return a.report, nil
}

// auditRows checks that every object a clip's rows name is stored.
func (a *auditor) auditRows(ctx context.Context) error {
	for after := tidings.ID(""); ; {
		ids, err := a.Rows.ClipIDs(ctx, after, auditPage)
		if err != nil || len(ids) == 0 {
			return err
		}

		for _, id := range ids {
			if err := a.auditClip(ctx, id); err != nil {
				return err
			}
		}

		after = ids[len(ids)-1]
	}
}

func (a *auditor) auditClip(ctx context.Context, id tidings.ID) error {
	a.report.Clips++
	want, err := a.Rows.ClipKeys(ctx, id)
	if err != nil {
		return err
	}

	stored := map[string]bool{}
	if err := a.eachObject(ctx, clipPrefix(id), func(o Object) error { stored[o.Key] = true; return nil }); err != nil {
		return err
	}

	for _, key := range want {
		if stored[key] {
			continue
		}

		// The clip may have changed between the two reads.
		current, err := a.Rows.ClipKeys(ctx, id)
		if err != nil {
			return err
		}

		if slices.Contains(current, key) {
			a.report.addLine(&a.report.Missing, "missing object %s", key)
		}
	}

	return nil
}

// auditObjects checks that every object of a clip is named by a row, waits to
// be deleted, or is younger than orphanAge.
func (a *auditor) auditObjects(ctx context.Context) (err error) {
	if a.stale, err = a.staleKeys(ctx); err != nil {
		return err
	}

	var clip string
	named := map[string]bool{}
	return a.eachObject(ctx, clipsPrefix, func(o Object) error {
		a.report.Objects++

		if id := clipOfKey(o.Key); id != clip {
			keys, err := a.Rows.ClipKeys(ctx, tidings.ID(id))
			if err != nil {
				return err
			}

			clip, named = id, map[string]bool{}
			for _, k := range keys {
				named[k] = true
			}
		}

		if !named[o.Key] && !a.isExpected(o) {
			a.report.addLine(&a.report.Orphans, "object without a row %s", o.Key)
		}

		return nil
	})
}

// isExpected reports whether an object may exist without a row.
func (a *auditor) isExpected(o Object) bool {
	return a.stale[o.Key] || time.Since(o.LastModified) <= orphanAge
}

// staleKeys are the objects that wait to be deleted, usually few.
func (a *auditor) staleKeys(ctx context.Context) (map[string]bool, error) {
	keys, err := a.Rows.StaleObjects(ctx, time.Now().Add(time.Minute), 1<<20)
	out := make(map[string]bool, len(keys))
	for _, k := range keys {
		out[k] = true
	}
	return out, err
}

func (a *auditor) eachObject(ctx context.Context, prefix string, each func(Object) error) error {
	for after := ""; ; {
		objects, err := a.ListObjects(ctx, prefix, after, auditPage)
		if err != nil {
			return err
		}

		for _, o := range objects {
			if err := each(o); err != nil {
				return err
			}
		}

		if len(objects) < auditPage {
			return nil
		}

		after = objects[len(objects)-1].Key
	}
}

// clipsPrefix is the prefix of the keys of all objects of clips.
const clipsPrefix = "clips/"

func clipPrefix(id tidings.ID) string { return clipsPrefix + string(id) + "/" }

// clipOfKey is the id of the clip that an object belongs to.
func clipOfKey(key string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(key, clipsPrefix), "/")
	return id
}

// auditIndex compares the search index with the rows.
func (a *auditor) auditIndex(ctx context.Context) error {
	d, err := a.AuditIndex(ctx)
	a.report.Pending = d.Pending
	for text, ids := range map[string][]tidings.ID{
		"index lacks clip %s": d.Missing, "index has an old version of clip %s": d.Stale, "index holds clip %s, which is gone": d.Extra,
	} {
		for _, id := range ids {
			a.report.addLine(&a.report.Stale, text, id)
		}
	}
	return err
}
