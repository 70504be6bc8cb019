package source

import (
	"context"
	"fmt"

	"tidings.example/tidings/tidings"
)

// originalName is the asset an original becomes.
const originalName = "original"

// Compact makes one object of a sealed original's parts and removes them; when
// that was done before, it only removes what is left over. Readers change over
// by themselves. It may be killed anywhere, repeated, and run twice at once: the
// parts go only after the row names the object. KindNotReady while the upload
// goes on, KindGone when it was aborted.
func (s *Source) Compact(ctx context.Context, clip tidings.ID) (tidings.Asset, error) {
	u, err := s.rows.UploadByClip(ctx, clip)
	switch {
	case err != nil:
		return tidings.Asset{}, err
	case u.Aborted:
		return tidings.Asset{}, errAborted()
	case u.SealedAt == nil:
		return tidings.Asset{}, tidings.Errorf(tidings.KindNotReady, "The recording goes on.")
	}

	a, err := s.rows.Asset(ctx, clip, originalName)
	if tidings.KindOf(err) == tidings.KindNotFound {
		a, err = s.writeOriginal(ctx, u)
	}

	if err != nil {
		return tidings.Asset{}, err
	}

	return a, s.deleteParts(ctx, clip)
}

func (s *Source) writeOriginal(ctx context.Context, u tidings.Upload) (tidings.Asset, error) {
	r := s.newReader(ctx, u.ClipID, 0, u.Offset)
	defer r.Close()

	a := tidings.Asset{
		ClipID: u.ClipID, Name: originalName, ContentType: originalType(u.Filetype),
		Bytes: u.Offset, Key: originalKey(u.ClipID, u.Offset),
	}
	n, err := s.blobs.PutLarge(ctx, a.Key, r, a.ContentType)
	if err != nil {
		return tidings.Asset{}, fmt.Errorf("original of %s: %w", u.ClipID, err)
	}
	if n != u.Offset {
		return tidings.Asset{}, fmt.Errorf("original of %s: %d bytes became %d", u.ClipID, u.Offset, n)
	}
	if err := s.rows.SetOriginal(ctx, a); err != nil {
		return tidings.Asset{}, fmt.Errorf("row of the original of %s: %w", u.ClipID, err)
	}

	return a, nil
}
