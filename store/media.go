package store

import (
	"context"
	"encoding/json"
	"slices"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// checkLease returns KindConflict unless run is the newest attempt of its step;
// every write of a worker checks it in its own transaction.
func checkLease(ctx context.Context, tx Tx, run tidings.StepRun) error {
	r, err := tx.StepOfClip(ctx, dbq.StepOfClipParams{ClipID: string(run.ClipID), Step: string(run.Step)})
	if err != nil {
		return notFound(err)
	}
	if r.Attempt != run.Attempt || r.State != string(tidings.StepRunning) {
		return errLeaseLost()
	}
	return nil
}

// inRun is InTx for a worker that must still hold its lease.
func (s *database) inRun(ctx context.Context, run tidings.StepRun, fn func(Tx) error) error {
	return s.InTx(ctx, func(tx Tx) error {
		if err := checkLease(ctx, tx, run); err != nil {
			return err
		}
		return fn(tx)
	})
}

// StartMedia stores the tracks of the original and the renditions that will be
// made.
func (s MediaRows) StartMedia(ctx context.Context, run tidings.StepRun, tracks []tidings.Track, rs []tidings.Rendition) error {
	text, err := json.Marshal(tracks)
	if err != nil {
		return err
	}
	return s.inRun(ctx, run, func(tx Tx) error {
		for _, r := range rs {
			if err := putRendition(ctx, tx, run, r); err != nil {
				return err
			}
		}
		return tx.SetClipTracks(ctx, dbq.SetClipTracksParams{ID: string(run.ClipID), Tracks: dbq.JSON(text)})
	})
}

func putRendition(ctx context.Context, tx Tx, run tidings.StepRun, r tidings.Rendition) error {
	return tx.PutRendition(ctx, dbq.PutRenditionParams{ClipID: string(run.ClipID), Attempt: run.Attempt, Name: r.Name, Kind: string(r.Kind),
		Codecs: r.Codecs, Width: int64(r.Width), Height: int64(r.Height), Bandwidth: r.Bandwidth, InitKey: r.InitKey, Complete: r.Complete})
}

// SetRendition stores what is now known of a rendition.
func (s MediaRows) SetRendition(ctx context.Context, run tidings.StepRun, r tidings.Rendition) error {
	return s.inRun(ctx, run, func(tx Tx) error { return putRendition(ctx, tx, run, r) })
}

// AddSegment makes a stored segment visible. The first one of an attempt makes
// players see that attempt, unless an older one is complete.
func (s MediaRows) AddSegment(ctx context.Context, run tidings.StepRun, g tidings.Segment) error {
	return s.inRun(ctx, run, func(tx Tx) error {
		if err := tx.InsertSegment(ctx, dbq.InsertSegmentParams{ClipID: string(run.ClipID), Attempt: run.Attempt, Rendition: g.Rendition, Seq: g.Seq,
			DurationUs: g.DurationUS, Bytes: g.Bytes, Key: g.Key}); err != nil {
			return err
		}

		c, err := tx.ClipByID(ctx, string(run.ClipID))
		if err != nil {
			return notFound(err)
		}

		if c.MediaAttempt < run.Attempt && c.DurationMs == nil {
			if err := tx.ShowMediaAttempt(ctx, dbq.ShowMediaAttemptParams{ID: string(run.ClipID), MediaAttempt: run.Attempt}); err != nil {
				return err
			}
			tx.publishClipUpdated(tidings.ID(c.WorkspaceID), run.ClipID)
		}

		return nil
	})
}

// AddAsset makes a stored file visible, in place of an older one of its name.
func (s MediaRows) AddAsset(ctx context.Context, run tidings.StepRun, a tidings.Asset) error {
	return s.InTx(ctx, func(tx Tx) error {
		r, err := tx.StepOfClip(ctx, dbq.StepOfClipParams{ClipID: string(run.ClipID), Step: string(run.Step)})
		if err != nil {
			return notFound(err)
		}
		if r.Attempt != run.Attempt { // extras come after the step is done: the attempt alone is the fence
			return errLeaseLost()
		}
		return putAsset(ctx, tx, a)
	})
}

// PutAsset stores a file that no step run made, such as a download made on
// demand.
func (s MediaRows) PutAsset(ctx context.Context, a tidings.Asset) error {
	return s.InTx(ctx, func(tx Tx) error { return putAsset(ctx, tx, a) })
}

func putAsset(ctx context.Context, tx Tx, a tidings.Asset) error {
	g, err := tx.ClipAccessByID(ctx, string(a.ClipID))
	if err != nil {
		return notFound(err)
	}

	old, err := tx.AssetByName(ctx, dbq.AssetByNameParams{ClipID: string(a.ClipID), Name: a.Name})
	if err != nil && !isNotFound(err) {
		return err
	}

	if old.Key != "" && old.Key != a.Key {
		if err := putStaleObjects(ctx, tx, []string{old.Key}); err != nil {
			return err
		}
	}

	if err := tx.PutAsset(ctx, dbq.PutAssetParams{ClipID: string(a.ClipID), Name: a.Name, Attempt: a.Attempt,
		ContentType: a.ContentType, Bytes: a.Bytes, Key: a.Key, Sums: []byte(a.Sums)}); err != nil {
		return err
	}

	tx.publishClipUpdated(tidings.ID(g.WorkspaceID), a.ClipID)
	return nil
}

// FinishMedia makes a complete attempt the one that is shown, completes the step
// and hands the objects of older attempts to the sweep, in one transaction.
func (s MediaRows) FinishMedia(ctx context.Context, run tidings.StepRun, m tidings.MediaResult) error {
	tracks, err := json.Marshal(m.Tracks)
	if err != nil {
		return err
	}

	report, err := json.Marshal(m.Report)
	if err != nil {
		return err
	}

	return s.inRun(ctx, run, func(tx Tx) error {
		w, h := int64(m.Width), int64(m.Height)
		if err := tx.SetClipMedia(ctx, dbq.SetClipMediaParams{ID: string(run.ClipID), DurationMs: &m.DurationMS, Width: &w, Height: &h,
			Tracks: dbq.JSON(tracks), Report: dbq.JSON(report), MediaAttempt: run.Attempt}); err != nil {
			return err
		}
		if err := putQuietRanges(ctx, tx, run.ClipID, m.Quiet); err != nil {
			return err
		}
		if err := tx.CompleteRenditions(ctx, dbq.CompleteRenditionsParams{ClipID: string(run.ClipID), Attempt: run.Attempt}); err != nil {
			return err
		}
		if err := dropOldAttempts(ctx, tx, run); err != nil {
			return err
		}

		g, err := tx.ClipAccessByID(ctx, string(run.ClipID))
		if err != nil {
			return err
		}
		tx.publishClipUpdated(tidings.ID(g.WorkspaceID), run.ClipID)
		if err := enqueueIndexing(ctx, tx, run.ClipID); err != nil {
			return err
		}
		return completeStep(ctx, tx, run)
	})
}

// putQuietRanges stores the quiet ranges of a clip's sound: those at its noise floor.
func putQuietRanges(ctx context.Context, tx Tx, clip tidings.ID, quiet []tidings.Span) error {
	if quiet == nil {
		quiet = []tidings.Span{}
	}
	text, err := json.Marshal(quiet)
	if err != nil {
		return err
	}
	return tx.PutQuietRanges(ctx, dbq.PutQuietRangesParams{ClipID: string(clip), Ranges: dbq.JSON(text)})
}

func dropOldAttempts(ctx context.Context, tx Tx, run tidings.StepRun) error {
	keys, err := tx.OldSegmentKeys(ctx, dbq.OldSegmentKeysParams{ClipID: string(run.ClipID), Attempt: run.Attempt})
	if err != nil {
		return err
	}
	if err := putStaleObjects(ctx, tx, keys); err != nil {
		return err
	}
	if err := tx.DeleteOldSegments(ctx, dbq.DeleteOldSegmentsParams{ClipID: string(run.ClipID), Attempt: run.Attempt}); err != nil {
		return err
	}

	return tx.DeleteOldRenditions(ctx, dbq.DeleteOldRenditionsParams{ClipID: string(run.ClipID), Attempt: run.Attempt})
}

// Renditions are the renditions of the attempt that is shown; none before its
// first segment is stored.
func (s MediaRows) Renditions(ctx context.Context, clip tidings.ID) ([]tidings.Rendition, error) {
	q := s.queries()
	c, err := q.ClipByID(ctx, string(clip))
	if err != nil {
		return nil, notFound(err)
	}

	rows, err := q.RenditionsOf(ctx, dbq.RenditionsOfParams{ClipID: string(clip), Attempt: c.MediaAttempt})
	out := make([]tidings.Rendition, len(rows))
	for i, r := range rows {
		out[i] = tidings.Rendition{ClipID: clip, Attempt: r.Attempt, Name: r.Name, Kind: tidings.RenditionKind(r.Kind), Codecs: r.Codecs,
			Width: int(r.Width), Height: int(r.Height), Bandwidth: r.Bandwidth, InitKey: r.InitKey, Complete: r.Complete}
	}

	return out, err
}

// Segments are the segments of one of Renditions' renditions, in order.
func (s MediaRows) Segments(ctx context.Context, clip tidings.ID, attempt int64, rendition string) ([]tidings.Segment, error) {
	rows, err := s.queries().SegmentsOf(ctx, dbq.SegmentsOfParams{ClipID: string(clip), Attempt: attempt, Rendition: rendition})
	out := make([]tidings.Segment, len(rows))
	for i, r := range rows {
		out[i] = toSegment(r)
	}
	return out, err
}

func toSegment(r dbq.Segment) tidings.Segment {
	return tidings.Segment{ClipID: tidings.ID(r.ClipID), Attempt: r.Attempt, Rendition: r.Rendition, Seq: r.Seq, DurationUS: r.DurationUs, Bytes: r.Bytes, Key: r.Key}
}

// Segment is one segment.
func (s MediaRows) Segment(ctx context.Context, clip tidings.ID, attempt int64, rendition string, seq int64) (tidings.Segment, error) {
	r, err := s.queries().SegmentBySeq(ctx, dbq.SegmentBySeqParams{ClipID: string(clip), Attempt: attempt, Rendition: rendition, Seq: seq})
	return toSegment(r), notFound(err)
}

func toAsset(r dbq.Asset) tidings.Asset {
	return tidings.Asset{ClipID: tidings.ID(r.ClipID), Attempt: r.Attempt, Name: r.Name, ContentType: r.ContentType, Bytes: r.Bytes, Key: r.Key,
		Sums: tidings.BlockSums(r.Sums)}
}

// Asset is a single file of a clip.
func (s MediaRows) Asset(ctx context.Context, clip tidings.ID, name string) (tidings.Asset, error) {
	r, err := s.queries().AssetByName(ctx, dbq.AssetByNameParams{ClipID: string(clip), Name: name})
	return toAsset(r), notFound(err)
}

// Assets are all single files of a clip.
func (s MediaRows) Assets(ctx context.Context, clip tidings.ID) ([]tidings.Asset, error) {
	rows, err := s.queries().AssetsOf(ctx, string(clip))
	out := make([]tidings.Asset, len(rows))
	for i, r := range rows {
		out[i] = toAsset(r)
	}
	return out, err
}

// SetOriginal replaces the upload parts of a sealed original by one object and
// hands the objects of the parts to the sweep. KindConflict when a recorder has
// gone on meanwhile, so that the object is not the original any more.
func (s MediaRows) SetOriginal(ctx context.Context, a tidings.Asset) error {
	return s.InTx(ctx, func(tx Tx) error {
		u, err := tx.UploadByClip(ctx, string(a.ClipID))
		if err != nil {
			return notFound(err)
		}
		if u.SealedMs == nil || u.OffsetBytes != a.Bytes {
			return tidings.Errorf(tidings.KindConflict, "The recording goes on.")
		}
		if err := putAsset(ctx, tx, a); err != nil {
			return err
		}

		keys, err := partKeys(ctx, tx, a.ClipID, 0)
		if err != nil {
			return err
		}

		// The only part of an upload that was opened again in vain is its sealed object.
		keys = slices.DeleteFunc(keys, func(key string) bool { return key == a.Key })
		if err := putStaleObjects(ctx, tx, keys); err != nil {
			return err
		}
		return tx.DeleteParts(ctx, string(a.ClipID))
	})
}

// MediaReport is the recording report of a clip and its tracks.
func (s MediaRows) MediaReport(ctx context.Context, clip tidings.ID) (report tidings.Report, tracks []tidings.Track, err error) {
	r, err := s.queries().ClipByID(ctx, string(clip))
	if err != nil {
		return report, nil, notFound(err)
	}
	if err := json.Unmarshal([]byte(r.Report), &report); err != nil {
		return report, nil, err
	}

	u, err := s.queries().UploadByClip(ctx, string(clip))
	if err != nil && !isNotFound(err) {
		return report, nil, err
	}

	report.Parts = int(u.Parts)
	return report, tracks, json.Unmarshal([]byte(r.Tracks), &tracks)
}
