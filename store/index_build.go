package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// IndexFailed stores why a clip could not be indexed at a version.
func (s SearchRows) IndexFailed(ctx context.Context, e tidings.OutboxEntry, reason string, tries int) error {
	now := s.nowMS()
	return s.InTx(ctx, func(tx Tx) error {
		return tx.SetOutboxFailure(ctx, dbq.SetOutboxFailureParams{ClipID: string(e.ClipID), Version: e.Version, Failure: reason, Tries: int64(tries), FailedMs: &now})
	})
}

// IndexBacklog is what the index still has to process of a workspace.
func (s SearchRows) IndexBacklog(ctx context.Context, ws tidings.ID) (b tidings.IndexBacklog, err error) {
	q := s.queries()
	n, err := q.CountIndexable(ctx, string(ws))
	if err != nil {
		return b, err
	}

	b.Clips = int(n)
	waiting, err := q.OutboxOfWorkspace(ctx, string(ws))
	if err != nil {
		return b, err
	}

	b.Pending = int(waiting.Pending)
	if waiting.SinceMs > 0 {
		at := tidings.FromMillis(waiting.SinceMs)
		b.Since = &at
	}

	rows, err := q.IndexFailures(ctx, string(ws))
	for _, r := range rows {
		f := tidings.IndexFailure{ClipID: tidings.ID(r.ClipID), Title: r.Title, Reason: r.Failure, Tries: int(r.Tries)}
		if r.FailedMs != nil {
			f.At = tidings.FromMillis(*r.FailedMs)
		}
		b.Failed = append(b.Failed, f)
	}

	return b, err
}

// CountIndexable is how many clips the index should hold: replies are indexed
// with the clips they answer.
func (s SearchRows) CountIndexable(ctx context.Context) (int, error) {
	n, err := s.queries().CountIndexable(ctx, "")
	return int(n), err
}

// IndexBuild is the progress of an engine's index that is built beside the one
// in use, also by a process that has ended; KindNotFound without one.
func (s SearchRows) IndexBuild(ctx context.Context, engine string) (tidings.IndexBuild, error) {
	r, err := s.queries().IndexBuild(ctx, engine)
	return tidings.IndexBuild{Engine: r.Engine, After: tidings.ID(r.AfterID), Done: int(r.Done), Total: int(r.Total),
		StartedAt: tidings.FromMillis(r.StartedMs), UpdatedAt: tidings.FromMillis(r.UpdatedMs)}, notFound(err)
}

// SaveIndexBuild stores how far a build has come.
func (s SearchRows) SaveIndexBuild(ctx context.Context, b tidings.IndexBuild) error {
	return s.InTx(ctx, func(tx Tx) error {
		return tx.PutIndexBuild(ctx, dbq.PutIndexBuildParams{Engine: b.Engine, AfterID: string(b.After), Done: int64(b.Done), Total: int64(b.Total),
			StartedMs: tidings.Millis(b.StartedAt), UpdatedMs: s.nowMS()})
	})
}

// EndIndexBuild deletes the progress of a build that is finished.
func (s SearchRows) EndIndexBuild(ctx context.Context, engine string) error {
	return s.InTx(ctx, func(tx Tx) error { return tx.DeleteIndexBuild(ctx, engine) })
}
