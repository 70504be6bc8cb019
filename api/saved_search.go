package api

import (
	"context"
	"strings"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// SavedSearchStore is what savedSearchHandlers needs of the rows.
type SavedSearchStore interface {
	AddSavedSearch(ctx context.Context, v tidings.SavedSearch) error // KindConflict when there are too many
	DeleteSavedSearch(ctx context.Context, ws, user, id tidings.ID) error
	SavedSearches(ctx context.Context, ws, user tidings.ID) ([]tidings.SavedSearch, error)
}

// savedSearchHandlers serves saved searches.
type savedSearchHandlers struct {
	store SavedSearchStore
	clock tidings.Clock
}

func savedSearchJSON(v tidings.SavedSearch) spec.SavedSearch {
	sort := "relevance"
	if v.Newest {
		sort = "newest"
	}
	return spec.SavedSearch{ID: v.ID, Name: v.Name, Query: v.Query, Sort: sort, CreatedAt: spec.Instant(v.CreatedAt)}
}

// ListSavedSearches is GET /workspaces/{ws}/saved-searches: the caller's own.
func (h *savedSearchHandlers) ListSavedSearches(ctx context.Context, r spec.ListSavedSearchesRequestObject) (spec.ListSavedSearchesResponseObject, error) {
	ws, _, err := auth.RoleIn(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	all, err := h.store.SavedSearches(ctx, ws, request.SubjectOf(ctx).UserID)
	if err != nil {
		return nil, err
	}
	items, next, err := pageOf(all, func(v tidings.SavedSearch) string { return string(v.ID) }, true, r.Params.Limit, r.Params.Cursor)
	return spec.ListSavedSearches200JSONResponse{Items: spec.Map(items, savedSearchJSON), NextCursor: next}, err
}

// CreateSavedSearch is POST /workspaces/{ws}/saved-searches. The query is not
// parsed: its people and channels may change before it is used.
func (h *savedSearchHandlers) CreateSavedSearch(ctx context.Context, r spec.CreateSavedSearchRequestObject) (spec.CreateSavedSearchResponseObject, error) {
	ws, _, err := auth.RoleIn(ctx, r.Ws)
	if err != nil {
		return nil, err
	}

	now := h.clock()
	v := tidings.SavedSearch{ID: tidings.NewID(now), WorkspaceID: ws, UserID: request.SubjectOf(ctx).UserID, Name: strings.TrimSpace(spec.Deref(r.Body.Name)),
		Query: strings.TrimSpace(r.Body.Query), Newest: spec.Deref(r.Body.Sort) == "newest", CreatedAt: now}
	if v.Name == "" {
		v.Name = validateSearchName(v.Query)
	}

	if err := v.Validate(); err != nil {
		return nil, err
	}

	answer := spec.CreateSavedSearch201JSONResponse(savedSearchJSON(v))
	claimed, err := request.ClaimForAnswer(ctx, answer)
	if err != nil {
		return nil, err
	}

	return answer, h.store.AddSavedSearch(claimed, v)
}

// validateSearchName is the name of a search without one.
func validateSearchName(query string) string {
	if all := []rune(query); len(all) > tidings.MaxSavedName {
		return string(all[:tidings.MaxSavedName-1]) + "…"
	}
	return query
}

// DeleteSavedSearch is DELETE /workspaces/{ws}/saved-searches/{id}.
func (h *savedSearchHandlers) DeleteSavedSearch(ctx context.Context, r spec.DeleteSavedSearchRequestObject) (spec.DeleteSavedSearchResponseObject, error) {
	ws, _, err := auth.RoleIn(ctx, r.Ws)
	if err != nil {
		return nil, err
	}
	id, ok := tidings.ParseID(r.ID)
	if !ok {
		return nil, tidings.NotFound()
	}
	return spec.DeleteSavedSearch204Response{}, h.store.DeleteSavedSearch(ctx, ws, request.SubjectOf(ctx).UserID, id)
}
