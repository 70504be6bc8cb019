package tidings

import "time"

// LinkAccess says who may use a share link.
type LinkAccess string

// Kinds of access. Password links come with the issue on rights.
const (
	LinkAnyone    LinkAccess = "anyone"
	LinkPassword  LinkAccess = "password"
	LinkWorkspace LinkAccess = "workspace"
)

// Link is a share link. Its token (128 random bits) is kept only as SHA-256.
type Link struct {
	ID            ID
	ClipID        ID
	Hash          []byte
	Access        LinkAccess
	PasswordHash  string
	AllowComments bool
	AllowDownload bool
	StartMS       *int64
	EndMS         *int64
	ExpiresAt     *time.Time
	RevokedAt     *time.Time
	CreatedBy     ID
	CreatedAt     time.Time
}

// Live reports whether the link opens its clip at the given time.
func (l Link) Live(now time.Time) bool {
	return l.RevokedAt == nil && (l.ExpiresAt == nil || now.Before(*l.ExpiresAt))
}
