package server

import (
	"context"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/store"
)

// Audit compares rows, objects and index.
func (a *App) Audit(ctx context.Context) (admin.AuditReport, error) {
	return admin.Audit(ctx, admin.AuditConfig{
		Rows: a.Store, AvatarKey: store.AvatarKey,
		ListObjects: func(ctx context.Context, prefix, after string, limit int) ([]admin.Object, error) {
			items, err := a.Blobs.List(ctx, prefix, after, limit)
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
