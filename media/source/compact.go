package source

import (
	"context"
	"fmt"
	"io"
	"strings"

	"tidings.example/tidings/tidings"
)

// originalName is the name of the asset that Compact makes.
const originalName = "original"

// StepFunc is one run of a step; see package jobs.
type StepFunc = func(ctx context.Context, run tidings.StepRun) error

// ThenCompact returns step followed by Compact, for the last step that reads the
// parts. A Compact that fails or that Config.TryDelete skips is left to a sweep:
// the step itself has succeeded.
func (s *Source) ThenCompact(step StepFunc) StepFunc {
	return func(ctx context.Context, run tidings.StepRun) error {
		if err := step(ctx, run); err != nil {
			return err
		}

		return s.config.TryDelete(func() error {
			if _, err := s.Compact(ctx, run.ClipID); err != nil && ctx.Err() == nil {
				s.config.Log.Warn("original stays in parts for now", "clip", run.ClipID, "error", err)
			}
			return nil
		})
	}
}

// Compact makes one object of a sealed original's parts and deletes the parts;
// repeated, it deletes parts that are left over. Readers switch to the object by
// themselves. It may be killed at any point and run concurrently: parts are
// deleted only after the row names the object. KindNotReady while the upload
// goes on, KindGone when it was aborted.
func (s *Source) Compact(ctx context.Context, clip tidings.ID) (tidings.Asset, error) {
	u, err := s.rows.Uploads.UploadByClip(ctx, clip)
	if err != nil {
		return tidings.Asset{}, err
	}
	if err := u.CheckSealed(); err != nil {
		return tidings.Asset{}, err
	}

	a, err := s.rows.Originals.Asset(ctx, clip, originalName)
	if tidings.KindOf(err) == tidings.KindNotFound {
		a, err = s.writeOriginal(ctx, u)
	}

	if err != nil {
		return tidings.Asset{}, err
	}

	return a, s.deleteLeftOver(ctx, u, a.Key)
}

func (s *Source) writeOriginal(ctx context.Context, u tidings.Upload) (tidings.Asset, error) {
	a := tidings.Asset{
		ClipID: u.ClipID, Name: originalName, ContentType: originalType(u.Filetype),
		Bytes: u.Offset, Key: originalKey(u),
	}

	parts, err := s.rows.Originals.Parts(ctx, u.ClipID, 0, 1)
	if err != nil {
		return tidings.Asset{}, err
	}

	if len(parts) == 1 && parts[0].Size == a.Bytes && strings.HasPrefix(parts[0].Key, originalPrefix(u.ClipID)) {
		a.Key, a.Sums = parts[0].Key, parts[0].Sums // it was opened again, and no byte came
	} else if a.Sums, err = s.joinParts(ctx, u, a); err != nil {
		return tidings.Asset{}, err
	}

	if err := s.rows.Originals.SetOriginal(ctx, a); err != nil {
		return tidings.Asset{}, fmt.Errorf("row of the original of %s: %w", u.ClipID, err)
	}

	return a, nil
}

// joinParts writes the object of an original from its parts.
func (s *Source) joinParts(ctx context.Context, u tidings.Upload, a tidings.Asset) (tidings.BlockSums, error) {
	r := s.newReader(ctx, u.ClipID, 0, u.Offset)
	defer r.Close()

	var sums tidings.BlockHash
	n, err := s.blobs.PutLarge(ctx, a.Key, io.TeeReader(r, &sums), a.ContentType)
	if err != nil {
		return "", fmt.Errorf("original of %s: %w", u.ClipID, err)
	}
	if n != u.Offset {
		return "", fmt.Errorf("original of %s: %d bytes became %d", u.ClipID, u.Offset, n)
	}
	return sums.Sums(), nil
}
