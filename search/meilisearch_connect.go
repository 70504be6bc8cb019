package search

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"tidings.example/tidings/tidings"
)

// oldestMeilisearch is 1.40: the first one that finds a clip once over several
// indexes (federation.distinct). attributeRank and wordPosition came with 1.36.
const oldestMeilisearch = 40

// connectServer returns the connection, made and prepared if there is none. The
// attempt continues when ctx of the caller ends: settings that make Meilisearch
// index everything again take long, and must not be sent again meanwhile.
func (m *Meilisearch) connectServer(ctx context.Context) (*meiliLink, error) {
	if l := m.link.Load(); l != nil {
		return l, nil
	}

	m.mu.Lock()
	at := m.connecting
	switch {
	case at != nil:
	case m.ctx.Err() != nil:
		m.mu.Unlock()
		return nil, tidings.Errorf(tidings.KindUnavailable, "The search is closed.")
	default:
		at = &connectAttempt{done: make(chan struct{})}
		m.connecting = at
		m.background.Go(func() { m.tryConnect(at) })
	}

	m.mu.Unlock()

	select {
	case <-at.done:
		return at.link, at.err
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return nil, ctx.Err()
		}
		return nil, tidings.Wrap(ctx.Err(), tidings.KindUnavailable, "The search server is being prepared.")
	}
}

// tryConnect connects and gives the result to all waiting callers.
func (m *Meilisearch) tryConnect(at *connectAttempt) {
	defer close(at.done)

	l, err := m.prepareServer(m.ctx)
	if at.err = m.classifyError(m.ctx, nil, err); at.err != nil {
		m.refused.Store(&refusal{err: at.err, when: time.Now()})
	} else {
		at.link = l
		m.refused.Store(nil)
		m.link.Store(l)
	}

	m.mu.Lock()
	defer m.mu.Unlock()

	m.connecting = nil
}

// prepareServer checks the version, gets the keys, and creates missing indexes
// and settings.
func (m *Meilisearch) prepareServer(ctx context.Context) (*meiliLink, error) {
	admin := m.newClient(m.cfg.Key)
	if _, err := m.checkVersion(ctx, admin); err != nil {
		return nil, err
	}

	live := append(m.liveIndexes().allNames(), m.passagesIndex())
	writer, err := m.ensureKey(ctx, admin, "index", []string{"documents.add", "documents.delete", "documents.get", "tasks.get"}, append(m.indexNames(buildSuffix).allNames(), live...))
	if err != nil {
		return nil, err
	}

	searcher, err := m.ensureKey(ctx, admin, "search", []string{"search"}, live)
	if err != nil {
		return nil, err
	}

	made, err := m.prepareIndexes(ctx, admin, m.liveIndexes())
	if made > 0 {
		m.startEpoch("an index is new")
	}
	if err != nil {
		return nil, err
	}

	if _, err := m.prepareIndex(ctx, admin, m.passagesIndex(), contentPassages); err != nil {
		return nil, err
	}

	return &meiliLink{admin: admin, writer: m.newClient(writer.Key), searcher: *searcher}, nil
}

// Examine returns the version of the server, or why it cannot be used. It
// changes nothing there.
func (m *Meilisearch) Examine(ctx context.Context) (version string, err error) {
	admin := m.newClient(m.cfg.Key)
	if version, err = m.checkVersion(ctx, admin); err == nil {
		err = m.checkActions(ctx, admin)
	}
	return version, m.classifyError(ctx, nil, err)
}

// checkVersion refuses a server that lacks features used here.
func (m *Meilisearch) checkVersion(ctx context.Context, admin meilisearch.ServiceManager) (string, error) {
	var v *meilisearch.Version
	if err := m.callRetrying(ctx, func(ctx context.Context) (err error) { v, err = admin.VersionWithContext(ctx); return err }); err != nil {
		return "", err
	}

	parts := strings.Split(v.PkgVersion, ".")
	if len(parts) < 3 || parts[0] != "1" {
		return "", tidings.Errorf(tidings.KindUnavailable, "Meilisearch is of version %.40q; this version of Tidings works with 1.%d and later 1.x.", v.PkgVersion, oldestMeilisearch)
	}
	if minor, err := strconv.Atoi(parts[1]); err != nil || minor < oldestMeilisearch {
		return "", tidings.Errorf(tidings.KindUnavailable, "Meilisearch %.40s is too old: 1.%d or a later 1.x is needed.", v.PkgVersion, oldestMeilisearch)
	}

	return v.PkgVersion, nil
}
