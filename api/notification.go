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

// NotificationStore is what notificationHandlers needs of the rows.
type NotificationStore interface {
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
	store  NotificationStore
	access *auth.Access
}

// maxUnread is how many unread notifications are counted.
const maxUnread = 100

// maxExcerpt is the length of a comment in a notification, in characters.
const maxExcerpt = 500

// maxEmoji is how many different emoji a notification shows.
const maxEmoji = 8

// inbox builds the caller's notifications, those of clips they may see. The
// access check of a clip runs once.
type inbox struct {
	handlers *notificationHandlers
	clips    map[tidings.ID]*spec.ShortClip // nil = not visible
}

func (h *notificationHandlers) newInbox() *inbox {
	return &inbox{handlers: h, clips: map[tidings.ID]*spec.ShortClip{}}
}

// visibleClip is the clip of a notification; nil when the caller may not see
// it.
func (b *inbox) visibleClip(ctx context.Context, id tidings.ID) (*spec.ShortClip, error) {
	if c, known := b.clips[id]; known {
		return c, nil
	}

	g, err := b.handlers.access.AuthorizeClip(ctx, string(id), tidings.ActView)
	if tidings.KindOf(err) == tidings.KindNotFound || err == nil && g.Trashed {
		b.clips[id] = nil
		return nil, nil
	}
	if err != nil {
		return nil, err
	}

	c, err := b.handlers.store.Clip(ctx, id)
	if err != nil {
		return nil, err
	}

	_, err = b.handlers.store.Asset(ctx, id, "poster.jpg")
	if err != nil && tidings.KindOf(err) != tidings.KindNotFound {
		return nil, err
	}

	short := shortClip(request.FromContext(ctx), c, err == nil)
	b.clips[id] = &short

	return &short, nil
}

// visibleComment is the comment of a notification; nil when it is deleted or
// hidden.
func (b *inbox) visibleComment(ctx context.Context, id tidings.ID) (*tidings.Comment, error) {
	c, err := b.handlers.store.Comment(ctx, id)
	if tidings.KindOf(err) == tidings.KindNotFound || err == nil && !c.IsVisible() {
		return nil, nil
	}

	if err == nil && c.AtMS == nil && c.ParentID != "" { // its time is that of its thread
		root, rerr := b.handlers.store.Comment(ctx, c.ParentID)
		if c.AtMS = root.AtMS; tidings.KindOf(rerr) != tidings.KindNotFound {
			err = rerr
		}
	}

	return &c, err
}

// notificationJSON is a notification as the caller sees it; ok is false when
// they may not see it.
func (b *inbox) notificationJSON(ctx context.Context, n tidings.Notification) (out spec.Notification, ok bool, err error) {
	clip, err := b.visibleClip(ctx, n.ClipID)
	if err != nil || clip == nil {
		return out, false, err
	}

	out = spec.Notification{ID: n.ID, Kind: spec.NotificationKind(n.Kind), Clip: *clip, Actor: spec.AuthorOf(n.Actor), Emoji: []string{},
		CreatedAt: spec.Instant(n.CreatedAt), SeenAt: spec.InstantOrNil(n.SeenAt), URL: clipURL(n.ClipID, 0)}

	var reactions []tidings.Reaction
	if n.CommentID != "" {
		c, err := b.visibleComment(ctx, n.CommentID)
		if err != nil || c == nil {
			return out, false, err
		}
		out.Comment = &spec.NotificationComment{ID: c.ID, AtMs: c.AtMS, Body: excerptOf(c.Body), ReplyClipID: spec.OrNil(c.ReplyClip)}
		out.URL = commentURL(*c)
		reactions = c.Reactions
	} else if n.Kind == tidings.NotifyReaction {
		if reactions, err = b.handlers.store.ClipReactions(ctx, n.ClipID); err != nil {
			return out, false, err
		}
	}

	if n.Kind == tidings.NotifyReaction {
		out.Emoji, out.Others = sumReactions(reactions, n)
	}

	return out, true, nil
}

// sumReactions returns the emoji given to a clip or comment, and the number of
// people besides the last one and the person notified.
func sumReactions(reactions []tidings.Reaction, n tidings.Notification) (emoji []string, others int) {
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

func excerptOf(body string) string {
	if r := []rune(body); len(r) > maxExcerpt {
		return string(r[:maxExcerpt]) + "…"
	}
	return body
}

// ListNotifications is GET /notifications.
func (h *notificationHandlers) ListNotifications(ctx context.Context, r spec.ListNotificationsRequestObject) (spec.ListNotificationsResponseObject, error) {
	b := h.newInbox()
	f := tidings.NotificationFilter{UserID: request.SubjectOf(ctx).UserID, Unseen: spec.Deref(r.Params.Unread), Limit: pageSize(r.Params.Limit), Cursor: spec.Deref(r.Params.Cursor)}
	out := spec.ListNotifications200JSONResponse{Items: []spec.Notification{}}
	for {
		list, next, err := h.store.Notifications(ctx, f)
		if err != nil {
			return nil, err
		}

		for _, n := range list {
			shown, ok, err := b.notificationJSON(ctx, n)
			if err != nil {
				return nil, err
			}
			if ok {
				out.Items = append(out.Items, shown)
			}
		}

		out.NextCursor = spec.OrNil(next)
		if next == "" || len(out.Items) > 0 { // pages without a visible item are skipped
			break
		}

		f.Cursor = next
	}

	var err error
	out.Unread, err = b.countUnread(ctx)
	return out, err
}

// countUnread counts the unread notifications that the caller may see, up to
// maxUnread.
func (b *inbox) countUnread(ctx context.Context) (int, error) {
	f := tidings.NotificationFilter{UserID: request.SubjectOf(ctx).UserID, Unseen: true, Limit: maxUnread}
	n := 0
	for {
		list, next, err := b.handlers.store.Notifications(ctx, f)
		if err != nil {
			return 0, err
		}

		for _, x := range list {
			ok, err := b.isVisible(ctx, x)
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

// isVisible reports whether the caller may see a notification, like
// notificationJSON.
func (b *inbox) isVisible(ctx context.Context, n tidings.Notification) (bool, error) {
	clip, err := b.visibleClip(ctx, n.ClipID)
	if err != nil || clip == nil || n.CommentID == "" {
		return clip != nil, err
	}
	c, err := b.visibleComment(ctx, n.CommentID)
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

	n, err := h.newInbox().countUnread(ctx)
	return spec.SeeNotifications200JSONResponse{Unread: n}, err
}

// writeOwnEvent sends an event of one person to that person alone.
func (e *eventStream) writeOwnEvent(ev tidings.Event) error {
	if e.subject.UserID != ev.UserID || e.ws != "" && ev.WorkspaceID != "" && ev.WorkspaceID != e.ws {
		return nil
	}
	return e.writeEvent(ev)
}

// writeNotification sends people who see a clip the hint that their inbox may
// have changed.
func (e *eventStream) writeNotification(ctx context.Context, ev tidings.Event) error {
	if e.subject.UserID == "" || e.ws != "" && ev.WorkspaceID != e.ws {
		return nil
	}
	if _, ok, err := e.checkClipAccess(ctx, ev); err != nil || !ok {
		return err
	}
	return e.writeEvent(ev)
}
