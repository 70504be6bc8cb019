package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/search/fold"
	"tidings.example/tidings/tidings"
)

// resolveNames resolves the names of people and channels in a query.
func (h *searchHandlers) resolveNames(ctx context.Context, ws tidings.ID) tidings.NameResolver {
	return tidings.NameResolver{
		Person:  func(name string) (tidings.ID, bool, error) { return h.findPerson(ctx, ws, name) },
		Channel: func(name string) (tidings.ID, bool, error) { return h.findChannel(ctx, ws, name) },
	}
}

// findPerson finds a member by "me", id, email or name, and else by the
// beginning or by words of their name. For a guest of the workspace nobody else
// has an email address, and there are only those who speak on what they may see.
func (h *searchHandlers) findPerson(ctx context.Context, ws tidings.ID, name string) (id tidings.ID, found bool, err error) {
	if strings.EqualFold(name, "me") {
		return request.SubjectOf(ctx).UserID, true, nil
	}

	members, err := h.membersFor(ctx, ws)
	if err != nil || name == "" {
		return "", false, err
	}

	best := fold.NoName
	for _, m := range members {
		if string(m.ID) == name || m.Email != "" && strings.EqualFold(m.Email, name) {
			return m.ID, true, nil
		}
		if match := fold.MatchName(m.Name, name); match < best {
			id, best = m.ID, match
		}
	}

	return id, best != fold.NoName, nil
}

// membersFor are the members of a workspace whom the caller may know of.
func (h *searchHandlers) membersFor(ctx context.Context, ws tidings.ID) ([]tidings.Member, error) {
	members, err := h.store.Members(ctx, ws)
	who := request.SubjectOf(ctx)
	if err != nil || who.Roles[ws] != tidings.RoleGuest {
		return members, err
	}

	speakers, err := h.store.SpeakersSeenBy(ctx, who.UserID, ws)
	members = slices.DeleteFunc(members, func(m tidings.Member) bool { return m.ID != who.UserID && !speakers[m.ID] })
	for i := range members {
		if members[i].ID != who.UserID {
			members[i].Email = ""
		}
	}

	return members, err
}

// findChannel finds a channel that the caller may see by its name or id.
func (h *searchHandlers) findChannel(ctx context.Context, ws tidings.ID, name string) (tidings.ID, bool, error) {
	all, err := h.store.Channels(ctx, request.SubjectOf(ctx), ws)
	if err != nil {
		return "", false, err
	}

	name = strings.TrimPrefix(name, "#")
	i := slices.IndexFunc(all, func(ch tidings.Channel) bool { return string(ch.ID) == name || strings.EqualFold(ch.Name, name) })
	if i < 0 {
		i = slices.IndexFunc(all, func(ch tidings.Channel) bool { return fold.EqualNames(ch.Name, name) })
	}
	if i < 0 {
		return "", false, nil
	}

	return all[i].ID, true, nil
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
