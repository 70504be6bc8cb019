package store

import (
	"context"
	"encoding/json"
	"time"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// spliceSegments replaces segments by others. Either they are the same ones,
// changed; or those in from are consecutive, and the new ones take their
// positions. Each of from must still have its version (KindStale).
func spliceSegments(ctx context.Context, tx Tx, t dbq.Transcript, from []shownSegment, to []tidings.TranscriptSegment) ([]tidings.TranscriptSegment, error) {
	places, err := tx.SegmentPlaces(ctx, t.ID)
	if err != nil {
		return nil, err
	}

	at := map[tidings.ID]int{}
	for i, p := range places {
		at[tidings.ID(p.ID)] = i
	}

	out, err := nextVersions(tx.now, from, to, places, at)
	if err != nil {
		return nil, err
	}

	if sameSegments(from, out) {
		err = updateSegments(ctx, tx, out, places, at)
	} else if t.State == string(tidings.StepRunning) {
		return nil, tidings.Errorf(tidings.KindConflict, "The transcript is still being written. Try again when it is whole.")
	} else {
		err = replaceSegments(ctx, tx, t.ID, from, out, places, at)
	}

	if err != nil {
		return nil, err
	}

	return out, splicePackedTranscript(ctx, tx, t.ID, from, out)
}

// nextVersions returns to with its next versions, and ids for new segments.
// KindStale unless each of from has its version still, in the order of the
// transcript, and all of to are new or among from.
func nextVersions(now time.Time, from []shownSegment, to []tidings.TranscriptSegment, places []dbq.SegmentPlacesRow, at map[tidings.ID]int) ([]tidings.TranscriptSegment, error) {
	version := map[tidings.ID]int64{}
	for i, f := range from {
		p, there := at[f.ID]
		if !there || places[p].Version != f.Version || i > 0 && at[from[i-1].ID] >= p {
			return nil, errStale()
		}
		version[f.ID] = f.Version
	}

	out := make([]tidings.TranscriptSegment, len(to))
	for i, g := range to {
		if old, there := version[g.ID]; there {
			g.Version = old
		} else if _, taken := at[g.ID]; taken {
			return nil, errStale()
		}

		if g.ID == "" {
			g.ID = tidings.NewID(now)
		}

		g.Version++
		out[i] = g
	}

	return out, nil
}

func sameSegments(from []shownSegment, to []tidings.TranscriptSegment) bool {
	if len(from) != len(to) {
		return false
	}
	for i := range from {
		if from[i].ID != to[i].ID {
			return false
		}
	}
	return true
}

func updateSegments(ctx context.Context, tx Tx, segs []tidings.TranscriptSegment, places []dbq.SegmentPlacesRow, at map[tidings.ID]int) error {
	for i := range segs {
		g := &segs[i]
		g.Seq = places[at[g.ID]].Seq
		words, err := wordsJSON(g.Words)
		if err != nil {
			return err
		}
		if err := tx.SetTranscriptSegment(ctx, dbq.SetTranscriptSegmentParams{ID: string(g.ID), StartMs: g.StartMS, EndMs: g.EndMS, Text: g.Text,
			Speaker: g.Speaker, Language: g.Language, Words: words, Version: g.Version,
			Origin: string(g.Origin), EditedBy: string(g.EditedBy), EditedMs: optionalMillis(g.EditedAt)}); err != nil {
			return err
		}
	}
	return nil
}

// replaceSegments deletes consecutive segments and inserts others in their
// position.
func replaceSegments(ctx context.Context, tx Tx, transcript string, from []shownSegment, to []tidings.TranscriptSegment, places []dbq.SegmentPlacesRow, at map[tidings.ID]int) error {
	first, last := at[from[0].ID], at[from[len(from)-1].ID]
	if last-first != len(from)-1 {
		return errStale()
	}

	for _, f := range from {
		if err := tx.DeleteTranscriptSegment(ctx, string(f.ID)); err != nil {
			return err
		}
	}

	// By way of negative numbers: (transcript_id, seq) is unique at each moment.
	if delta := int64(len(to) - len(from)); delta != 0 {
		if err := tx.NegateSegmentSeqs(ctx, dbq.NegateSegmentSeqsParams{TranscriptID: transcript, Seq: places[last].Seq}); err != nil {
			return err
		}
		if err := tx.RestoreSegmentSeqs(ctx, dbq.RestoreSegmentSeqsParams{Delta: delta, TranscriptID: transcript}); err != nil {
			return err
		}
	}

	for i := range to {
		to[i].Seq = places[first].Seq + int64(i)
		if err := insertSegment(ctx, tx, tidings.ID(transcript), to[i]); err != nil {
			return err
		}
	}

	return nil
}

func wordsJSON(words []tidings.Word) (dbq.JSON, error) {
	if words == nil {
		return "[]", nil
	}
	text, err := json.Marshal(words)
	return dbq.JSON(text), err
}
