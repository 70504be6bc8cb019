package api

import (
	"context"
	"io/fs"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/media"
	"tidings.example/tidings/api/upload"
	"tidings.example/tidings/tidings"
)

// Deps are the other rooms as this one sees them; cmd/tidings fills them in.
type Deps struct {
	Stores   Stores
	Uploads  upload.Uploads
	Original media.Original
	Objects  media.Objects
	Avatars  media.Avatars
	media.Makers
	Search Searcher
	// SearchElsewhere says that the engine works in another process.
	SearchElsewhere bool

	// Engines are the speech engines of this server, best first.
	Engines func() []tidings.SpeechEngine
	Workers Workers // transcription on other machines; nil = none
	Models  Models  // what engines need; nil = none
	// Moments are the places in each of some documents, which come without their
	// transcripts, that match a query: at most three.
	Moments func(context.Context, []tidings.Document, tidings.Query) ([][]tidings.Moment, error)
	// Reindex fills the search index anew; nil = not in this process.
	Reindex Reindexer

	Web  fs.FS             // the built web app (dist or its parent); nil = none
	OIDC auth.OIDCProvider // the OpenID provider; nil = none

	Metrics Metrics

	Ready         map[string]func(ctx context.Context) error // what /readyz asks
	OptionalReady map[string]func(ctx context.Context) error // what it reports too, though the server does without
}

// Reindexer fills the search index in the background.
type Reindexer interface {
	Begin() error // KindConflict while it runs
	Running() bool
}

// Searcher finds clips; see search.Engine.
type Searcher interface {
	Search(ctx context.Context, q tidings.Query) (hits []tidings.Hit, more bool, err error)
	Count(ctx context.Context, ws tidings.ID) (int, error)
	Name() string
}
