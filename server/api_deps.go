package server

import (
	"bytes"
	"context"
	"io"
	"io/fs"

	"tidings.example/tidings/api"
	apimedia "tidings.example/tidings/api/media"
	"tidings.example/tidings/media"
	"tidings.example/tidings/media/blob"
	"tidings.example/tidings/media/source"
	"tidings.example/tidings/search"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// The adapters below implement interfaces of api by the types of other packages.

// apiObjects is the bucket as the package api uses it.
type apiObjects struct{ s *blob.Store }

// Get implements apimedia.Objects.
func (o apiObjects) Get(ctx context.Context, key string, c apimedia.Conditions) (*apimedia.Object, error) {
	object, err := o.s.Get(ctx, key, blob.GetOptions{Range: c.Range, IfNoneMatch: c.IfNoneMatch, IfMatch: c.IfMatch})
	if err != nil {
		return nil, err
	}
	return apiObject(object.Info, object.Body), nil
}

// Head implements apimedia.Objects.
func (o apiObjects) Head(ctx context.Context, key string) (*apimedia.Object, error) {
	info, err := o.s.Head(ctx, key)
	if err != nil {
		return nil, err
	}
	return apiObject(info, nil), nil
}

// Put implements apimedia.Objects.
func (o apiObjects) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) error {
	return o.s.Plain().Put(ctx, key, body, size, contentType)
}

func apiObject(i blob.Info, body io.ReadCloser) *apimedia.Object {
	return &apimedia.Object{Size: i.Size, ETag: i.ETag, ContentType: i.ContentType, ContentRange: i.ContentRange, Body: body}
}

// apiOriginal is the source of originals as the package api uses it.
type apiOriginal struct{ s *source.Source }

// Stat implements apimedia.Original.
func (o apiOriginal) Stat(ctx context.Context, clip tidings.ID) (apimedia.OriginalInfo, error) {
	st, err := o.s.Stat(ctx, clip)
	return apimedia.OriginalInfo{Size: st.Size, Sealed: st.Sealed, ContentType: st.ContentType}, err
}

// Open implements apimedia.Original.
func (o apiOriginal) Open(ctx context.Context, clip tidings.ID, from, to int64) (io.ReadCloser, error) {
	return o.s.Open(ctx, clip, from, to)
}

// transcriptCacheBytes is the size of the transcript cache of searches: about
// four hundred clips of seven minutes.
const transcriptCacheBytes = 32 << 20

// apiSimilar is search by meaning as the package api uses it.
type apiSimilar struct {
	*search.SimilarSearch
	*search.Finder
}

// apiStores is the database for each interface of the package api.
func apiStores(s *store.Store) api.Stores {
	return api.Stores{
		Auth: s, Access: s, Passwords: s, Resets: s, Passkeys: s, OIDCAccounts: s,
		Setup: s, Uploads: s, Media: s, Pages: s, Accounts: s,
		Avatars: s, Tokens: s, Workspaces: s, WorkspaceSettings: s, Operators: s, Channels: s,
		ChannelAccess: s, Invites: s, Clips: s, ClipViews: s, Audience: s,
		Links: s, Guests: s, Comments: s, CommentAccess: s, Reactions: s,
		Segments: s, Transcripts: s, Glossaries: s, Engines: s, Searches: s, SavedSearches: s,
		SearchIndex: s, Notifications: s, Events: s, Idempotency: s,
	}
}

// apiDeps gives the package api what it uses of the other packages.
func (a *App) apiDeps(files fs.FS) api.Deps {
	finder := search.NewFinder(a.Store, transcriptCacheBytes)
	deps := api.Deps{
		Metrics: a.metrics,
		Avatars: apiAvatars{a.Blobs},
		Stores:  apiStores(a.Store), Uploads: a.source, Original: apiOriginal{a.source}, Objects: apiObjects{a.Blobs}, Search: a.search, SearchElsewhere: a.Config.Search == "meilisearch",
		Makers:  apimedia.Makers{Download: a.media.Download, Snippet: a.media.Snippet, Card: media.Card},
		Engines: a.speechEngines, Models: a.modelPuller,
		Moments: finder.Moments, Web: files, Ready: a.readyChecks(), CheckSpace: a.space.checkRecording,
	}
	if a.similar != nil {
		deps.Similar = apiSimilar{a.similar, finder}
	}

	if a.rebuilder != nil {
		deps.Reindex = a.rebuilder
	}

	if a.workers != nil { // a nil *transcribe.Remote in an interface is not nil
		deps.Workers = a.workers
	}

	deps.OptionalReady = map[string]func(context.Context) error{
		"space": func(context.Context) error { return a.space.checkRecording(0) }, "database-complete": a.checkComplete,
	}
	if a.oidc != nil {
		deps.OIDC, deps.OptionalReady["oidc"] = a.oidc, a.oidc.Ready
	}

	return deps
}

// checkComplete fails after a start found changes of the database to be missing,
// until an operator removes the record.
func (a *App) checkComplete(context.Context) error {
	l, err := a.Store.Loss()
	if err != nil || l == nil {
		return err
	}
	return *l
}

// readyChecks are the dependencies that /readyz checks. Speech engines are not
// among them: the server runs without, and `tidings doctor` reports them.
func (a *App) readyChecks() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{"database": a.Store.Ready, "storage": a.Blobs.Ready, "search": a.search.Ready}
}

// apiAvatars stores avatars in the bucket.
type apiAvatars struct {
	blobs *blob.Store
}

// AvatarKey implements apimedia.Avatars.
func (apiAvatars) AvatarKey(user tidings.ID, hash string) string { return store.AvatarKey(user, hash) }

// PutAvatar implements apimedia.Avatars.
func (v apiAvatars) PutAvatar(ctx context.Context, user tidings.ID, hash string, jpeg []byte) error {
	return v.blobs.Plain().Put(ctx, store.AvatarKey(user, hash), bytes.NewReader(jpeg), int64(len(jpeg)), "image/jpeg")
}
