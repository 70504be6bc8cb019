package api

import (
	"context"
	"io/fs"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/media"
	"tidings.example/tidings/api/upload"
	"tidings.example/tidings/tidings"
)

// Deps are what api uses of other packages; package server sets them.
type Deps struct {
	Stores  Stores
	Uploads interface {
		upload.Uploads
		Continuer
	}
	Original media.Original
	Objects  media.Objects
	Avatars  media.Avatars
	media.Makers
	Search Searcher
	// SearchElsewhere says that the search engine runs in another process.
	SearchElsewhere bool

	// Engines are the speech engines of this server, best first.
	Engines func() []tidings.SpeechEngine
	Workers Workers // transcription on other machines; nil = none
	Models  Models  // models of speech engines; nil = none
	// Moments are the places in each document that match a query, at most
	// three. The documents come without their transcripts.
	Moments func(context.Context, []tidings.Document, tidings.Query) ([][]tidings.Moment, error)
	Similar Similar // finds clips by meaning; nil = nothing does
	// Reindex rebuilds the search index; nil = not in this process.
	Reindex Reindexer

	Web  fs.FS             // the built web app (dist or its parent); nil = none
	OIDC auth.OIDCProvider // the OpenID provider; nil = none

	Metrics Metrics

	// CheckSpace returns an error of KindStorageFull while no new recording of at
	// least size bytes may begin; nil = one always may.
	CheckSpace func(size int64) error

	Ready         map[string]func(ctx context.Context) error // required checks of /readyz
	OptionalReady map[string]func(ctx context.Context) error // checks it reports without requiring them
}
