package api

import (
	"context"
	"strings"
	"time"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// resolveNames finds people and channels by what they are called in a query.
func (h *searchHandlers) resolveNames(ctx context.Context, ws tidings.ID) tidings.NameResolver {
	return tidings.NameResolver{
		Person:  func(name string) (tidings.ID, bool) { return h.findPerson(ctx, ws, name) },
		Channel: func(name string) (tidings.ID, bool) { return h.findChannel(ctx, ws, name) },
	}
}

// findPerson finds a member by "me", their id, their email, their name or, if
// nobody is called just so, the beginning of it.
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

// findChannel finds a channel that the caller may see by its name or its id.
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

// applyCallerFilters turns the filters that are about the caller, which no engine knows,
// into clips the engine may or may not answer. So the engine pages through just
// what is asked for, and pages neither overlap nor leave anything out. since is
// when the first page was asked for: what the caller has watched after that
// stays in the list while they go on through it. possible is false when no clip
// can fit.
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
