// Package search finds the clips, and the moments in them, that match a query. An
// Engine holds an index and returns the matching clips in order. Everything else
// in an answer (moments, snippets) is found afterwards in the rows by Finder, so
// that times, HTML and permissions do not depend on the engine.
//
// The database is the source of truth: the index can be deleted and filled again
// at any time, and every hit is read again from the rows with the caller's rights
// before anything of it is returned. Indexer keeps the index up to date from the
// outbox.
//
// Embedded is the engine that needs no server: SQLite FTS5 in search.db in the
// data folder. Meilisearch is the other one.
package search

import (
	"context"
	"errors"
	"fmt"

	"tidings.example/tidings/tidings"
)

// Engine stores documents and finds them. Its methods may be called from many
// goroutines. searchtest checks an engine against this contract.
//
// The newest version wins: the engine remembers the version each clip was put or
// deleted with, and an older or equal version changes nothing, except that a
// deletion wins over a document of the same version.
type Engine interface {
	// Put stores documents, all or none. When it returns, Search finds them. A
	// document without ACL is refused.
	Put(ctx context.Context, docs []tidings.Document) error
	// Delete deletes clips as of a version each, whether they are stored or not.
	Delete(ctx context.Context, entries []tidings.OutboxEntry) error
	// Search returns the clips of q.WorkspaceID that have a token of q.ACL and
	// match, best first, each once, from q.Offset on, at most q.Limit; more says
	// whether others follow. A query without workspace or without ACL is an
	// error. A query without words lists the clips that pass its filters, newest
	// first. Text is data: no text makes an engine fail.
	Search(ctx context.Context, q tidings.Query) (hits []tidings.Hit, more bool, err error)
	// Versions lists the stored clips and their versions, ordered by id.
	Versions(ctx context.Context, after tidings.ID, limit int) ([]tidings.OutboxEntry, error)
	// Count is the number of stored clips of a workspace; "" = of all workspaces.
	Count(ctx context.Context, ws tidings.ID) (int, error)
	// Build opens the index that is filled beside the one in use, also one that an
	// earlier process has begun; fresh says that it is empty. There is one at a
	// time.
	Build(ctx context.Context) (b Build, fresh bool, err error)
	// Reset empties the index, versions of deleted clips included.
	Reset(ctx context.Context) error
	// Ready is nil when the engine can work.
	Ready(ctx context.Context) error
	// Epoch changes whenever the engine has begun an empty index, on request or
	// because the old one was damaged. The Indexer then fills it again.
	Epoch() int64
	// Name is the engine's name in the API: "embedded".
	Name() string
	Close() error
}

// Build is an index that is filled while another one is in use. Its methods are
// those of an Engine; Search finds nothing of it before Swap.
type Build interface {
	Put(ctx context.Context, docs []tidings.Document) error
	Delete(ctx context.Context, entries []tidings.OutboxEntry) error
	Versions(ctx context.Context, after tidings.ID, limit int) ([]tidings.OutboxEntry, error)
	Count(ctx context.Context, ws tidings.ID) (int, error)
	// Tidy optimizes the filled index, which may take a while.
	Tidy(ctx context.Context) error
	// Swap replaces the index in use by this one, in one step, and deletes the
	// old one. The engine's Epoch changes. The build is closed.
	Swap(ctx context.Context) error
	// Close keeps the index, to be opened again.
	Close() error
}

// Limits on a search.
const (
	MaxLimit        = 100 // hits a page
	maxTerms        = 10  // words and phrases that are searched
	maxTokens       = 64  // words and characters in all of them together
	enoughExactHits = 5   // exact hits from which on misspellings are not expanded
)

func checkQuery(q tidings.Query) error {
	if q.WorkspaceID == "" || len(q.ACL) == 0 {
		return errors.New("search: a query needs a workspace and what its caller may find")
	}
	return nil
}

func checkDocument(d tidings.Document) error {
	if d.ClipID == "" || d.WorkspaceID == "" || len(d.ACL) == 0 {
		return fmt.Errorf("search: clip %q lacks its id, its workspace or who may find it", d.ClipID)
	}
	return nil
}

// pageBounds is the page of a query with its limits applied.
func pageBounds(q tidings.Query) (offset, limit int) {
	if q.Limit < 1 || q.Limit > MaxLimit {
		q.Limit = MaxLimit
	}
	return max(0, q.Offset), q.Limit
}

// pageHits is the page of a query among the clips found; more reports that others
// follow.
func pageHits(found []tidings.ID, q tidings.Query) (hits []tidings.Hit, more bool) {
	offset, limit := pageBounds(q)
	from, to := min(offset, len(found)), min(offset+limit, len(found))
	hits = make([]tidings.Hit, to-from)
	for i, clip := range found[from:to] {
		hits[i].ClipID = clip
	}

	return hits, to < len(found)
}
