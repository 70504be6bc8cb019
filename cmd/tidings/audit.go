package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/tidings"
)

// errDrift makes `tidings audit` exit with 1.
var errDrift = errors.New("drift")

// youngTime is how old an object without a row must be before it counts: it is
// stored first and its row is written a moment later.
const youngTime = 15 * time.Minute

const auditPage = 1000

// auditReport is what `tidings audit` found. The lists hold at most auditLines
// entries each; the counts are exact.
type auditReport struct {
	Clips   int      `json:"clips"`
	Objects int      `json:"objects"`
	Missing int      `json:"missing"` // a row names an object that is not there: bytes are lost
	Orphans int      `json:"orphans"` // an object that no row names: only space is lost
	Stale   int      `json:"stale"`   // the index lacks a clip, has an old version of it, or one that is gone
	Pending int      `json:"pending"` // the index will hear of them: no drift
	Lines   []string `json:"lines"`
}

const auditLines = 100

func (r *auditReport) drift() bool { return r.Missing+r.Orphans+r.Stale > 0 }

func (r *auditReport) line(count *int, format string, args ...any) {
	if *count++; len(r.Lines) < auditLines {
		r.Lines = append(r.Lines, fmt.Sprintf(format, args...))
	}
}

func auditCommand(ctx context.Context, c *cli, args []string) error {
	r, err := onData(ctx, "audit", c, args, "/audit", func(ctx context.Context, a *app) (auditReport, error) { return a.audit(ctx) })
	if err != nil {
		return err
	}

	for _, l := range r.Lines {
		fmt.Fprintln(c.out, l)
	}

	fmt.Fprintf(c.out, "%d clips, %d objects: %d missing, %d without a row; index: %d stale, %d pending\n",
		r.Clips, r.Objects, r.Missing, r.Orphans, r.Stale, r.Pending)
	if r.drift() {
		return errDrift
	}

	return nil
}

// audit compares rows, objects and index. It holds a page of each at a time.
func (a *app) audit(ctx context.Context) (auditReport, error) {
	var r auditReport
	if err := a.auditRows(ctx, &r); err != nil {
		return r, err
	}
	if err := a.auditObjects(ctx, &r); err != nil {
		return r, err
	}
	if err := a.auditAvatars(ctx, &r); err != nil {
		return r, err
	}

	return r, a.auditIndex(ctx, &r)
}

// auditRows checks that every object a row names is there.
func (a *app) auditRows(ctx context.Context, r *auditReport) error {
	for after := tidings.ID(""); ; {
		ids, err := a.store.ClipIDs(ctx, after, auditPage)
		if err != nil || len(ids) == 0 {
			return err
		}

		for _, id := range ids {
			if err := a.auditClip(ctx, r, id); err != nil {
				return err
			}
		}

		after = ids[len(ids)-1]
	}
}

func (a *app) auditClip(ctx context.Context, r *auditReport, id tidings.ID) error {
	r.Clips++
	want, err := a.store.ClipKeys(ctx, id)
	if err != nil {
		return err
	}

	have := map[string]bool{}
	if err := a.eachObject(ctx, clipPrefix(id), func(i blob.Item) error { have[i.Key] = true; return nil }); err != nil {
		return err
	}

	for _, key := range want {
		if have[key] {
			continue
		}

		// The clip may have moved on between the two looks.
		now, err := a.store.ClipKeys(ctx, id)
		if err != nil {
			return err
		}

		if slices.Contains(now, key) {
			r.line(&r.Missing, "missing object %s", key)
		}
	}

	return nil
}

// auditObjects checks that every object is named by a row, waits to be swept,
// or is too young to tell.
func (a *app) auditObjects(ctx context.Context, r *auditReport) error {
	swept, err := a.sweptKeys(ctx)
	if err != nil {
		return err
	}

	var clip string
	named := map[string]bool{}
	return a.eachObject(ctx, "clips/", func(i blob.Item) error {
		r.Objects++

		if id := clipOf(i.Key); id != clip {
			keys, err := a.store.ClipKeys(ctx, tidings.ID(id))
			if err != nil {
				return err
			}

			clip, named = id, map[string]bool{}
			for _, k := range keys {
				named[k] = true
			}
		}

		if !named[i.Key] && !swept[i.Key] && time.Since(i.LastModified) > youngTime {
			r.line(&r.Orphans, "object without a row %s", i.Key)
		}

		return nil
	})
}

// sweptKeys are the objects that wait to be deleted: a short list by nature.
func (a *app) sweptKeys(ctx context.Context) (map[string]bool, error) {
	keys, err := a.store.StaleObjects(ctx, time.Now().Add(time.Minute), 1<<20)
	out := make(map[string]bool, len(keys))
	for _, k := range keys {
		out[k] = true
	}
	return out, err
}

func (a *app) eachObject(ctx context.Context, prefix string, each func(blob.Item) error) error {
	for after := ""; ; {
		items, err := a.blobs.List(ctx, prefix, after, auditPage)
		if err != nil {
			return err
		}

		for _, i := range items {
			if err := each(i); err != nil {
				return err
			}
		}

		if len(items) < auditPage {
			return nil
		}

		after = items[len(items)-1].Key
	}
}

func clipPrefix(id tidings.ID) string { return "clips/" + string(id) + "/" }

// clipOf is the clip whose folder a key is in.
func clipOf(key string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(key, "clips/"), "/")
	return id
}

// auditIndex compares the index with the rows.
func (a *app) auditIndex(ctx context.Context, r *auditReport) error {
	d, err := a.indexer.Audit(ctx)
	r.Pending = d.Pending
	for text, ids := range map[string][]tidings.ID{
		"index lacks clip %s": d.Missing, "index has an old version of clip %s": d.Stale, "index holds clip %s, which is gone": d.Extra,
	} {
		for _, id := range ids {
			r.line(&r.Stale, text, id)
		}
	}
	return err
}
