package auth

import (
	"context"
	"maps"
	"time"

	"tidings.example/tidings/api/request"
	"tidings.example/tidings/tidings"
)

// AccessStore is what the access check reads of the rows.
type AccessStore interface {
	ClipAccess(ctx context.Context, clip, user tidings.ID) (tidings.ClipAccess, error)
	ClipAccesses(ctx context.Context, clips []tidings.ID, user tidings.ID) (map[tidings.ID]tidings.ClipAccess, error) // of existing clips that are no replies
	CommentOfReply(ctx context.Context, clip tidings.ID) (tidings.Comment, error)                                     // KindNotFound when the clip is no reply
	Comment(ctx context.Context, id tidings.ID) (tidings.Comment, error)
}

// Access is the access check of clips. Every handler that serves something of a
// clip asks it before it reads anything else.
type Access struct {
	store         AccessStore
	authenticator *Authenticator
	clock         tidings.Clock
}

// NewAccess makes the access check.
func NewAccess(store AccessStore, a *Authenticator, clock tidings.Clock) *Access {
	return &Access{store: store, authenticator: a, clock: clock}
}

// AuthorizeClip is the access check of a whole clip. A clip that the caller may
// not see is KindNotFound, like one that does not exist; an action they may not
// do with a clip they see is KindForbidden. Links to a snippet open nothing
// here: a route that serves snippets asks AuthorizeClipOrSnippet.
func (a *Access) AuthorizeClip(ctx context.Context, id string, act tidings.Action) (tidings.ClipAccess, error) {
	clip, ok := tidings.ParseID(id)
	if !ok {
		return tidings.ClipAccess{}, tidings.NotFound()
	}
	return a.AuthorizeSubject(ctx, request.SubjectOf(ctx).WithoutSnippet(), clip, act)
}

// AuthorizeClipOrSnippet is AuthorizeClip for handlers that also serve snippets:
// the span is the snippet that the caller's link opens, beyond which nothing may
// be served; nil = the whole clip.
func (a *Access) AuthorizeClipOrSnippet(ctx context.Context, id string, act tidings.Action) (tidings.ClipAccess, *tidings.Span, error) {
	clip, ok := tidings.ParseID(id)
	if !ok {
		return tidings.ClipAccess{}, nil, tidings.NotFound()
	}
	who := request.SubjectOf(ctx)
	g, err := a.AuthorizeSubject(ctx, who, clip, act)
	return g, who.SnippetOf(clip), err
}

// VisibleClips is AuthorizeClip for many clips: the access of those that the
// caller may see. Replies are not among them.
func (a *Access) VisibleClips(ctx context.Context, clips []tidings.ID) (map[tidings.ID]tidings.ClipAccess, error) {
	who := request.SubjectOf(ctx).WithoutSnippet()
	accesses, err := a.store.ClipAccesses(ctx, clips, who.UserID)
	now := a.clock()
	maps.DeleteFunc(accesses, func(_ tidings.ID, g tidings.ClipAccess) bool { return !tidings.Allowed(who, g, tidings.ActView, now) })
	return accesses, err
}

// AuthorizeSubject is AuthorizeClipOrSnippet for a given subject.
func (a *Access) AuthorizeSubject(ctx context.Context, who tidings.Subject, clip tidings.ID, act tidings.Action) (tidings.ClipAccess, error) {
	g, err := a.store.ClipAccess(ctx, clip, who.UserID)
	if err != nil {
		return g, err
	}

	if inside, err := a.snippetReaches(ctx, who, clip); err != nil {
		return g, err
	} else if !inside {
		who = who.WithoutSnippet()
	}

	now := a.clock()
	if !tidings.Allowed(who, g, tidings.ActView, now) {
		return g, tidings.NotFound()
	}
	if !tidings.Allowed(who, g, act, now) {
		return g, tidings.Errorf(tidings.KindForbidden, "You may see this clip, but not do this.")
	}

	return g, nil
}

// NotFoundInConstantTime is KindNotFound after the access check of another clip.
// The time the answer takes does not reveal whether a row exists that the caller
// may not see.
func (a *Access) NotFoundInConstantTime(ctx context.Context, other tidings.ID, act tidings.Action) error {
	if _, _, err := a.AuthorizeClipOrSnippet(ctx, string(other), act); tidings.KindOf(err) == tidings.KindInternal {
		return err
	}
	return tidings.NotFound()
}

// Recheck repeats the access check with the caller's credentials read again, for
// long answers. A link whose snippet has changed since is KindNotFound.
func (a *Access) Recheck(ctx context.Context, clip tidings.ID, act tidings.Action) error {
	who, err := a.authenticator.ReloadSubject(ctx)
	if err != nil {
		return err
	}
	before, now := request.SubjectOf(ctx).SnippetOf(clip), who.SnippetOf(clip)
	if (before == nil) != (now == nil) || before != nil && *before != *now {
		return tidings.NotFound()
	}

	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()

	_, err = a.AuthorizeSubject(ctx, who, clip, act)
	return err
}

// RoleIn is the caller's role in a workspace, and KindNotFound for all who have
// none.
func RoleIn(ctx context.Context, ws string) (tidings.ID, tidings.Role, error) {
	id, ok := tidings.ParseID(ws)
	if r := request.SubjectOf(ctx).Roles[id]; ok && r != "" {
		return id, r, nil
	}
	return "", "", tidings.NotFound()
}

// SoleWorkspace is the workspace named by a query, or the caller's only one.
func SoleWorkspace(ctx context.Context, ws *string) (tidings.ID, error) {
	if ws != nil && *ws != "" {
		id, _, err := RoleIn(ctx, *ws)
		return id, err
	}

	roles := request.SubjectOf(ctx).Roles
	if len(roles) != 1 {
		return "", tidings.Invalid("workspace", "Say which workspace.")
	}

	for id := range roles {
		return id, nil
	}

	return "", nil
}
