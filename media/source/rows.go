package source

import (
	"context"
	"time"

	"tidings.example/tidings/tidings"
)

// Rows are the parts of the database this package uses, one for each of its
// consumers. Each call is atomic.
type Rows struct {
	Uploads       UploadRows       // Create, Append and what ends an upload
	Silent        SilentRows       // Sweep
	Continuations ContinuationRows // Continue and CancelContinuation
	Originals     OriginalRows     // readers and Compact
}

// UploadRows are the uploads while bytes come in.
type UploadRows interface {
	CreateUpload(ctx context.Context, u tidings.Upload) error
	Upload(ctx context.Context, id tidings.ID) (tidings.Upload, error)
	UploadByClip(ctx context.Context, clip tidings.ID) (tidings.Upload, error)
	// FenceUpload raises the fence: writers with an older one are refused.
	FenceUpload(ctx context.Context, id tidings.ID) (tidings.Upload, error)
	// AppendPart inserts the part, moves the offset to its end and restarts the
	// time for which the upload counts as silent. KindConflict: the offset is
	// another, or the fence is newer; KindGone: sealed or aborted.
	AppendPart(ctx context.Context, p tidings.UploadPart, fence int64, expires time.Time) (tidings.Upload, error)
	// RenewUpload restarts that time without bytes; errors as of AppendPart.
	RenewUpload(ctx context.Context, id tidings.ID, fence int64, expires time.Time) (tidings.Upload, error)
	SetUploadLength(ctx context.Context, id tidings.ID, n int64) (tidings.Upload, error)
	SealUpload(ctx context.Context, id tidings.ID, early bool) (tidings.Upload, error) // idempotent
	AbortUpload(ctx context.Context, id tidings.ID) error
	WorkspaceBytes(ctx context.Context, workspace tidings.ID) (int64, error)
}

// SilentRows are the uploads whose recorder is silent.
type SilentRows interface {
	IdleUploads(ctx context.Context, idleBefore time.Time, limit int) ([]tidings.Upload, error)
	MarkAtRisk(ctx context.Context, u tidings.Upload) error
}

// ContinuationRows open uploads again that have ended.
type ContinuationRows interface {
	// ContinueUpload opens the sealed upload of a clip again at its size; its
	// sealed object becomes the first part.
	ContinueUpload(ctx context.Context, clip tidings.ID, expires time.Time) (tidings.Upload, error)
	// CancelContinuation ends the number-th continuation at the size it had before.
	// It may be repeated.
	CancelContinuation(ctx context.Context, clip tidings.ID, number int64) error
}

// OriginalRows say which objects an original consists of.
type OriginalRows interface {
	// Parts returns those that end beyond fromOffset, in order.
	Parts(ctx context.Context, clip tidings.ID, fromOffset int64, limit int) ([]tidings.UploadPart, error)
	Asset(ctx context.Context, clip tidings.ID, name string) (tidings.Asset, error)
	ReportDamage(ctx context.Context, d tidings.Damage) error // a damaged object; repeated, it changes nothing
	// SetOriginal inserts the asset and deletes the rows of the parts. KindConflict
	// when the upload is open again or has another size.
	SetOriginal(ctx context.Context, a tidings.Asset) error
}
