package search

import (
	"context"

	"github.com/meilisearch/meilisearch-go"
)

// prepareIndexes creates the indexes of clips and comments that are missing, and
// gives both our settings. made is how many were missing.
func (m *Meilisearch) prepareIndexes(ctx context.Context, admin meilisearch.ServiceManager, at meiliIndexes) (made int, err error) {
	for i, name := range at.allNames() {
		is, err := m.prepareIndex(ctx, admin, name, []indexContent{contentClips, contentComments}[i])
		if err != nil {
			return made, err
		}
		if is {
			made++
		}
	}
	return made, nil
}

func (m *Meilisearch) prepareIndex(ctx context.Context, admin meilisearch.ServiceManager, name string, content indexContent) (made bool, err error) {
	if made, err = m.makeIndex(ctx, admin, name); err != nil {
		return false, err
	}
	return made, m.applySettings(ctx, admin, name, content)
}

// makeIndex creates an index unless it exists.
func (m *Meilisearch) makeIndex(ctx context.Context, admin meilisearch.ServiceManager, name string) (made bool, err error) {
	err = m.callRetrying(ctx, func(ctx context.Context) error { _, err := admin.GetIndexWithContext(ctx, name); return err })
	if errorCode(err) != "index_not_found" {
		return false, err
	}

	err = m.changeIndex(ctx, admin, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return admin.CreateIndexWithContext(ctx, &meilisearch.IndexConfig{Uid: name, PrimaryKey: "id"})
	})
	if errorCode(err) == "index_already_exists" {
		return false, nil
	}

	return true, err
}

// changeIndex sends a change of indexes or settings and waits for its task.
func (m *Meilisearch) changeIndex(ctx context.Context, admin meilisearch.ServiceManager, send func(ctx context.Context) (*meilisearch.TaskInfo, error)) error {
	var task *meilisearch.TaskInfo
	if err := m.callRetrying(ctx, func(ctx context.Context) (err error) { task, err = send(ctx); return err }); err != nil {
		return err
	}
	return m.awaitTask(ctx, admin, task.TaskUID)
}

// Reset implements Engine: empty indexes with our settings are created and swapped
// with the old ones in one step.
func (m *Meilisearch) Reset(ctx context.Context) error {
	l, unlock, err := m.lockWriter(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return m.classifyError(ctx, l, m.replaceIndexes(ctx, l.admin))
}

func (m *Meilisearch) replaceIndexes(ctx context.Context, admin meilisearch.ServiceManager) error {
	fresh := m.indexNames("_new")
	for _, name := range fresh.allNames() {
		if err := m.dropIndex(ctx, admin, name); err != nil { // left by a reset that was cut off
			return err
		}
	}

	if _, err := m.prepareIndexes(ctx, admin, fresh); err != nil {
		return err
	}
	if err := m.passages().renewPassages(ctx, admin); err != nil {
		return err
	}

	return m.swapInIndexes(ctx, admin, fresh, "a reset was asked for")
}

// swapInIndexes swaps two indexes with those in use, in one step, and deletes the old
// ones.
func (m *Meilisearch) swapInIndexes(ctx context.Context, admin meilisearch.ServiceManager, fresh meiliIndexes, why string) error {
	live := m.liveIndexes()
	err := m.changeIndex(ctx, admin, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return admin.SwapIndexesWithContext(ctx, []*meilisearch.SwapIndexesParams{{Indexes: []string{live.clips, fresh.clips}}, {Indexes: []string{live.comments, fresh.comments}}})
	})
	if err != nil {
		return err
	}

	m.lastWrite.Store(nil)
	m.pending = 0
	m.startEpoch(why)
	for _, name := range fresh.allNames() {
		if err := m.dropIndex(ctx, admin, name); err != nil {
			return err
		}
	}

	return nil
}

// dropIndex deletes an index if it exists.
func (m *Meilisearch) dropIndex(ctx context.Context, admin meilisearch.ServiceManager, name string) error {
	err := m.changeIndex(ctx, admin, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return admin.DeleteIndexWithContext(ctx, name)
	})
	if errorCode(err) == "index_not_found" {
		return nil
	}
	return err
}

// lockWriter takes writeLock and returns the connection.
func (m *Meilisearch) lockWriter(ctx context.Context) (l *meiliLink, unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}

	select {
	case m.writeLock <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}

	unlock = func() { <-m.writeLock }
	if l, err = m.connectServer(ctx); err != nil {
		unlock()
		return nil, nil, err
	}

	return l, unlock, nil
}
