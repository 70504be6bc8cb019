package api

import (
	"context"
	"maps"

	"tidings.example/tidings/tidings"
)

// clip is the one way to a clip: every row, byte and event of it passes here.
// What the caller may not see and what is not there get the same answer; what
// they may see but not do is forbidden. Call it before anything else is read.
// It is about whole clips: a link that shows but a part opens nothing here, so
// a new route is closed to such links until it asks part instead.
func (s *server) clip(ctx context.Context, id string, act tidings.Action) (tidings.ClipAccess, error) {
	clip, ok := tidings.ParseID(id)
	if !ok {
		return tidings.ClipAccess{}, tidings.NotFound()
	}
	return s.allow(ctx, subjectOf(ctx).WithoutSnippet(), clip, act)
}

// visible is clip for many at once: the grants of those the caller may see.
// Replies are not among them.
func (s *server) visible(ctx context.Context, clips []tidings.ID) (map[tidings.ID]tidings.ClipAccess, error) {
	who := subjectOf(ctx).WithoutSnippet()
	grants, err := s.Store.ClipAccesses(ctx, clips, who.UserID)
	now := s.Clock()
	maps.DeleteFunc(grants, func(_ tidings.ID, g tidings.ClipAccess) bool { return !tidings.Allowed(who, g, tidings.ActView, now) })
	return grants, err
}

// allow is clip for a given subject.
func (s *server) allow(ctx context.Context, who tidings.Subject, clip tidings.ID, act tidings.Action) (tidings.ClipAccess, error) {
	g, err := s.Store.ClipAccess(ctx, clip, who.UserID)
	if err != nil {
		return g, err
	}

	if inside, err := s.inSnippet(ctx, who, clip); err != nil {
		return g, err
	} else if !inside {
		who = who.WithoutSnippet()
	}

	now := s.Clock()
	if !tidings.Allowed(who, g, tidings.ActView, now) {
		return g, tidings.NotFound()
	}
	if !tidings.Allowed(who, g, act, now) {
		return g, tidings.Errorf(tidings.KindForbidden, "You may see this clip, but not do this.")
	}

	return g, nil
}

// nothing is the answer about a part of a clip that is not there, after the
// access check of another clip, whatever that says: the time it takes does not
// tell whether the part is hidden.
func (s *server) nothing(ctx context.Context, other tidings.ID, act tidings.Action) error {
	if _, _, err := s.part(ctx, string(other), act); tidings.KindOf(err) == tidings.KindInternal {
		return err
	}
	return tidings.NotFound()
}

// still is asked by long answers: whether the caller may go on. A link that
// shows another part by now has other bytes.
func (s *server) still(ctx context.Context, clip tidings.ID, act tidings.Action) error {
	who, err := s.again(ctx)
	if err != nil {
		return err
	}
	was, is := subjectOf(ctx).SnippetOf(clip), who.SnippetOf(clip)
	if (was == nil) != (is == nil) || was != nil && *was != *is {
		return tidings.NotFound()
	}
	_, err = s.allow(ctx, who, clip, act)
	return err
}

// role is the caller's role in a workspace; strangers to it get the answer of
// a workspace that is not there.
func role(ctx context.Context, ws string) (tidings.ID, tidings.Role, error) {
	id, ok := tidings.ParseID(ws)
	if r := subjectOf(ctx).Roles[id]; ok && r != "" {
		return id, r, nil
	}
	return "", "", tidings.NotFound()
}

// only is the workspace named by a query, or the only one the caller is in.
func only(ctx context.Context, ws *string) (tidings.ID, error) {
	if ws != nil && *ws != "" {
		id, _, err := role(ctx, *ws)
		return id, err
	}

	roles := subjectOf(ctx).Roles
	if len(roles) != 1 {
		return "", tidings.Invalid("workspace", "Say which workspace.")
	}

	for id := range roles {
		return id, nil
	}

	return "", nil
}
