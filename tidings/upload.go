package tidings

import "time"

// Upload is the growing original of a clip. Offset counts durable bytes and
// never goes back, except when a continuation is cancelled.
type Upload struct {
	ID          ID
	ClipID      ID
	WorkspaceID ID
	UserID      ID
	Length      *int64 // nil while it is deferred (a live recording)
	Offset      int64
	Filename    string
	Filetype    string // as claimed; the bytes decide
	Metadata    string // the header Upload-Metadata as it was sent; "" when it was not kept
	Fence       int64  // raised by each newer request; older writers lose
	SealedAt    *time.Time
	EndedEarly  bool
	Aborted     bool // terminated by the client: the bytes are gone
	// ContinuedBytes is the size at which a recorder last went on in the clip,
	// after the recording had ended; 0 = none has.
	ContinuedBytes int64
	Continuations  int64 // how often one has
	IdleSince      time.Time
	ExpiresAt      time.Time
	CreatedAt      time.Time
}

// UploadPart is one durable, immutable piece of an original:
// clips/<clip>/parts/<offset, 20 digits>-<random>, with -<n> behind it for those
// of the upload's n-th continuation.
type UploadPart struct {
	UploadID ID
	ClipID   ID
	Offset   int64
	Size     int64
	Key      string
	Sums     BlockSums
}

// MaxUploadPart is the largest part, in bytes.
const MaxUploadPart = 8 << 20

// ContinueWithin is how long after the end of a recording a recorder may go on
// in the same clip.
const ContinueWithin = time.Hour
