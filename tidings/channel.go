package tidings

import (
	"strings"
	"time"
)

// ChannelKind says who may see a channel.
type ChannelKind string

// Channel kinds. All members of the workspace but its guests may see and join
// an open channel. A private one is for its members.
const (
	ChannelOpen    ChannelKind = "open"
	ChannelPrivate ChannelKind = "private"
)

// Valid reports whether k is one of the known kinds.
func (k ChannelKind) Valid() bool { return k == ChannelOpen || k == ChannelPrivate }

// Channel is a topic of a workspace that clips are put in.
type Channel struct {
	ID          ID
	WorkspaceID ID
	Name        string // unique in the workspace without regard to case
	Topic       string
	Kind        ChannelKind
	CreatedBy   ID
	CreatedAt   time.Time
	Members     int  // how many people are in it
	Member      bool // whether the caller is a member
	Version     int64
}

// Limits on channels.
const (
	MaxChannelName = 80  // characters
	MaxTopic       = 250 // characters
	MaxChannels    = 1000
)

// ChannelPatch changes the fields that are not nil.
type ChannelPatch struct {
	Name  *string
	Topic *string
	Kind  *ChannelKind
}

// Validate checks sizes and values, and trims spaces and a leading # off the
// name; the error names each wrong field.
func (p *ChannelPatch) Validate() error {
	fields := map[string]string{}
	if p.Name != nil {
		name := strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(*p.Name), "#"))
		p.Name = &name

		if checkText(fields, "name", name, MaxChannelName); name == "" {
			fields["name"] = "This is needed."
		}

		if strings.ContainsAny(name, "\r\n\t\"") {
			fields["name"] = "One line without quotation marks."
		}
	}

	if p.Topic != nil {
		topic := strings.TrimSpace(*p.Topic)
		p.Topic = &topic
		checkText(fields, "topic", topic, MaxTopic)
	}

	if p.Kind != nil && !p.Kind.Valid() {
		fields["kind"] = "Either open or private."
	}

	if len(fields) > 0 {
		return &Error{Kind: KindInvalid, Msg: "Some fields are not right.", Fields: fields}
	}

	return nil
}

// ChannelAction is what a subject wants to do with a channel.
type ChannelAction string

// Actions on a channel.
const (
	ChannelSee    ChannelAction = "see"    // see it and list its members
	ChannelJoin   ChannelAction = "join"   // make oneself a member
	ChannelPost   ChannelAction = "post"   // put clips in
	ChannelAdd    ChannelAction = "add"    // make others members
	ChannelManage ChannelAction = "manage" // rename, change the kind, delete, remove members
)

// ChannelAllowed is the access check of channels. ch.Member says whether the
// subject is a member. Owners and admins have no access to private channels that
// they are not members of.
func ChannelAllowed(s Subject, ch Channel, act ChannelAction) bool {
	role := s.Roles[ch.WorkspaceID]
	if s.UserID == "" || role == "" || !s.Scope.Includes(ScopeRead) {
		return false
	}
	if !ch.Member && (ch.Kind != ChannelOpen || role == RoleGuest) {
		return false
	}
	if act == ChannelSee {
		return true
	}
	if role == RoleGuest || !s.Scope.Includes(ScopeWrite) {
		return false // guests of a workspace only watch and comment
	}

	switch act {
	case ChannelJoin:
		return ch.Member || ch.Kind == ChannelOpen
	case ChannelPost, ChannelAdd:
		return true
	case ChannelManage:
		return role.Manages() || ch.CreatedBy == s.UserID
	}

	return false
}
