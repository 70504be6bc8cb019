package server

import (
	"context"

	"tidings.example/tidings/admin"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// Audit compares rows, objects and index.
func (a *App) Audit(ctx context.Context) (admin.AuditReport, error) {
	return admin.Audit(ctx, a.auditConfig())
}

// ByteAuditRequest asks for an audit that reads every object.
type ByteAuditRequest struct {
	Rate int64 `json:"rate"` // bytes per second; 0 = no limit
}

// AuditBytes is Audit that reads every object too, and reports its progress.
func (a *App) AuditBytes(ctx context.Context, r ByteAuditRequest, report func(tidings.Progress)) (admin.AuditReport, error) {
	c := a.auditConfig()
	c.Bytes = &admin.ByteAudit{Rows: a.Store, Rate: r.Rate, Report: report, Open: a.Blobs.Plain().Open}
	return admin.Audit(ctx, c)
}

func (a *App) auditConfig() admin.AuditConfig {
	return admin.AuditConfig{
		Loss: a.databaseLoss(), Rows: a.Store, AvatarKey: store.AvatarKey,
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
	}
}

// databaseLoss is what a start found to be missing of the database; "" = nothing.
func (a *App) databaseLoss() string {
	l, err := a.Store.Loss()
	switch {
	case err != nil:
		return err.Error()
	case l == nil:
		return ""
	}
	return l.Text
}
