package store

import (
	"context"
	"encoding/json"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// maxUndoEdits is how many edits of a transcript can be undone.
const maxUndoEdits = 200

// shownSegment is a segment and its version after an edit.
type shownSegment struct {
	ID      tidings.ID `json:"id"`
	Version int64      `json:"version"`
}

func shownVersions(segs []tidings.TranscriptSegment) []shownSegment {
	out := make([]shownSegment, len(segs))
	for i, g := range segs {
		out[i] = shownSegment{g.ID, g.Version}
	}
	return out
}

// EditTranscript replaces segments of the shown transcript and returns the new
// ones with their ids and versions. From then on no engine replaces it, and the
// person can undo the edit. It sets their origins. KindStale when a segment has changed since;
// KindConflict while it is being written, unless only texts change.
func (s TranscriptRows) EditTranscript(ctx context.Context, clip tidings.ID, e tidings.TranscriptEdit) (to []tidings.TranscriptSegment, err error) {
	err = s.InTx(ctx, func(tx Tx) error {
		e := e.WithOrigins(tx.now)
		t, err := tx.CurrentTranscript(ctx, string(clip))
		if err != nil {
			return notFound(err)
		}
		if to, err = spliceSegments(ctx, tx, t, shownVersions(e.From), e.To); err != nil {
			return err
		}

		id := tidings.NewID(s.clock())
		if err := insertEdit(ctx, tx, t.ID, id, e, to); err != nil {
			return err
		}

		g, err := tx.ClipAccessByID(ctx, string(clip))
		if err != nil {
			return notFound(err)
		}

		for _, c := range e.Corrections {
			if err := tx.InsertCorrection(ctx, dbq.InsertCorrectionParams{ID: string(tidings.NewID(s.clock())), WorkspaceID: g.WorkspaceID, ClipID: string(clip),
				EditID: string(id), UserID: string(e.UserID), Heard: c.Original, Written: c.Replacement, CreatedMs: s.nowMS()}); err != nil {
				return err
			}
		}

		return afterTranscriptEdit(ctx, tx, t, e.From, to)
	})
	return to, err
}

// insertEdit stores what undoing an edit takes.
func insertEdit(ctx context.Context, tx Tx, transcript string, id tidings.ID, e tidings.TranscriptEdit, to []tidings.TranscriptSegment) error {
	away, err := json.Marshal(e.From)
	if err != nil {
		return err
	}

	shown, err := json.Marshal(shownVersions(to))
	if err != nil {
		return err
	}
	if err := tx.DeleteUndoneEdits(ctx, dbq.DeleteUndoneEditsParams{TranscriptID: transcript, UserID: string(e.UserID)}); err != nil {
		return err
	}

	seq, err := tx.NextEditSeq(ctx, transcript)
	if err != nil {
		return err
	}
	if err := tx.InsertTranscriptEdit(ctx, dbq.InsertTranscriptEditParams{ID: string(id), TranscriptID: transcript, Seq: seq, UserID: string(e.UserID),
		Kind: string(e.Kind), Away: dbq.JSON(away), Shown: dbq.JSON(shown), CreatedMs: tx.nowMS()}); err != nil {
		return err
	}

	return tx.TrimEdits(ctx, dbq.TrimEditsParams{TranscriptID: transcript, Seq: seq - maxUndoEdits})
}

// afterTranscriptEdit marks a transcript as edited by a person, publishes the
// change and has the clip indexed again.
func afterTranscriptEdit(ctx context.Context, tx Tx, t dbq.Transcript, from, to []tidings.TranscriptSegment) error {
	now := tx.nowMS()
	if err := tx.SetTranscriptEdited(ctx, dbq.SetTranscriptEditedParams{ID: t.ID, EditedMs: &now}); err != nil {
		return err
	}

	g, err := tx.ClipAccessByID(ctx, t.ClipID)
	if err != nil {
		return notFound(err)
	}

	e := tidings.Event{Type: tidings.EventTranscriptUpdated, WorkspaceID: tidings.ID(g.WorkspaceID), ClipID: tidings.ID(t.ClipID)}
	if len(from) == 1 && len(to) == 1 && from[0].ID == to[0].ID {
		e.Type, e.SubjectID = tidings.EventTranscriptSegment, to[0].ID
	}

	tx.Publish(e)
	return enqueueIndexing(ctx, tx, tidings.ID(t.ClipID))
}

// UndoTranscript undoes a person's last edit of the shown transcript or, with
// again, redoes the last one undone. KindConflict when there is none; KindStale
// when the same segments have changed since.
func (s TranscriptRows) UndoTranscript(ctx context.Context, clip, user tidings.ID, again bool) error {
	return s.InTx(ctx, func(tx Tx) error {
		t, err := tx.CurrentTranscript(ctx, string(clip))
		if err != nil {
			return notFound(err)
		}

		e, err := lastEditOf(ctx, tx, t.ID, user, again)
		if err != nil {
			return err
		}

		var shown []shownSegment
		var away []tidings.TranscriptSegment

		if err := json.Unmarshal([]byte(e.Shown), &shown); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(e.Away), &away); err != nil {
			return err
		}

		from := make([]tidings.TranscriptSegment, len(shown))
		for i, g := range shown {
			r, err := tx.TranscriptSegmentByID(ctx, string(g.ID))
			if isNotFound(err) {
				return errStale()
			}
			if err != nil {
				return err
			}
			if from[i], err = shownSegmentFromRow(r); err != nil {
				return err
			}
		}

		to, err := spliceSegments(ctx, tx, t, shown, away)
		if err != nil {
			return err
		}
		if err := invertEdit(ctx, tx, t.ID, e.ID, !again, from, away, to); err != nil {
			return err
		}
		return afterTranscriptEdit(ctx, tx, t, from, to)
	})
}

