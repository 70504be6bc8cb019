package store

import (
	"context"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// SeenClips are the clips of a workspace that a person had watched by a time,
// and their own.
func (s SearchRows) SeenClips(ctx context.Context, ws, user tidings.ID, until time.Time) ([]tidings.ID, error) {
	ids, err := s.queries().SeenClips(ctx, dbq.SeenClipsParams{Viewer: string(user), UntilMs: tidings.Millis(until), WorkspaceID: string(ws)})
	out := make([]tidings.ID, len(ids))
	for i, id := range ids {
		out[i] = tidings.ID(id)
	}
	return out, err
}

// SavedSearches are a person's saved searches in a workspace, oldest first.
func (s SearchRows) SavedSearches(ctx context.Context, ws, user tidings.ID) ([]tidings.SavedSearch, error) {
	rows, err := s.queries().SavedSearchesOf(ctx, dbq.SavedSearchesOfParams{UserID: string(user), WorkspaceID: string(ws)})
	out := make([]tidings.SavedSearch, len(rows))
	for i, r := range rows {
		out[i] = tidings.SavedSearch{ID: tidings.ID(r.ID), WorkspaceID: tidings.ID(r.WorkspaceID), UserID: tidings.ID(r.UserID), Name: r.Name,
			Query: r.Query, Newest: r.Newest, CreatedAt: tidings.FromMillis(r.CreatedMs)}
	}
	return out, err
}

// AddSavedSearch stores a search. More than MaxSavedSearches are KindConflict.
func (s SearchRows) AddSavedSearch(ctx context.Context, v tidings.SavedSearch) error {
	return s.InTx(ctx, func(tx Tx) error {
		have, err := tx.SavedSearchesOf(ctx, dbq.SavedSearchesOfParams{UserID: string(v.UserID), WorkspaceID: string(v.WorkspaceID)})
		if err != nil {
			return err
		}
		if len(have) >= tidings.MaxSavedSearches {
			return tidings.Errorf(tidings.KindConflict, "You keep %d searches here. Delete one first.", len(have))
		}
		return tx.InsertSavedSearch(ctx, dbq.InsertSavedSearchParams{ID: string(v.ID), WorkspaceID: string(v.WorkspaceID), UserID: string(v.UserID),
			Name: v.Name, Query: v.Query, Newest: v.Newest, CreatedMs: tidings.Millis(v.CreatedAt)})
	})
}

// DeleteSavedSearch deletes a person's search; one of another person is
// KindNotFound.
func (s SearchRows) DeleteSavedSearch(ctx context.Context, ws, user, id tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.DeleteSavedSearch(ctx, dbq.DeleteSavedSearchParams{ID: string(id), UserID: string(user), WorkspaceID: string(ws)})
		return requireChange(n, err, tidings.NotFound())
	})
}
