// Package backup exports an installation into a folder, and imports such a
// folder as a new installation.
//
// For the operator: Export may run beside the server and may be killed and
// repeated at any time; a repeated export copies only what is new. Import fills
// an empty data folder and an object storage of any kind, and may be repeated,
// too. The format of the folder is documented at manifestFormat.
package backup

import (
	"context"
	"io"

	"tidings.example/tidings/tidings"
)

// Keys are the object keys that rows name.
type Keys interface {
	// ClipKeys are the keys of a clip's objects, in no order; none for an unknown clip.
	ClipKeys(ctx context.Context, clip tidings.ID) ([]string, error)
	// AvatarKey is the key of a person's picture, "" without one.
	AvatarKey(ctx context.Context, user tidings.ID) (string, error)
}

// Rows is the live database of the installation.
type Rows interface {
	Keys
	// Installation is the installation's identifier, which it keeps when it moves.
	InstallationID(ctx context.Context) (string, error)
	ReportDamage(ctx context.Context, d tidings.Damage) error // repeated, it changes nothing
}

// ObjectRows is a database whose rows describe stored objects, read only.
type ObjectRows interface {
	// Objects are the objects that the rows of a clip name; none of a database
	// that is older than their checksums.
	Objects(ctx context.Context, clip tidings.ID) ([]tidings.StoredObject, error)
	Close() error
}

// Snapshot is a copy of the database, read only.
type Snapshot interface {
	Keys
	ObjectRows
	// Size is the number of clips and the known bytes of their objects.
	Size(ctx context.Context) (clips, bytes int64, err error)
	// ClipIDs are the next clips in the order of their ids.
	ClipIDs(ctx context.Context, after tidings.ID, limit int) ([]tidings.ID, error)
	// Avatars are the next keys of people's pictures in the order of their
	// owners' ids; last is the owner to continue after.
	Avatars(ctx context.Context, after tidings.ID, limit int) (keys []string, last tidings.ID, err error)
}

// Object describes an object of the storage.
type Object struct {
	Key         string
	Size        int64  // bytes
	ContentType string // not in listings
}

// Objects is the object storage. Head and Get return KindNotFound for an
// object that does not exist.
type Objects interface {
	// List returns up to limit objects with the prefix, in the byte order of
	// their keys; fewer than limit means the end.
	List(ctx context.Context, prefix, after string, limit int) ([]Object, error)
	Head(ctx context.Context, key string) (Object, error)
	Get(ctx context.Context, key string) (Object, io.ReadCloser, error)
	Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) error
	// PutLarge stores body in parts; an error of body aborts it without a trace.
	PutLarge(ctx context.Context, key string, body io.Reader, contentType string) (int64, error)
}

// listPage is how many rows or objects are asked for at once.
const listPage = 1000

// objectSizes are the sizes of the objects with a prefix, by key.
func objectSizes(ctx context.Context, objects Objects, prefix string) (map[string]int64, error) {
	sizes := map[string]int64{}
	for after := ""; ; {
		page, err := objects.List(ctx, prefix, after, listPage)
		if err != nil {
			return nil, err
		}

		for _, o := range page {
			sizes[o.Key] = o.Size
		}

		if len(page) < listPage {
			return sizes, nil
		}

		after = page[len(page)-1].Key
	}
}