func lastEditOf(ctx context.Context, tx Tx, transcript string, user tidings.ID, again bool) (e dbq.TranscriptEdit, err error) {
	what := "There is nothing to undo."
	if again {
		what = "There is nothing to do again."
		e, err = tx.FirstUndoneEdit(ctx, dbq.FirstUndoneEditParams{TranscriptID: transcript, UserID: string(user)})
	} else {
		e, err = tx.LastEdit(ctx, dbq.LastEditParams{TranscriptID: transcript, UserID: string(user)})
	}

	if isNotFound(err) {
		return e, tidings.Errorf(tidings.KindConflict, "%s", what)
	}
	return e, err
}

// invertEdit turns an edit round: what was shown is stored for the next undo or
// redo. Segments that came back have new versions; other edits that name the old
// ones are updated.
func invertEdit(ctx context.Context, tx Tx, transcript, id string, undone bool, from, away, to []tidings.TranscriptSegment) error {
	put, err := json.Marshal(from)
	if err != nil {
		return err
	}

	shown, err := json.Marshal(shownVersions(to))
	if err != nil {
		return err
	}
	if err := tx.SwapEdit(ctx, dbq.SwapEditParams{ID: id, Undone: undone, Away: dbq.JSON(put), Shown: dbq.JSON(shown)}); err != nil {
		return err
	}
	if err := tx.UndoCorrections(ctx, dbq.UndoCorrectionsParams{EditID: id, Undone: undone}); err != nil {
		return err
	}

	versions := map[shownSegment]int64{}
	for i, g := range away {
		versions[shownSegment{g.ID, g.Version}] = to[i].Version
	}

	return updateEditVersions(ctx, tx, transcript, id, versions)
}

// updateEditVersions gives the segments that other edits than id left behind
// their new versions.
func updateEditVersions(ctx context.Context, tx Tx, transcript, id string, versions map[shownSegment]int64) error {
	others, err := tx.ShownSegmentsOfEdits(ctx, dbq.ShownSegmentsOfEditsParams{TranscriptID: transcript, ID: id})
	if err != nil {
		return err
	}

	for _, o := range others {
		var shown []shownSegment
		if err := json.Unmarshal([]byte(o.Shown), &shown); err != nil {
			return err
		}

		changed := false
		for i, g := range shown {
			if v, ok := versions[g]; ok {
				shown[i].Version, changed = v, true
			}
		}

		if !changed {
			continue
		}

		text, err := json.Marshal(shown)
		if err != nil {
			return err
		}
		if err := tx.SetEditShown(ctx, dbq.SetEditShownParams{ID: o.ID, Shown: dbq.JSON(text)}); err != nil {
			return err
		}
	}

	return nil
}
