package source

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"tidings.example/tidings/tidings"
)

// storePart makes a piece of the body durable as one part: the object first,
// then its row. The end of the request does not stop it.
func (a *appender) storePart(piece []byte) error {
	return a.storePartFrom(bytes.NewReader(piece), int64(len(piece)))
}

func (a *appender) storePartFrom(body io.ReadSeeker, size int64) error {
	ctx, cancel := a.s.detachedContext(a.ctx)
	defer cancel()

	p := tidings.UploadPart{UploadID: a.u.ID, ClipID: a.u.ClipID, Offset: a.u.Offset, Size: size, Key: partKey(a.u)}
	var err error
	if p.Sums, err = sumBody(body); err != nil {
		return fmt.Errorf("part at byte %d of %s: %w", p.Offset, p.UploadID, err)
	}
	if err := a.s.blobs.Put(ctx, p.Key, body, p.Size, partType); err != nil {
		return fmt.Errorf("store part at byte %d of %s: %w", p.Offset, p.UploadID, err)
	}

	u, err := a.s.rows.Uploads.AppendPart(ctx, p, a.u.Fence, a.s.config.Clock().Add(a.s.config.SealAfter))
	if err == nil {
		a.u = u
		return nil
	}

	return a.reconcilePart(ctx, p, err)
}

// sumBody computes the sums of a body, which stands at its beginning again then.
func sumBody(body io.ReadSeeker) (tidings.BlockSums, error) {
	var sums tidings.BlockHash
	if _, err := io.Copy(&sums, body); err != nil {
		return "", err
	}
	_, err := body.Seek(0, io.SeekStart)
	return sums.Sums(), err
}

// reconcilePart handles a part whose row was not confirmed. After a refusal the
// object is deleted, and when the database's disk is full: another try stores
// another object. After any other error the transaction may have been
// committed, so the row decides; an object without a row is left to Compact.
func (a *appender) reconcilePart(ctx context.Context, p tidings.UploadPart, err error) error {
	switch tidings.KindOf(err) {
	case tidings.KindConflict, tidings.KindGone, tidings.KindNotFound, tidings.KindStorageFull:
		if err := a.s.blobs.Delete(ctx, p.Key); err != nil {
			a.s.config.Log.Warn("a refused part stays until its clip is compacted", "key", p.Key, "error", err)
		}
		return err
	}

	ctx, cancel := a.s.detachedContext(ctx)
	defer cancel()

	parts, partsErr := a.s.rows.Originals.Parts(ctx, p.ClipID, p.Offset, 1)
	u, uploadErr := a.s.rows.Uploads.Upload(ctx, p.UploadID)
	if partsErr == nil && uploadErr == nil && len(parts) == 1 && parts[0].Key == p.Key {
		a.u = u
		return nil
	}

	return fmt.Errorf("row of part at byte %d of %s: %w", p.Offset, p.UploadID, err)
}
