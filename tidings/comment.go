package tidings

import (
	"strings"
	"time"
)

// Comment is a remark on a clip: on the whole, at a moment, or on a range.
type Comment struct {
	ID        ID
	ClipID    ID
	ParentID  ID     // the thread's first comment; "" = starts a thread
	Author    Author // of a guest: a name without an id
	GuestID   ID     // who wrote it when that was a guest by link
	AtMS      *int64 // nil = the whole clip
	UntilMS   *int64 // nil = a moment
	Body      string // plain text
	ReplyClip ID     // a voice or video reply
	CreatedAt time.Time
	EditedAt  *time.Time
	DeletedAt *time.Time // the thread keeps its shape; the body is gone
	// A thread is open or resolved; only its first comment says so.
	ResolvedAt *time.Time
	ResolvedBy Author
	// Hidden from everybody but those who may edit the clip. They show it again.
	HiddenAt  *time.Time
	Mentions  []Author   // the people of the workspace it mentions, by their names of today
	Reactions []Reaction // in the order in which the first of each was given
	Version   int64
}

// IsVisible reports whether there is something to read for everybody.
func (c Comment) IsVisible() bool { return c.DeletedAt == nil && c.HiddenAt == nil }

// MaxComment is the longest comment, in characters.
const MaxComment = 10_000

// Validate checks a comment before it is stored; durationMS is nil while the
// clip is still being recorded, and the end as far as the longest clip's.
func (c Comment) Validate(durationMS *int64) error {
	fields := map[string]string{}
	end := endOf(durationMS)
	checkText(fields, "body", c.Body, MaxComment)
	if strings.TrimSpace(c.Body) == "" && c.ReplyClip == "" {
		fields["body"] = "Say something first."
	}

	if c.AtMS != nil && (*c.AtMS < 0 || *c.AtMS > end) {
		fields["at_ms"] = "Outside the clip."
	}

	if c.UntilMS != nil && (c.AtMS == nil || *c.UntilMS <= *c.AtMS || *c.UntilMS > end) {
		fields["until_ms"] = "Not a range inside the clip."
	}

	if len(fields) > 0 {
		return &Error{Kind: KindInvalid, Msg: "Some fields are not right.", Fields: fields}
	}

	return nil
}

// endOf is where a clip ends, as far as is known.
func endOf(durationMS *int64) int64 {
	if durationMS == nil {
		return MaxClipMS
	}
	return *durationMS
}
