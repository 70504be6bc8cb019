package api

import (
	"context"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// SearchIndexStore is what searchIndexHandlers needs of the rows.
type SearchIndexStore interface {
	IndexBacklog(ctx context.Context, ws tidings.ID) (tidings.IndexBacklog, error)
	IndexBuild(ctx context.Context, engine string) (tidings.IndexBuild, error) // KindNotFound = none
}

// searchIndexHandlers serves the state of the search index and its rebuild.
type searchIndexHandlers struct {
	store       SearchIndexStore
	operators   *operatorCheck
	access      *auth.Access
	clock       tidings.Clock
	readyChecks map[string]func(ctx context.Context) error
	reindexer   Reindexer
	search      Searcher
}

// requireWorkspaceAdmin is the workspace, if the caller is one of its owners or
// admins. Other members get KindForbidden.
func requireWorkspaceAdmin(ctx context.Context, ws string) (tidings.ID, error) {
	id, r, err := auth.RoleIn(ctx, ws)
	if err == nil && r != tidings.RoleOwner && r != tidings.RoleAdmin {
		err = tidings.Errorf(tidings.KindForbidden, "Only owners and admins of the workspace may see this.")
	}
	return id, err
}

// GetSearchIndex is GET /workspaces/{ws}/search-index: the state of the index
// as far as the workspace is concerned. Clips of other workspaces are not
// counted.
func (h *searchIndexHandlers) GetSearchIndex(ctx context.Context, r spec.GetSearchIndexRequestObject) (spec.GetSearchIndexResponseObject, error) {
	ws, err := requireWorkspaceAdmin(ctx, r.Ws)
	if err != nil {
		return nil, err
	}

	b, err := h.store.IndexBacklog(ctx, ws)
	if err != nil {
		return nil, err
	}

	out := spec.SearchIndex{Engine: h.search.Name(), State: "ready", Clips: b.Clips, Pending: b.Pending, Failed: []spec.IndexFailure{}}
	if b.Since != nil {
		out.LagMs = max(0, h.clock().Sub(*b.Since).Milliseconds())
	}

	n, err := h.search.Count(ctx, ws)
	if err == nil {
		out.Documents = &n
		err = h.searchReady(ctx)
	}

	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		out.State, out.Problem = "down", spec.OrNil(tidings.Sentence(err))
	}

	for _, f := range b.Failed {
		out.Failed = append(out.Failed, h.indexFailure(ctx, f))
	}

	if out.Rebuild, err = h.indexRebuild(ctx); err != nil {
		return nil, err
	}

	if h.reindexer != nil {
		out.Can.Rebuild, err = h.operators.isOperator(ctx, request.SubjectOf(ctx))
	}

	return spec.GetSearchIndex200JSONResponse(out), err
}

// searchReady is the readiness check of the engine, if there is one.
func (h *searchIndexHandlers) searchReady(ctx context.Context) error {
	if ready := h.readyChecks["search"]; ready != nil {
		return ready(ctx)
	}
	return nil
}

// indexFailure includes the title of the clip only if the caller may see it.
func (h *searchIndexHandlers) indexFailure(ctx context.Context, f tidings.IndexFailure) spec.IndexFailure {
	out := spec.IndexFailure{ClipID: f.ClipID, Reason: f.Reason, Tries: f.Tries, At: spec.Instant(f.At)}
	if _, err := h.access.AuthorizeClip(ctx, string(f.ClipID), tidings.ActView); err == nil {
		out.Title = &f.Title
	}
	return out
}

// indexRebuild is the index under construction, or one that a stopped process
// left; nil = none.
func (h *searchIndexHandlers) indexRebuild(ctx context.Context) (*spec.IndexRebuild, error) {
	b, err := h.store.IndexBuild(ctx, h.search.Name())
	if tidings.KindOf(err) == tidings.KindNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}

	share := 0.0
	if b.Total > 0 {
		share = min(1, float64(b.Done)/float64(b.Total))
	}

	running := h.reindexer != nil && h.reindexer.Running()
	return &spec.IndexRebuild{Running: running, Progress: float32(share), StartedAt: spec.Instant(b.StartedAt), UpdatedAt: spec.Instant(b.UpdatedAt)}, nil
}

// RebuildSearchIndex is POST /workspaces/{ws}/search-index/rebuild. The index
// is the whole server's, so operators alone may rebuild it.
func (h *searchIndexHandlers) RebuildSearchIndex(ctx context.Context, r spec.RebuildSearchIndexRequestObject) (spec.RebuildSearchIndexResponseObject, error) {
	if _, err := requireWorkspaceAdmin(ctx, r.Ws); err != nil {
		return nil, err
	}

	ok, err := h.operators.isOperator(ctx, request.SubjectOf(ctx))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, tidings.Errorf(tidings.KindForbidden, "Only owners and admins of this server's first workspace may fill the index anew.")
	}
	if h.reindexer == nil {
		return nil, tidings.Errorf(tidings.KindUnavailable, "This server does not fill the index; run “tidings reindex” where the role index is.")
	}
	if err := h.reindexer.Begin(); err != nil {
		return nil, err
	}

	return spec.RebuildSearchIndex202Response{}, nil
}

// Reindexer rebuilds the search index in the background.
type Reindexer interface {
	Begin() error // KindConflict while it runs
	Running() bool
}
