package search

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"tidings"
)

// oldestMeilisearch is 1.40: the first one that finds a clip once over several
// indexes (federation.distinct). attributeRank and wordPosition came with 1.36.
const oldestMeilisearch = 40

// connect answers the server, looked for and prepared if need be.
func (m *Meilisearch) connect(ctx context.Context) (*meiliLink, error) {
	if l := m.link.Load(); l != nil {
		return l, nil
	}
	select {
	case m.connecting <- struct{}{}:
		defer func() { <-m.connecting }()
	case <-ctx.Done():
		return nil, tidings.Wrap(ctx.Err(), tidings.KindUnavailable, "The search server is being prepared.")
	}
	if l := m.link.Load(); l != nil {
		return l, nil
	}
	l, err := m.prepare(ctx)
	if err = m.explain(ctx, nil, err); err != nil {
		m.refused.Store(&refusal{err: err, when: time.Now()})
		return nil, err
	}
	m.refused.Store(nil)
	m.link.Store(l)
	return l, nil
}

// prepare checks the version, gets the keys, and makes sure that the indexes
// are there with our settings.
func (m *Meilisearch) prepare(ctx context.Context) (*meiliLink, error) {
	admin := m.client(m.cfg.Key)
	if _, err := m.checkVersion(ctx, admin); err != nil {
		return nil, err
	}
	both := []string{m.clips(), m.comments()}
	writer, err := m.key(ctx, admin, "index", []string{"documents.add", "documents.delete", "documents.get", "tasks.get"}, both)
	if err != nil {
		return nil, err
	}
	searcher, err := m.key(ctx, admin, "search", []string{"search"}, both)
	if err != nil {
		return nil, err
	}
	for _, name := range both {
		made, err := m.makeIndex(ctx, admin, name)
		if err != nil {
			return nil, err
		}
		if made {
			m.lost("index " + name + " is new")
		}
		if err := m.applySettings(ctx, admin, name, name == m.comments()); err != nil {
			return nil, err
		}
	}
	return &meiliLink{admin: admin, writer: m.client(writer.Key), searcher: *searcher}, nil
}

// Examine answers the server's version, or why it cannot be worked with. It
// changes nothing there.
func (m *Meilisearch) Examine(ctx context.Context) (version string, err error) {
	admin := m.client(m.cfg.Key)
	if version, err = m.checkVersion(ctx, admin); err == nil {
		err = m.call(ctx, func(ctx context.Context) error {
			_, err := admin.GetKeyWithContext(ctx, keyUID(m.cfg.Prefix+"search"))
			return err
		})
	}
	if code(err) == "api_key_not_found" { // it will be made
		err = nil
	}
	return version, m.explain(ctx, nil, err)
}

