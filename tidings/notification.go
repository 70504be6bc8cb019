package tidings

import (
	"strings"
	"time"
)

// NotificationKind says why a person is told of something.
type NotificationKind string

// Notification kinds, the more personal before the others: of one act a person
// is told once, for the first reason that fits.
const (
	NotifyMention  NotificationKind = "mention"  // a comment names you
	NotifyReply    NotificationKind = "reply"    // in a thread you wrote in
	NotifyComment  NotificationKind = "comment"  // on your clip
	NotifyReaction NotificationKind = "reaction" // to your clip or comment; gathered
	NotifyClip     NotificationKind = "clip"     // new in your workspace or channel
	NotifyResolved NotificationKind = "resolved" // a thread you wrote in
)

// Notification is something a person is told of. It is written by the
// transaction of the act it tells of, and read only while they may see the clip.
type Notification struct {
	ID          ID
	UserID      ID // who is told
	WorkspaceID ID
	ClipID      ID
	CommentID   ID // "" = the clip itself
	Kind        NotificationKind
	Actor       Author // who did it last; of a guest a name without an id
	CreatedAt   time.Time
	SeenAt      *time.Time
}

// NotificationFilter selects a person's notifications, newest first.
type NotificationFilter struct {
	UserID ID
	Unseen bool
	Limit  int // 1–100
	Cursor string
}

// Wants reports whether the person is to be told of acts of the kind at all:
// unless their setting for it is "off".
func (p Preferences) Wants(k NotificationKind) bool {
	return strings.TrimSpace(p.Notify[string(k)]) != notifyOff
}
