package backup

import (
	"context"
	"fmt"
	"io"

	"tidings.example/tidings/tidings"
)

// unknownSize is the size of an object whose row does not have it.
const unknownSize = -1

// objectRows are the rows of a clip's objects by key.
type objectRows map[string]tidings.StoredObject

func readObjectRows(ctx context.Context, db ObjectRows, clip tidings.ID) (objectRows, error) {
	objects, err := db.Objects(ctx, clip)
	rows := make(objectRows, len(objects))
	for _, o := range objects {
		rows[o.Key] = o
	}
	return rows, err
}

// objectRow describes an object, whose size and checksums are unknown without a
// row.
func (r objectRows) objectRow(key string) tidings.StoredObject {
	if o, ok := r[key]; ok {
		return o
	}
	return tidings.StoredObject{Key: key, Bytes: unknownSize}
}

// checkSize returns KindDamaged when the row of an object has another size.
func checkSize(row tidings.StoredObject, size int64) error {
	if row.Bytes == unknownSize || row.Bytes == size {
		return nil
	}
	return tidings.Damaged(fmt.Errorf("%d bytes instead of %d", size, row.Bytes))
}

// verifyBlocks makes the reader of an object fail with KindDamaged at the first
// block that differs from the row's checksums, if it has any.
func verifyBlocks(r io.Reader, row tidings.StoredObject, size int64) io.Reader {
	if !row.Sums.KnownFor(size) {
		return r
	}
	return tidings.VerifyBlocks(r, row.Sums, 0, size, size)
}
