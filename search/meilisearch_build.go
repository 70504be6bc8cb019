package search

import (
	"context"

	"github.com/meilisearch/meilisearch-go"

	"tidings.example/tidings/tidings"
)

// buildSuffix ends the names of the indexes that are filled beside those in use.
const buildSuffix = "_v2"

// meiliBuild is the two indexes clips_v2 and comments_v2 on the same server. The
// key for searches does not open them.
type meiliBuild struct {
	m  *Meilisearch
	at meiliIndexes
}

var _ Build = (*meiliBuild)(nil)

// Build implements Engine.
func (m *Meilisearch) Build(ctx context.Context) (Build, bool, error) {
	l, unlock, err := m.lockWriter(ctx)
	if err != nil {
		return nil, false, err
	}
	defer unlock()

	at := m.indexNames(buildSuffix)
	fresh, err := m.prepareBuild(ctx, l.admin, at)
	if err != nil {
		return nil, false, m.classifyError(ctx, l, err)
	}

	return &meiliBuild{m, at}, fresh, nil
}

// prepareBuild creates the indexes that are missing. If only one was missing,
// both are created anew.
func (m *Meilisearch) prepareBuild(ctx context.Context, admin meilisearch.ServiceManager, at meiliIndexes) (fresh bool, err error) {
	for range 2 {
		made, err := m.prepareIndexes(ctx, admin, at)
		if err != nil || made != 1 {
			return made == 2, err
		}

		for _, name := range at.allNames() {
			if err := m.dropIndex(ctx, admin, name); err != nil {
				return false, err
			}
		}
	}
	return false, tidings.Errorf(tidings.KindUnavailable, "The search server does not keep the index that is being filled.")
}

// Put implements Build.
func (b *meiliBuild) Put(ctx context.Context, docs []tidings.Document) error {
	return b.m.putIntoIndexes(ctx, b.at, docs)
}

// Delete implements Build.
func (b *meiliBuild) Delete(ctx context.Context, entries []tidings.OutboxEntry) error {
	return b.m.deleteFrom(ctx, b.at, entries)
}

// Versions implements Build.
func (b *meiliBuild) Versions(ctx context.Context, after tidings.ID, limit int) ([]tidings.OutboxEntry, error) {
	return b.m.versionsIn(ctx, b.at, after, limit)
}

// Count implements Build.
func (b *meiliBuild) Count(ctx context.Context, ws tidings.ID) (int, error) {
	return b.m.countDocuments(ctx, b.at, ws)
}

// Tidy implements Build; the server needs no request for it.
func (b *meiliBuild) Tidy(context.Context) error { return nil }

// Swap implements Build.
func (b *meiliBuild) Swap(ctx context.Context) error {
	l, unlock, err := b.m.lockWriter(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return b.m.classifyError(ctx, l, b.m.swapInIndexes(ctx, l.admin, b.at, "another index has taken its place"))
}

// Close implements Build.
func (b *meiliBuild) Close() error { return nil }

// Count implements Engine.
func (m *Meilisearch) Count(ctx context.Context, ws tidings.ID) (int, error) {
	return m.countDocuments(ctx, m.liveIndexes(), ws)
}

func (m *Meilisearch) countDocuments(ctx context.Context, at meiliIndexes, ws tidings.ID) (int, error) {
	l, err := m.connectServer(ctx)
	if err != nil {
		return 0, err
	}

	filter := "part = 0 AND deleted = false"
	if ws != "" {
		filter += ` AND ws = "` + safeValue(string(ws)) + `"`
	}

	var res meilisearch.DocumentsResult
	err = m.callRetrying(ctx, func(ctx context.Context) error {
		res = meilisearch.DocumentsResult{}
		return l.writer.Index(at.clips).GetDocumentsWithContext(ctx, &meilisearch.DocumentsQuery{Filter: filter, Limit: 1, Fields: []string{"clip_id"}}, &res)
	})

	return int(res.Total), m.classifyError(ctx, l, err)
}
