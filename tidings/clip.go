// Package tidings is the domain: what a clip, a transcript, a comment or a link
// is, who may do what with it, and the states of a clip's steps. It imports
// only the standard library, and every other package imports it.
package tidings

import (
	"strings"
	"time"
	"unicode/utf8"
)

// ClipKind is the kind of recording a clip was made as.
type ClipKind string

// Clip kinds.
const (
	ClipScreen       ClipKind = "screen"
	ClipCamera       ClipKind = "camera"
	ClipScreenCamera ClipKind = "screen_camera"
	ClipVoice        ClipKind = "voice"
	ClipFile         ClipKind = "file"
)

// Visibility says who in the workspace may see a clip without a link.
type Visibility string

// Visibilities.
const (
	VisibilityPrivate   Visibility = "private"
	VisibilityChannel   Visibility = "channel"
	VisibilityWorkspace Visibility = "workspace"
)

// ClipState is the summary of a clip's steps; see ClipStateOf.
type ClipState string

// Clip states.
const (
	ClipRecording  ClipState = "recording"
	ClipProcessing ClipState = "processing"
	ClipReady      ClipState = "ready"
	ClipFailed     ClipState = "failed"
)

// Clip is one update: a recording that grows, then ends, and everything that
// is known of it. Positions and durations are milliseconds.
type Clip struct {
	ID             ID
	WorkspaceID    ID
	ChannelID      ID // "" = none
	Author         Author
	Kind           ClipKind
	Title          string
	Description    string
	Tags           []string
	Visibility     Visibility
	Answers        ID // the clip this one is a reply to; "" = a clip of its own
	ReplyToComment ID // the comment it answers; "" = it starts a thread, or is no reply
	Language       string
	State          ClipState
	Failure        string // a sentence for people, when State is ClipFailed
	EndedEarly     bool   // sealed by the server after the recorder vanished
	AtRisk         bool   // the upload has been idle for a while
	CreatedAt      time.Time
	RecordedAt     *time.Time // when the last byte came
	DurationMS     *int64
	Width, Height  *int
	Bytes          int64 // durable bytes of the original
	Steps          Steps
	Counts         Counts
	TrashedAt      *time.Time
	Version        int64
}

// Author is the person a clip or comment is shown as coming from.
type Author struct {
	ID     ID
	Name   string
	Avatar string // hash of their picture; "" = none
}

// Counts are shown beside a clip.
type Counts struct{ Comments, Reactions, Views int }

// Limits on what people write.
const (
	MaxTitle       = 200    // characters
	MaxDescription = 10_000 // characters
	MaxTags        = 20
	MaxTag         = 50 // characters

	MaxClipMS int64 = 12 * 60 * 60 * 1000 // the longest clip
)

// ClipPatch changes the fields that are not nil.
type ClipPatch struct {
	Title       *string
	Description *string
	Tags        *[]string
	Visibility  *Visibility
	ChannelID   *ID
	Language    *string
}

// Validate checks sizes and values; the error names each bad field.
func (p ClipPatch) Validate() error {
	fields := map[string]string{}
	if p.Title != nil {
		checkText(fields, "title", *p.Title, MaxTitle)
	}

	if p.Description != nil {
		checkText(fields, "description", *p.Description, MaxDescription)
	}

	if p.Tags != nil {
		if len(*p.Tags) > MaxTags {
			fields["tags"] = "At most 20 tags."
		}

		for _, t := range *p.Tags {
			checkText(fields, "tags", t, MaxTag)
			if strings.TrimSpace(t) == "" {
				fields["tags"] = "A tag may not be empty."
			}
		}
	}

	if p.Visibility != nil && !p.Visibility.Valid() {
		fields["visibility"] = "One of private, channel, workspace."
	}

	if len(fields) > 0 {
		return &Error{Kind: KindInvalid, Msg: "Some fields are not right.", Fields: fields}
	}

	return nil
}

// Valid reports whether v is one of the known visibilities.
func (v Visibility) Valid() bool {
	return v == VisibilityPrivate || v == VisibilityChannel || v == VisibilityWorkspace
}

// Valid reports whether k is one of the known kinds.
func (k ClipKind) Valid() bool {
	switch k {
	case ClipScreen, ClipCamera, ClipScreenCamera, ClipVoice, ClipFile:
		return true
	}
	return false
}

// checkText refuses text that is too long, not UTF-8, or holds NUL or other
// control characters than line breaks and tabs.
func checkText(fields map[string]string, name, s string, limit int) {
	switch {
	case !utf8.ValidString(s):
		fields[name] = "Not valid UTF-8."
	case utf8.RuneCountInString(s) > limit:
		fields[name] = "Too long."
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }):
		fields[name] = "Control characters are not allowed."
	}
}

// ClipFilter selects clips for a list. Zero fields do not filter.
type ClipFilter struct {
	Subject     Subject // only clips this subject may see are listed
	WorkspaceID ID
	ChannelID   ID
	AuthorID    ID
	Kind        ClipKind
	State       ClipState
	Tag         string
	TitleHas    string
	Trashed     bool // list the trash instead
	Limit       int  // 1–100
	Cursor      string
}
