package tidings

import "time"

// Reaction is one emoji on a comment, or on a clip at a moment, with those who
// gave it, the first one first.
type Reaction struct {
	Emoji string
	AtMS  *int64 // on a clip only; nil = the whole clip
	By    []Reactor
}

// Reactor is a person, or a guest by link, who reacted.
type Reactor struct {
	UserID  ID
	GuestID ID
	Name    string
}

// ReactionTarget is what a reaction is given to: a comment, or the clip.
type ReactionTarget struct {
	ClipID    ID
	CommentID ID     // "" = the clip
	AtMS      *int64 // of the clip; nil = the whole of it
}

// Validate checks the moment; durationMS is nil while the clip is recorded.
func (t ReactionTarget) Validate(durationMS *int64) error {
	if t.AtMS != nil && (*t.AtMS < 0 || *t.AtMS > clipEndMS(durationMS)) {
		return Invalid("at_ms", "Outside the clip.")
	}
	return nil
}

// Limits on what one person, or one guest, may react with.
const (
	MaxReactions     = 20  // emoji by one on one comment
	MaxClipReactions = 500 // by one on one clip, all moments together
)

// Guest is a person without an account who comments by a share link.
type Guest struct {
	ID        ID
	ClipID    ID
	LinkID    ID // by which they came
	Name      string
	CreatedAt time.Time
}
