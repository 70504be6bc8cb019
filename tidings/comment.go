package tidings

import (
	"strings"
	"time"
)

// Comment is a text on a clip: on all of it, at a moment, or on a range.
type Comment struct {
	ID        ID
	ClipID    ID
	ParentID  ID     // the thread's first comment; "" = starts a thread
	Author    Author // of a guest: a name without an id
	GuestID   ID     // the author, if that is a guest by link
	AtMS      *int64 // nil = the whole clip
	UntilMS   *int64 // nil = a moment
	Body      string // plain text
	ReplyClip ID     // a voice or video reply
	CreatedAt time.Time
	EditedAt  *time.Time
	DeletedAt *time.Time // the thread keeps its shape; the body is gone
	// Set on the first comment of a resolved thread.
	ResolvedAt *time.Time
	ResolvedBy Author
	// Hidden from all but those who may edit the clip, who can show it again.
	HiddenAt  *time.Time
	Mentions  []Author   // the members of the workspace it mentions, by their current names
	Reactions []Reaction // in the order in which the first of each was given
	Version   int64
}

// IsVisible reports whether the comment is neither deleted nor hidden.
func (c Comment) IsVisible() bool { return c.DeletedAt == nil && c.HiddenAt == nil }

// MaxComment is the longest comment, in characters.
const MaxComment = 10_000

// Validate checks a comment before it is stored; durationMS is nil while the
// clip is being recorded: its end is then that of the longest clip.
func (c Comment) Validate(durationMS *int64) error {
	fields := map[string]string{}
	end := clipEndMS(durationMS)
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

// clipEndMS is the end of a clip, or the greatest one possible while it is unknown.
func clipEndMS(durationMS *int64) int64 {
	if durationMS == nil {
		return MaxClipMS
	}
	return *durationMS
}
