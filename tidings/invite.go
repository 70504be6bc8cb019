package tidings

import (
	"net/mail"
	"strings"
	"time"
)

// Invite lets people into a workspace: anyone who has its link, or the one
// person whose address it names. Tokens are 128 random bits, of which only the
// hash is stored.
type Invite struct {
	ID          ID
	WorkspaceID ID
	Workspace   string // its name
	Role        Role
	Email       string // lower case; "" = anyone with the link
	ChannelIDs  []ID   // joined along with the workspace
	MaxUses     int
	Uses        int
	CreatedBy   Author
	CreatedAt   time.Time
	ExpiresAt   time.Time
	Mail        MailState
}

// MailState is the delivery state of an invitation's mail.
type MailState struct {
	Wanted  bool // a mail was to be sent
	SentAt  *time.Time
	Failure string // of the last try; "" = none
	GivenUp bool
}

// Limits on invitations.
const (
	InviteLife    = 7 * 24 * time.Hour  // unless it says otherwise
	MaxInviteLife = 90 * 24 * time.Hour // longest
	MaxInviteUses = 1000
	MaxInvites    = 500 // open ones of a workspace
)

// Open reports whether the invitation can still be used.
func (i Invite) Open(now time.Time) bool { return now.Before(i.ExpiresAt) && i.Uses < i.MaxUses }

// AllowsEmail reports whether a person with the address may use the invitation.
func (i Invite) AllowsEmail(email string) bool {
	return i.Email == "" || i.Email == strings.ToLower(strings.TrimSpace(email))
}

// ValidEmail reports whether text is one bare address.
func ValidEmail(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text && a.Name == "" && strings.Contains(text, "@") && !strings.ContainsAny(text, "\r\n")
}

// NewAccount is what a person gives when they sign up by an invitation.
type NewAccount struct {
	Name         string
	Email        string
	PasswordHash string // argon2id, PHC string
	TimeZone     string
}
