package store

import (
	"context"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// notificationRetention is how long seen notifications are kept.
const notificationRetention = 90 * 24 * time.Hour

// Notifications is a page of a person's notifications, newest first, and the
// cursor of the next page ("" = the end). The caller checks whether the person
// may still see their clips.
func (s NotificationRows) Notifications(ctx context.Context, f tidings.NotificationFilter) ([]tidings.Notification, string, error) {
	at, err := parseTimeCursor(f.Cursor)
	if err != nil {
		return nil, "", err
	}

	f.Limit = min(max(f.Limit, 1), maxPage)
	rows, err := s.queries().PageNotifications(ctx, dbq.PageNotificationsParams{UserID: string(f.UserID), BeforeMs: at.ms, BeforeID: at.id, Unseen: f.Unseen, PageSize: int32(f.Limit + 1)})
	if err != nil {
		return nil, "", err
	}

	next := ""
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[f.Limit-1]
		next = timeCursor{last.CreatedMs, last.ID}.String()
	}

	out := make([]tidings.Notification, len(rows))
	for i, r := range rows {
		out[i] = tidings.Notification{ID: tidings.ID(r.ID), UserID: tidings.ID(r.UserID), WorkspaceID: tidings.ID(r.WorkspaceID), ClipID: tidings.ID(r.ClipID),
			CommentID: tidings.ID(r.CommentID), Kind: tidings.NotificationKind(r.Kind), Actor: tidings.Author{ID: tidings.ID(r.ActorID), Name: r.ActorName, Avatar: r.ActorAvatar},
			CreatedAt: tidings.FromMillis(r.CreatedMs), SeenAt: timeFromMillis(r.SeenMs)}
	}

	return out, next, nil
}

// MarkNotificationsSeen marks some of a person's notifications as seen; ids of
// others are ignored.
func (s NotificationRows) MarkNotificationsSeen(ctx context.Context, user tidings.ID, which []tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error { return markSeen(ctx, tx, user, which) })
}

// MarkNotificationsSeenUntil marks all of a person's notifications up to a time
// as seen.
func (s NotificationRows) MarkNotificationsSeenUntil(ctx context.Context, user tidings.ID, until time.Time) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.MarkNotificationsSeenUntil(ctx, dbq.MarkNotificationsSeenUntilParams{UserID: string(user), SeenMs: new(s.nowMS()), UntilMs: tidings.Millis(until)})
		if err != nil || n == 0 {
			return err
		}
		tx.Publish(tidings.Event{Type: tidings.EventNotification, UserID: user})
		return nil
	})
}

func markSeen(ctx context.Context, tx Tx, user tidings.ID, which []tidings.ID) error {
	if len(which) == 0 {
		return nil
	}

	list, err := idsJSON(which)
	if err != nil {
		return err
	}

	n, err := tx.MarkNotificationsSeen(ctx, dbq.MarkNotificationsSeenParams{UserID: string(user), SeenMs: new(tx.nowMS()), IdsJson: list})
	if err != nil || n == 0 {
		return err
	}

	tx.Publish(tidings.Event{Type: tidings.EventNotification, UserID: user}) // the person's other tabs update their count
	return nil
}

// markSeenByView marks as seen what a view covers: comments whose moment was
// watched, the clip when enough of it was, and everything when the transcript
// was read. Playing a reply counts as seeing its comment.
func markSeenByView(ctx context.Context, tx Tx, clip, user tidings.ID, v tidings.View) error {
	rows, err := tx.UnseenOfClip(ctx, dbq.UnseenOfClipParams{UserID: string(user), ClipID: string(clip)})
	if err != nil {
		return err
	}

	var seen []tidings.ID
	for _, r := range rows {
		at := r.AtMs
		if at == nil {
			at = r.ThreadAtMs
		}

		if tidings.ID(r.ClipID) != clip { // a reply was played: its comment counts as seen
			at = nil
		}

		if v.Reached(at) {
			seen = append(seen, tidings.ID(r.ID))
		}
	}

	return markSeen(ctx, tx, user, seen)
}
