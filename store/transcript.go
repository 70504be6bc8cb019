package store

import (
	"context"
	"encoding/json"
	"slices"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// StartTranscript opens a transcript. It is shown from its first segment on when
// there is no other. It takes the place of an unfinished one once it has come as
// far, so that nothing that can be found vanishes meanwhile, and of a finished
// one when it is finished itself.
func (s TranscriptRows) StartTranscript(ctx context.Context, run tidings.StepRun, t tidings.Transcript) (tidings.ID, error) {
	id := tidings.NewID(s.clock())
	return id, s.inRun(ctx, run, func(tx Tx) error {
		outdated, err := outdatedTranscript(ctx, tx, run.ClipID, 0)
		if err != nil {
			return err
		}
		if err := tx.InsertTranscript(ctx, dbq.InsertTranscriptParams{ID: string(id), ClipID: string(run.ClipID), Attempt: run.Attempt, Draft: t.Draft,
			Current: outdated, Language: t.Language, Engine: t.Engine, Model: t.Model, Refinement: string(t.Refinement), CreatedMs: s.nowMS()}); err != nil {
			return err
		}
		if !outdated {
			return nil
		}
		return tx.DropOtherTranscripts(ctx, dbq.DropOtherTranscriptsParams{ClipID: string(run.ClipID), ID: string(id)})
	})
}

// outdatedTranscript reports whether a transcript that is written up to endMS may
// take the place of the shown one: there is none, or a run that was killed or
// failed has left it unfinished and it reaches no further.
func outdatedTranscript(ctx context.Context, tx Tx, clip tidings.ID, endMS int64) (bool, error) {
	old, err := tx.CurrentTranscript(ctx, string(clip))
	if isNotFound(err) {
		return true, nil
	}
	if err != nil || old.State == string(tidings.StepDone) || old.EditedMs != nil {
		return false, err
	}

	end, err := tx.EndOfTranscript(ctx, old.ID)
	return end <= endMS, err
}

// AddTranscriptSegments appends utterances and publishes them if the transcript
// is shown.
func (s TranscriptRows) AddTranscriptSegments(ctx context.Context, run tidings.StepRun, id tidings.ID, segs []tidings.TranscriptSegment) error {
	return s.inRun(ctx, run, func(tx Tx) error {
		t, err := tx.TranscriptByID(ctx, string(id))
		if err != nil {
			return notFound(err)
		}

		g, err := tx.ClipAccessByID(ctx, t.ClipID)
		if err != nil {
			return notFound(err)
		}
		if err := tx.DropPackedTranscript(ctx, string(id)); err != nil { // there is one if a finished transcript is continued
			return err
		}

		var endMS int64
		for _, seg := range segs {
			if seg.ID == "" {
				seg.ID = tidings.NewID(s.clock())
			}
			seg.Origin = tidings.OriginMachine
			if err := insertSegment(ctx, tx, id, seg); err != nil {
				return err
			}

			if endMS = max(endMS, seg.EndMS); t.Current {
				tx.Publish(tidings.Event{Type: tidings.EventTranscriptSegment, WorkspaceID: tidings.ID(g.WorkspaceID), ClipID: run.ClipID, SubjectID: seg.ID})
			}
		}

		if !t.Current {
			return showIfAsFar(ctx, tx, g, t.ID, endMS)
		}
		return enqueueIndexing(ctx, tx, run.ClipID)
	})
}

// showIfAsFar shows a transcript that is written up to endMS in place of an
// unfinished one that reaches no further.
func showIfAsFar(ctx context.Context, tx Tx, g dbq.ClipAccessByIDRow, transcript string, endMS int64) error {
	outdated, err := outdatedTranscript(ctx, tx, tidings.ID(g.ID), endMS)
	if err != nil || !outdated {
		return err
	}
	if err := tx.DropOtherTranscripts(ctx, dbq.DropOtherTranscriptsParams{ClipID: g.ID, ID: transcript}); err != nil {
		return err
	}
	if err := tx.SetCurrentTranscript(ctx, transcript); err != nil {
		return err
	}

	tx.publishClipUpdated(tidings.ID(g.WorkspaceID), tidings.ID(g.ID)) // pages load it as a whole
	return enqueueIndexing(ctx, tx, tidings.ID(g.ID))
}

func insertSegment(ctx context.Context, tx Tx, transcript tidings.ID, seg tidings.TranscriptSegment) error {
	words, err := wordsJSON(seg.Words)
	if err != nil {
		return err
	}
	return tx.InsertTranscriptSegment(ctx, dbq.InsertTranscriptSegmentParams{ID: string(seg.ID), TranscriptID: string(transcript), Seq: seg.Seq,
		StartMs: seg.StartMS, EndMs: seg.EndMS, Text: seg.Text, Speaker: seg.Speaker, Language: seg.Language, Words: words, Version: max(1, seg.Version),
		Origin: string(seg.Origin), EditedBy: string(seg.EditedBy), EditedMs: optionalMillis(seg.EditedAt)})
}

// FinishTranscript ends a transcript and the step. A new one replaces the old
// one as a whole, unless a person has edited the old one. Turns, if there are
// any, take the place of its segments, unless a person has edited those.
func (s TranscriptRows) FinishTranscript(ctx context.Context, run tidings.StepRun, id tidings.ID, language string, turns ...tidings.TranscriptSegment) error {
	return s.inRun(ctx, run, func(tx Tx) error {
		if err := putTurns(ctx, tx, id, turns); err != nil {
			return err
		}
		if err := tx.FinishTranscript(ctx, dbq.FinishTranscriptParams{ID: string(id), State: string(tidings.StepDone), Language: language}); err != nil {
			return err
		}

		keep := string(id)
		replaces, err := canReplaceTranscript(ctx, tx, run.ClipID)
		if err != nil {
			return err
		}

		if old, err := tx.CurrentTranscript(ctx, string(run.ClipID)); err == nil && !replaces {
			keep = old.ID
		}

		if err := tx.DropTranscriptRequest(ctx, string(run.ClipID)); err != nil {
			return err
		}
		if err := tx.DropOtherTranscripts(ctx, dbq.DropOtherTranscriptsParams{ClipID: string(run.ClipID), ID: keep}); err != nil {
			return err
		}
		if err := tx.SetCurrentTranscript(ctx, keep); err != nil {
			return err
		}

		if keep == string(id) {
			if err := packTranscript(ctx, tx.Queries, keep); err != nil {
				return err
			}
		}

		if err := tx.SetClipLanguage(ctx, dbq.SetClipLanguageParams{ID: string(run.ClipID), Language: language}); err != nil {
			return err
		}

		if err := enqueueIndexing(ctx, tx, run.ClipID); err != nil {
			return err
		}
		return completeStep(ctx, tx, run) // its event carries the clip's language
	})
}

// ResumeTranscript completes the step of a run with the shown transcript if that
// is finished: the run goes on to refine it. It reports whether it is; otherwise
// the step stays as it is.
func (s TranscriptRows) ResumeTranscript(ctx context.Context, run tidings.StepRun) (whole bool, err error) {
	err = s.inRun(ctx, run, func(tx Tx) error {
		t, err := tx.CurrentTranscript(ctx, string(run.ClipID))
		if err != nil && !isNotFound(err) {
			return err
		}
		if whole = t.State == string(tidings.StepDone); !whole { // without a transcript it is ""
			return nil
		}
		return completeStep(ctx, tx, run)
	})
	return whole && err == nil, err
}

// RefineTranscript replaces the shown transcript by a better one, as a whole,
// after the step of run is done. It reports whether it did: never when a person
// has edited the old one. KindConflict when the lease is lost.
func (s TranscriptRows) RefineTranscript(ctx context.Context, run tidings.StepRun, t tidings.Transcript) (replaced bool, err error) {
	err = s.InTx(ctx, func(tx Tx) error {
		r, err := tx.StepOfClip(ctx, dbq.StepOfClipParams{ClipID: string(run.ClipID), Step: string(run.Step)})
		if err != nil {
			return notFound(err)
		}
		if r.Attempt != run.Attempt || r.State != string(tidings.StepDone) || r.LeaseUntilMs == 0 {
			return errLeaseLost()
		}

		old, err := tx.CurrentTranscript(ctx, string(run.ClipID))
		if err != nil {
			return notFound(err)
		}
		if replaced = old.EditedMs == nil; !replaced {
			return nil
		}
		return replaceShownTranscript(ctx, tx, run, t, old.Language)
	})
	return replaced && err == nil, err
}

// replaceShownTranscript stores a finished transcript in place of one in the
// language old, has the clip indexed again and publishes that it changed.
func replaceShownTranscript(ctx context.Context, tx Tx, run tidings.StepRun, t tidings.Transcript, old string) error {
	err := putTranscript(ctx, tx, run, t)
	if err != nil {
		return err
	}

	// The draft's engine may have set the clip's language wrongly.
	if old != "" && t.Language != "" {
		err = tx.RefineClipLanguage(ctx, dbq.RefineClipLanguageParams{ClipID: string(run.ClipID), Language: t.Language, DraftLanguage: old})
	} else {
		err = tx.SetClipLanguage(ctx, dbq.SetClipLanguageParams{ID: string(run.ClipID), Language: t.Language})
	}

	if err != nil {
		return err
	}

	g, err := tx.ClipAccessByID(ctx, string(run.ClipID))
	if err != nil {
		return notFound(err)
	}

	tx.publishClipUpdated(tidings.ID(g.WorkspaceID), run.ClipID) // pages that show the draft load the better one
	return enqueueIndexing(ctx, tx, run.ClipID)
}

// putTranscript stores a finished transcript in place of all others.
func putTranscript(ctx context.Context, tx Tx, run tidings.StepRun, t tidings.Transcript) error {
	id := tidings.NewID(tx.now)
	if err := tx.DropOtherTranscripts(ctx, dbq.DropOtherTranscriptsParams{ClipID: string(run.ClipID), ID: string(id)}); err != nil {
		return err
	}
	if err := tx.InsertTranscript(ctx, dbq.InsertTranscriptParams{ID: string(id), ClipID: string(run.ClipID), Attempt: run.Attempt, Draft: t.Draft,
		Current: true, Language: t.Language, Engine: t.Engine, Model: t.Model, CreatedMs: tx.nowMS()}); err != nil {
		return err
	}

	segments := slices.Clone(t.Segments)
	if err := insertMachineSegments(ctx, tx, id, segments); err != nil {
		return err
	}
	if err := putPackedTranscript(ctx, tx.Queries, string(id), segments); err != nil {
		return err
	}

	return tx.FinishTranscript(ctx, dbq.FinishTranscriptParams{ID: string(id), State: string(tidings.StepDone), Language: t.Language})
}

// insertMachineSegments inserts what an engine wrote, and sets the IDs that are
// missing.
func insertMachineSegments(ctx context.Context, tx Tx, transcript tidings.ID, segments []tidings.TranscriptSegment) error {
	for i := range segments {
		if segments[i].ID == "" {
			segments[i].ID = tidings.NewID(tx.now)
		}
		segments[i].Origin = tidings.OriginMachine
		if err := insertSegment(ctx, tx, transcript, segments[i]); err != nil {
			return err
		}
	}
	return nil
}

// putTurns replaces the segments of a transcript by its turns, if there are any
// and no person has edited it.
func putTurns(ctx context.Context, tx Tx, id tidings.ID, turns []tidings.TranscriptSegment) error {
	if len(turns) == 0 {
		return nil
	}

	t, err := tx.TranscriptByID(ctx, string(id))
	if err != nil || t.EditedMs != nil {
		return notFound(err)
	}

	old, err := tx.SegmentsOfTranscript(ctx, string(id))
	if err != nil {
		return err
	}
	for _, seg := range old {
		if err := tx.DeleteTranscriptSegment(ctx, seg.ID); err != nil {
			return err
		}
	}

	return insertMachineSegments(ctx, tx, id, slices.Clone(turns))
}

// Transcript is the transcript that is shown; KindNotFound before there is one.
func (s TranscriptRows) Transcript(ctx context.Context, clip tidings.ID) (tidings.Transcript, error) {
	return currentTranscript(ctx, s.queries(), clip)
}

func currentTranscript(ctx context.Context, q *dbq.Queries, clip tidings.ID) (tidings.Transcript, error) {
	r, err := q.CurrentTranscript(ctx, string(clip))
	if err != nil {
		return tidings.Transcript{}, notFound(err)
	}
	t := tidings.Transcript{ID: tidings.ID(r.ID), ClipID: clip, Attempt: r.Attempt, State: tidings.StepState(r.State), Draft: r.Draft,
		Language: r.Language, Engine: r.Engine, Model: r.Model, Refinement: tidings.Refinement(r.Refinement), EditedAt: timeFromMillis(r.EditedMs)}
	if t.Segments, err = segmentsOfTranscript(ctx, q, r.ID); err != nil {
		return t, err
	}
	return t, addSilences(ctx, q, &t)
}

// addSilences sets the silences and the fillers of a transcript.
func addSilences(ctx context.Context, q *dbq.Queries, t *tidings.Transcript) error {
	quiet := []tidings.Span{}
	text, err := q.QuietRangesOfClip(ctx, string(t.ClipID))
	if err == nil {
		err = json.Unmarshal([]byte(text), &quiet)
	} else if isNotFound(err) {
		err = nil // the quiet ranges have not been measured
	}
	t.Silences, t.Fillers = tidings.Silences(t.Segments, quiet, 0), tidings.Fillers(t.Segments, t.Language)
	return err
}

func toTranscriptSegment(r dbq.TranscriptSegment) (tidings.TranscriptSegment, error) {
	seg := tidings.TranscriptSegment{ID: tidings.ID(r.ID), Seq: r.Seq, StartMS: r.StartMs, EndMS: r.EndMs, Text: r.Text, Speaker: r.Speaker, Language: r.Language,
		Version: r.Version, Origin: tidings.SegmentOrigin(r.Origin), EditedBy: tidings.ID(r.EditedBy), EditedAt: timeFromMillis(r.EditedMs)}
	return seg, json.Unmarshal([]byte(r.Words), &seg.Words)
}

// TranscriptSegment is one utterance of a shown transcript, and its clip.
func (s TranscriptRows) TranscriptSegment(ctx context.Context, id tidings.ID) (tidings.TranscriptSegment, tidings.ID, error) {
	r, err := s.queries().TranscriptSegmentByID(ctx, string(id))
	if err != nil {
		return tidings.TranscriptSegment{}, "", notFound(err)
	}
	seg, err := shownSegmentFromRow(r)
	return seg, tidings.ID(r.ClipID), err
}

func shownSegmentFromRow(r dbq.TranscriptSegmentByIDRow) (tidings.TranscriptSegment, error) {
	return toTranscriptSegment(dbq.TranscriptSegment{ID: r.ID, TranscriptID: r.TranscriptID, Seq: r.Seq, StartMs: r.StartMs,
		EndMs: r.EndMs, Text: r.Text, Speaker: r.Speaker, Language: r.Language, Words: r.Words, Version: r.Version,
		Origin: r.Origin, EditedBy: r.EditedBy, EditedMs: r.EditedMs})
}
