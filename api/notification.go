package api

import (
	"context"
	"slices"
	"time"

	"tidings.example/tidings/api/auth"
	"tidings.example/tidings/api/request"
	"tidings.example/tidings/api/spec"
	"tidings.example/tidings/tidings"
)

// notificationStore is what notificationHandlers reads and writes of the rows.
type notificationStore interface {
	Asset(ctx context.Context, clip tidings.ID, name string) (tidings.Asset, error)
	Clip(ctx context.Context, id tidings.ID) (tidings.Clip, error) // also in the trash
	ClipReactions(ctx context.Context, clip tidings.ID) ([]tidings.Reaction, error)
	Comment(ctx context.Context, id tidings.ID) (tidings.Comment, error)
	MarkNotificationsSeen(ctx context.Context, user tidings.ID, which []tidings.ID) error
	MarkNotificationsSeenUntil(ctx context.Context, user tidings.ID, until time.Time) error
	Notifications(ctx context.Context, f tidings.NotificationFilter) (items []tidings.Notification, next string, err error)
}

// notificationHandlers serves the inbox of the caller.
type notificationHandlers struct {
	store  notificationStore
	access *auth.Access
}

// maxUnread is as far as unread notifications are counted.
const maxUnread = 100

// maxExcerpt is how much of a comment a notification shows, in characters.
const maxExcerpt = 500

// maxEmoji is how many different reactions a notification shows.
const maxEmoji = 8

// inbox reads the notifications of the caller: each only while they may see
// what it is about. A clip is asked about once.
type inbox struct {
	s     *notificationHandlers
	clips map[tidings.ID]*spec.ShortClip // nil = may not be seen
}

func (h *notificationHandlers) inbox() *inbox {
	return &inbox{s: h, clips: map[tidings.ID]*spec.ShortClip{}}
}

// clip is what is shown of a clip; nil when the caller may not see it.
func (b *inbox) clip(ctx context.Context, id tidings.ID) (*spec.ShortClip, error) {
	if c, known := b.clips[id]; known {
		return c, nil
	}

	g, err := b.s.access.AuthorizeClip(ctx, string(id), tidings.ActView)
	if tidings.KindOf(err) == tidings.KindNotFound || err == nil && g.Trashed {
		b.clips[id] = nil
		return nil, nil
	}
	if err != nil {
		return nil, err
	}

	c, err := b.s.store.Clip(ctx, id)
	if err != nil {
		return nil, err
	}

	_, err = b.s.store.Asset(ctx, id, "poster.jpg")
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return nil, err
	}

	short := shortClip(request.FromContext(ctx), c, err == nil)
	b.clips[id] = &short

	return &short, nil
}

// comment is the comment a notification is about; nil when it no longer
// stands.
func (b *inbox) comment(ctx context.Context, id tidings.ID) (*tidings.Comment, error) {
	c, err := b.s.store.Comment(ctx, id)
	if tidings.KindOf(err) == tidings.KindNotFound || err == nil && !c.IsVisible() {
		return nil, nil
	}

	if err == nil && c.AtMS == nil && c.ParentID != "" { // it stands where its thread does
		root, rerr := b.s.store.Comment(ctx, c.ParentID)
		if c.AtMS = root.AtMS; tidings.KindOf(rerr) != tidings.KindNotFound {
			err = rerr
		}
	}

	return &c, err
}

// json is a notification as it is shown; ok is false when it may not be.
func (b *inbox) json(ctx context.Context, n tidings.Notification) (out spec.Notification, ok bool, err error) {
	clip, err := b.clip(ctx, n.ClipID)
	if err != nil || clip == nil {
		return out, false, err
	}

	out = spec.Notification{ID: n.ID, Kind: spec.NotificationKind(n.Kind), Clip: *clip, Actor: spec.AuthorOf(n.Actor), Emoji: []string{},
		CreatedAt: spec.Instant(n.CreatedAt), SeenAt: spec.InstantOrNil(n.SeenAt), URL: clipURL(n.ClipID, 0)}

	var reactions []tidings.Reaction
	if n.CommentID != "" {
		c, err := b.comment(ctx, n.CommentID)
		if err != nil || c == nil {
			return out, false, err
		}
		out.Comment = &spec.NotificationComment{ID: c.ID, AtMs: c.AtMS, Body: excerpt(c.Body), ReplyClipID: spec.OrNil(c.ReplyClip)}
		out.URL = commentURL(*c)
		reactions = c.Reactions
	} else if n.Kind == tidings.NotifyReaction {
		if reactions, err = b.s.store.ClipReactions(ctx, n.ClipID); err != nil {
			return out, false, err
		}
	}

	if n.Kind == tidings.NotifyReaction {
		out.Emoji, out.Others = gathered(reactions, n)
	}

	return out, true, nil
}

