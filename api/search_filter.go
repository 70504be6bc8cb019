package api

import (
	"context"
	"strings"
	"time"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// resolveNames resolves the names of people and channels in a query.
func (h *searchHandlers) resolveNames(ctx context.Context, ws tidings.ID) tidings.NameResolver {
	return tidings.NameResolver{
		Person:  func(name string) (tidings.ID, bool) { return h.findPerson(ctx, ws, name) },
		Channel: func(name string) (tidings.ID, bool) { return h.findChannel(ctx, ws, name) },
	}
}

// findPerson finds a member by "me", id, email or name, and else by the
// beginning of their name.
func (h *searchHandlers) findPerson(ctx context.Context, ws tidings.ID, name string) (tidings.ID, bool) {
	if strings.EqualFold(name, "me") {
		return request.SubjectOf(ctx).UserID, true
	}

	members, err := h.store.Members(ctx, ws)
	if err != nil || name == "" {
		return "", false
	}

	folded := strings.ToLower(name)
	for _, is := range []func(tidings.Member) bool{
		func(m tidings.Member) bool {
			return string(m.ID) == name || strings.ToLower(m.Email) == folded || strings.ToLower(m.Name) == folded
		},
		func(m tidings.Member) bool { return strings.HasPrefix(strings.ToLower(m.Name), folded) },
	} {
		for _, m := range members {
			if is(m) {
				return m.ID, true
			}
		}
	}

	return "", false
}

// findChannel finds a channel that the caller may see by its name or id.
func (h *searchHandlers) findChannel(ctx context.Context, ws tidings.ID, name string) (tidings.ID, bool) {
	all, err := h.store.Channels(ctx, request.SubjectOf(ctx), ws)
	folded := strings.ToLower(strings.TrimPrefix(name, "#"))
	for _, ch := range all {
		if err == nil && (strings.ToLower(ch.Name) == folded || string(ch.ID) == name) {
			return ch.ID, true
		}
	}
	return "", false
}

// applyCallerFilters turns the filters about the caller, which no engine knows,
// into lists of clips to include or exclude, so that pages neither overlap nor
// miss a clip. since is when the first page was requested: clips that the
// caller watches after that stay in the list. possible is false when no clip
// can match.
func (h *searchHandlers) applyCallerFilters(ctx context.Context, q *tidings.Query, since time.Time) (possible bool, err error) {
	who := request.SubjectOf(ctx)
	if q.Mine {
		if q.AuthorID != "" && q.AuthorID != who.UserID {
			return false, nil
		}
		q.AuthorID = who.UserID
	}

	if q.Unseen {
		if q.Except, err = h.store.SeenClips(ctx, q.WorkspaceID, who.UserID, since); err != nil {
			return false, err
		}
	}

	if q.Unanswered {
		ids, err := h.store.UnansweredClips(ctx, q.WorkspaceID)
		if err != nil || len(ids) == 0 {
			return false, err
		}

		q.Only = &ids
	}

	return true, nil
}
