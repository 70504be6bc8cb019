// Package search finds the clips, and the places in them, where something was
// said or written. An Engine holds an index and says which clips match, in
// what order; everything a person sees of a match (the moment, the marked
// snippet) is found in the rows afterwards by Moments, so times, HTML and
// permissions are the same whichever engine ranks.
//
// The index is never the truth: it can be thrown away and filled again from
// the rows at any time, and every hit is read again from the rows with the
// caller's rights before anything of it is shown. Indexer keeps it up to date
// from the outbox.
//
// Embedded is the engine that needs no server: SQLite FTS5 in search.db in the
// data folder.
package search

import (
	"context"
	"errors"
	"fmt"

	"tidings.example/tidings/tidings"
)

// Engine holds documents and finds them. Its methods may be called from many
// goroutines. searchtest checks an engine against this contract.
//
// The newest version wins: the engine remembers the version each clip was put
// or deleted with, and what comes later with an older or the same one changes
// nothing, except that a deletion wins over a document of the same version.
type Engine interface {
	// Put stores documents whole. When it returns, Search finds them. All of
	// them are stored or none; a document without ACL is refused.
	Put(ctx context.Context, docs []tidings.Document) error
	// Delete drops clips as of a version each, whether they are there or not.
	Delete(ctx context.Context, entries []tidings.OutboxEntry) error
	// Search answers the clips of q.WorkspaceID that carry a token of q.ACL and
	// match, best first, each once, from q.Offset on, at most q.Limit; more says
	// whether there are any behind them. A query without workspace or without
	// ACL is an error. A query without words lists what its filters allow,
	// newest first. Text is data: there is none that makes an engine fail.
	Search(ctx context.Context, q tidings.Query) (hits []tidings.Hit, more bool, err error)
	// Versions pages through the clips it can find and their versions, by id.
	Versions(ctx context.Context, after tidings.ID, limit int) ([]tidings.OutboxEntry, error)
	// Count is how many clips of a workspace it can find; "" = of all together.
	Count(ctx context.Context, ws tidings.ID) (int, error)
	// Build opens the index that is filled beside the one that is searched,
	// also one that an earlier process has begun; fresh says that it is empty.
	// There is one at a time.
	Build(ctx context.Context) (b Build, fresh bool, err error)
	// Reset empties the index, memories of deleted clips included.
	Reset(ctx context.Context) error
	// Ready is nil when the engine can work.
	Ready(ctx context.Context) error
	// Epoch changes whenever the engine has begun an empty index: when asked to,
	// or because the old one was damaged. Whoever sees it change fills the index.
	Epoch() int64
	// Name is the engine's name in the API: "embedded".
	Name() string
	Close() error
}

// Build is an index that is filled while another one is searched. Its methods
// are those of an Engine, and nobody finds anything in it before Swap.
type Build interface {
	Put(ctx context.Context, docs []tidings.Document) error
	Delete(ctx context.Context, entries []tidings.OutboxEntry) error
	Versions(ctx context.Context, after tidings.ID, limit int) ([]tidings.OutboxEntry, error)
	Count(ctx context.Context, ws tidings.ID) (int, error)
	// Tidy puts it in order once it is filled, which may take a while.
	Tidy(ctx context.Context) error
	// Swap lets it take the place of the index that is searched, in one step,
	// and drops that one. The engine's Epoch changes. The build is closed.
	Swap(ctx context.Context) error
	// Close leaves it as it is, to be opened again.
	Close() error
}

// Limits on a search.
const (
	MaxLimit        = 100 // hits a page
	maxTerms        = 10  // words and phrases that are looked at
	maxTokens       = 64  // words and characters in all of them together
	enoughExactHits = 5   // exact hits that make typos uninteresting
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