// gathered is what was given to one thing, and by how many people beside the
// last one and the person who is told.
func gathered(reactions []tidings.Reaction, n tidings.Notification) (emoji []string, others int) {
	emoji = []string{}
	by := map[string]bool{}
	for _, r := range reactions {
		for _, p := range r.By {
			if p.UserID == n.UserID {
				continue
			}
			by[string(p.UserID)+"/"+string(p.GuestID)] = true
			if len(emoji) < maxEmoji && !slices.Contains(emoji, r.Emoji) {
				emoji = append(emoji, r.Emoji)
			}
		}
	}

	return emoji, max(0, len(by)-1)
}

func excerpt(body string) string {
	if r := []rune(body); len(r) > maxExcerpt {
		return string(r[:maxExcerpt]) + "…"
	}
	return body
}

// ListNotifications is GET /notifications.
func (h *notificationHandlers) ListNotifications(ctx context.Context, r spec.ListNotificationsRequestObject) (spec.ListNotificationsResponseObject, error) {
	b := h.inbox()
	f := tidings.NotificationFilter{UserID: request.SubjectOf(ctx).UserID, Unseen: spec.Deref(r.Params.Unread), Limit: pageSize(r.Params.Limit), Cursor: spec.Deref(r.Params.Cursor)}
	out := spec.ListNotifications200JSONResponse{Items: []spec.Notification{}}
	for {
		list, next, err := h.store.Notifications(ctx, f)
		if err != nil {
			return nil, err
		}

		for _, n := range list {
			shown, ok, err := b.json(ctx, n)
			if err != nil {
				return nil, err
			}
			if ok {
				out.Items = append(out.Items, shown)
			}
		}

		out.NextCursor = spec.OrNil(next)
		if next == "" || len(out.Items) > 0 { // a page of nothing that may be seen is passed over
			break
		}

		f.Cursor = next
	}

	var err error
	out.Unread, err = b.unread(ctx)
	return out, err
}

// unread counts what the caller has not seen and may see, up to maxUnread.
func (b *inbox) unread(ctx context.Context) (int, error) {
	f := tidings.NotificationFilter{UserID: request.SubjectOf(ctx).UserID, Unseen: true, Limit: maxUnread}
	n := 0
	for {
		list, next, err := b.s.store.Notifications(ctx, f)
		if err != nil {
			return 0, err
		}

		for _, x := range list {
			ok, err := b.stands(ctx, x)
			if err != nil {
				return 0, err
			}
			if ok {
				n++
			}
		}

		if f.Cursor = next; next == "" || n >= maxUnread {
			return min(n, maxUnread), nil
		}
	}
}

// stands is json without the words.
func (b *inbox) stands(ctx context.Context, n tidings.Notification) (bool, error) {
	clip, err := b.clip(ctx, n.ClipID)
	if err != nil || clip == nil || n.CommentID == "" {
		return clip != nil, err
	}
	c, err := b.comment(ctx, n.CommentID)
	return c != nil, err
}

// SeeNotifications is POST /notifications/seen.
func (h *notificationHandlers) SeeNotifications(ctx context.Context, r spec.SeeNotificationsRequestObject) (spec.SeeNotificationsResponseObject, error) {
	user := request.SubjectOf(ctx).UserID
	var err error
	switch {
	case (r.Body.Ids == nil) == (r.Body.AllBefore == nil):
		err = tidings.Invalid("ids", "Either ids or all_before is needed.")
	case r.Body.Ids != nil:
		err = h.store.MarkNotificationsSeen(ctx, user, spec.Map(*r.Body.Ids, func(id string) tidings.ID { return tidings.ID(id) }))
	default:
		err = h.store.MarkNotificationsSeenUntil(ctx, user, time.Time(*r.Body.AllBefore))
	}

	if err != nil {
		return nil, err
	}

	n, err := h.inbox().unread(ctx)
	return spec.SeeNotifications200JSONResponse{Unread: n}, err
}

// own hands a person's own event on; other people do not hear of it.
func (e *stream) own(ev tidings.Event) error {
	if e.who.UserID != ev.UserID || e.ws != "" && ev.WorkspaceID != "" && ev.WorkspaceID != e.ws {
		return nil
	}
	return e.write(ev)
}

// news tells people who see a clip that they were told of it: their inbox may
// have grown.
func (e *stream) news(ctx context.Context, ev tidings.Event) error {
	if e.who.UserID == "" || e.ws != "" && ev.WorkspaceID != e.ws {
		return nil
	}
	if _, ok, err := e.sees(ctx, ev); err != nil || !ok {
		return err
	}
	return e.write(ev)
}
