package tidings

import "time"

// LinkAccess says who may use a share link.
type LinkAccess string

// Kinds of access.
const (
	LinkAnyone    LinkAccess = "anyone"
	LinkPassword  LinkAccess = "password"  // visitors who gave the password in this session
	LinkWorkspace LinkAccess = "workspace" // people of the clip's workspace
)

// Link is a share link. Of its token (128 random bits) only the SHA-256 is
// stored.
type Link struct {
	ID            ID
	ClipID        ID
	Hash          []byte
	Access        LinkAccess
	PasswordHash  string // argon2id, PHC string
	AllowComments bool
	AllowDownload bool
	StartMS       *int64 // where playback begins
	EndMS         *int64 // set: the link shows [StartMS, EndMS) and nothing else
	ExpiresAt     *time.Time
	RevokedAt     *time.Time
	CreatedBy     ID
	CreatedAt     time.Time

	// For lists; LinkByHash leaves them out.
	Creator    string     // name of CreatedBy
	Views      int        // view sessions of visitors
	LastUsedAt *time.Time // the newest of them
}

// MaxSnippet is the longest snippet, as snippets are encoded anew.
const MaxSnippet = 30 * time.Minute

// Live reports whether the link gives access at the given time.
func (l Link) Live(now time.Time) bool {
	return l.RevokedAt == nil && (l.ExpiresAt == nil || now.Before(*l.ExpiresAt))
}

// Snippet is the range of the clip that a snippet link shows, nil for a link to
// all of it. Visitors see a clip that begins at 0.
func (l Link) Snippet() *Span {
	if l.EndMS == nil {
		return nil
	}
	part := Span{EndMS: *l.EndMS}
	if l.StartMS != nil {
		part.StartMS = *l.StartMS
	}
	return &part
}

// LinkAsset is a file that was cut out of a clip for a snippet link.
type LinkAsset struct {
	LinkID      ID
	ClipID      ID
	Name        string // "index.m3u8", "stream.mp4", or as an Asset
	ContentType string
	Bytes       int64
	Key         string
	Sums        BlockSums
}

// SnippetOf is the range of a clip that the subject's link is cut to; nil = all
// of it.
func (s Subject) SnippetOf(clip ID) *Span {
	if s.Link == nil || s.Link.ClipID != clip {
		return nil
	}
	return s.Link.Snippet()
}

// WithoutSnippet is the subject without a snippet link, for what is only shown
// to viewers of whole clips.
func (s Subject) WithoutSnippet() Subject {
	if s.Link != nil && s.Link.EndMS != nil {
		s.Link = nil
	}
	return s
}
