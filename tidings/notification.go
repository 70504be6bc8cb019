package tidings

import (
	"strings"
	"time"
)

// NotificationKind is why a person is notified.
type NotificationKind string

// Notification kinds, the more personal first: a person gets one notification
// of an act, of the first kind that fits.
const (
	NotifyMention  NotificationKind = "mention"  // a comment names you
	NotifyReply    NotificationKind = "reply"    // in a thread you wrote in
	NotifyComment  NotificationKind = "comment"  // on your clip
	NotifyReaction NotificationKind = "reaction" // to your clip or comment; gathered
	NotifyClip     NotificationKind = "clip"     // new in your workspace or channel
	NotifyResolved NotificationKind = "resolved" // a thread you wrote in
)

// Notification tells a person of an act. The transaction of the act writes it;
// it is shown only while the person may see the clip.
type Notification struct {
	ID          ID
	UserID      ID // the recipient
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

// Wants reports whether the person is notified of acts of the kind: unless their
// setting for it is "off".
func (p Preferences) Wants(k NotificationKind) bool {
	return strings.TrimSpace(p.Notify[string(k)]) != notifyOff
}
