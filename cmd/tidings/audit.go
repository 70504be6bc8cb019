package main

import (
	"context"
	"errors"
	"fmt"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/store"
)

// errDrift makes `tidings audit` exit with 1 when it has said why.
var errDrift = errors.New("drift")

func auditCommand(ctx context.Context, c *cli, args []string) error {
	cfg, err := dataConfig("audit", c, args)
	if err != nil {
		return err
	}

	r, err := runOnData(ctx, c, cfg, "/audit", audit)
	if err != nil {
		return err
	}

	for _, l := range r.Lines {
		fmt.Fprintln(c.out, l)
	}

	fmt.Fprintf(c.out, "%d clips, %d objects: %d missing, %d without a row; index: %d stale, %d pending\n",
		r.Clips, r.Objects, r.Missing, r.Orphans, r.Stale, r.Pending)
	if r.HasDrift() {
		return errDrift
	}

	return nil
}

// audit compares the rows, objects and index of an app.
func audit(ctx context.Context, a *app) (admin.AuditReport, error) {
	return admin.Audit(ctx, admin.AuditConfig{
		Rows: a.store, AvatarKey: store.AvatarKey,
		ListObjects: func(ctx context.Context, prefix, after string, limit int) ([]admin.Object, error) {
			items, err := a.blobs.List(ctx, prefix, after, limit)
			out := make([]admin.Object, len(items))
			for i, item := range items {
				out[i] = admin.Object{Key: item.Key, LastModified: item.LastModified}
			}
			return out, err
		},
		AuditIndex: func(ctx context.Context) (admin.IndexDrift, error) {
			d, err := a.indexer.Audit(ctx)
			return admin.IndexDrift{Pending: d.Pending, Missing: d.Missing, Stale: d.Stale, Extra: d.Extra}, err
		},
	})
}