// checkVersion refuses a server that lacks what we need.
func (m *Meilisearch) checkVersion(ctx context.Context, admin meilisearch.ServiceManager) (string, error) {
	var v *meilisearch.Version
	if err := m.call(ctx, func(ctx context.Context) (err error) { v, err = admin.VersionWithContext(ctx); return err }); err != nil {
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

// key answers the key of a purpose, made if it is not there or may do
// something else than we ask for now.
func (m *Meilisearch) key(ctx context.Context, admin meilisearch.ServiceManager, purpose string, actions, indexes []string) (*meilisearch.Key, error) {
	want := &meilisearch.Key{UID: keyUID(m.cfg.Prefix + purpose), Name: "Tidings " + m.cfg.Prefix + purpose, Actions: actions, Indexes: indexes,
		Description: "Made and used by Tidings; made again when it is deleted."}
	var have *meilisearch.Key
	get := func(ctx context.Context) (err error) { have, err = admin.GetKeyWithContext(ctx, want.UID); return err }
	err := m.call(ctx, get)
	if err == nil && sameList(have.Actions, actions) && sameList(have.Indexes, indexes) {
		return have, nil
	}
	if err == nil {
		err = m.call(ctx, func(ctx context.Context) error { _, err := admin.DeleteKeyWithContext(ctx, want.UID); return err })
	}
	if err != nil && code(err) != "api_key_not_found" {
		return nil, err
	}
	err = m.call(ctx, func(ctx context.Context) (err error) { have, err = admin.CreateKeyWithContext(ctx, want); return err })
	if code(err) == "api_key_already_exists" { // another process was faster
		err = m.call(ctx, get)
	}
	return have, err
}

func sameList(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// keyUID is a version 4 UUID (RFC 9562) that is always the same for a purpose,
// so that several processes share a key.
func keyUID(purpose string) string {
	b := sha256.Sum256([]byte("tidings search key " + purpose))
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// makeIndex creates an index unless it is there.
func (m *Meilisearch) makeIndex(ctx context.Context, admin meilisearch.ServiceManager, name string) (made bool, err error) {
	err = m.call(ctx, func(ctx context.Context) error { _, err := admin.GetIndexWithContext(ctx, name); return err })
	if code(err) != "index_not_found" {
		return false, err
	}
	err = m.manage(ctx, admin, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return admin.CreateIndexWithContext(ctx, &meilisearch.IndexConfig{Uid: name, PrimaryKey: "id"})
	})
	if code(err) == "index_already_exists" {
		return false, nil
	}
	return true, err
}

// manage sends a change of indexes or settings and waits for it.
func (m *Meilisearch) manage(ctx context.Context, admin meilisearch.ServiceManager, send func(ctx context.Context) (*meilisearch.TaskInfo, error)) error {
	var task *meilisearch.TaskInfo
	if err := m.call(ctx, func(ctx context.Context) (err error) { task, err = send(ctx); return err }); err != nil {
		return err
	}
	return m.await(ctx, admin, task.TaskUID)
}

// Reset implements Engine: an empty index is made beside the old one, with our
// settings, and takes its place in one step.
func (m *Meilisearch) Reset(ctx context.Context) error {
	l, unlock, err := m.begin(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return m.explain(ctx, l, m.reset(ctx, l.admin))
}

func (m *Meilisearch) reset(ctx context.Context, admin meilisearch.ServiceManager) error {
	var swaps []*meilisearch.SwapIndexesParams
	for _, name := range []string{m.clips(), m.comments()} {
		fresh := name + "_new"
		if err := m.dropIndex(ctx, admin, fresh); err != nil { // left by a reset that was cut off
			return err
		}
		if _, err := m.makeIndex(ctx, admin, fresh); err != nil {
			return err
		}
		if err := m.applySettings(ctx, admin, fresh, name == m.comments()); err != nil {
			return err
		}
		swaps = append(swaps, &meilisearch.SwapIndexesParams{Indexes: []string{name, fresh}})
	}
	err := m.manage(ctx, admin, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return admin.SwapIndexesWithContext(ctx, swaps)
	})
	if err != nil {
		return err
	}
	m.last.Store(nil)
	m.pending = 0
	m.lost("a reset was asked for")
	for _, name := range []string{m.clips(), m.comments()} {
		if err := m.dropIndex(ctx, admin, name+"_new"); err != nil {
			return err
		}
	}
	return nil
}

// dropIndex deletes an index, if it is there.
func (m *Meilisearch) dropIndex(ctx context.Context, admin meilisearch.ServiceManager, name string) error {
	err := m.manage(ctx, admin, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return admin.DeleteIndexWithContext(ctx, name)
	})
	if code(err) == "index_not_found" {
		return nil
	}
	return err
}

// begin takes the right to change documents.
func (m *Meilisearch) begin(ctx context.Context) (l *meiliLink, unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	select {
	case m.writing <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	unlock = func() { <-m.writing }
	if l, err = m.connect(ctx); err != nil {
		unlock()
		return nil, nil, err
	}
	return l, unlock, nil
}
