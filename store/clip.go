package store

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// CreateClip writes a new clip in state recording, with its steps waiting.
func (s ClipRows) CreateClip(ctx context.Context, c tidings.Clip) (tidings.Clip, error) {
	tags, err := tagsJSON(c.Tags)
	if err != nil {
		return c, err
	}

	err = s.InTx(ctx, func(tx Tx) error {
		if err := checkChannel(ctx, tx, string(c.ChannelID), string(c.WorkspaceID)); err != nil {
			return err
		}
		if err := tx.InsertClip(ctx, dbq.InsertClipParams{ID: string(c.ID), WorkspaceID: string(c.WorkspaceID), ChannelID: string(c.ChannelID),
			AuthorID: string(c.Author.ID), Kind: string(c.Kind), Title: c.Title, TitleFold: foldCase(c.Title), Description: c.Description, Tags: tags,
			Visibility: string(c.Visibility), ReplyTo: string(c.ReplyToComment), Answers: string(c.Answers), Language: c.Language,
			CreatedMs: tidings.Millis(c.CreatedAt)}); err != nil {
			return err
		}

		for _, step := range []tidings.Step{tidings.StepUpload, tidings.StepTranscode, tidings.StepTranscribe, tidings.StepIndex} {
			if err := tx.InsertStep(ctx, dbq.InsertStepParams{ClipID: string(c.ID), Step: string(step), State: string(tidings.StepWaiting)}); err != nil {
				return err
			}
		}

		tx.publishClipUpdated(c.WorkspaceID, c.ID)
		return enqueueIndexing(ctx, tx, c.ID)
	})
	if err != nil {
		return c, err
	}

	return s.Clip(ctx, c.ID)
}

func toClip(r dbq.ClipByIDRow, steps []dbq.StepRun) (tidings.Clip, error) {
	c := tidings.Clip{
		ID: tidings.ID(r.ID), WorkspaceID: tidings.ID(r.WorkspaceID), ChannelID: tidings.ID(r.ChannelID),
		Author: tidings.Author{ID: tidings.ID(r.AuthorID), Name: r.AuthorName, Avatar: r.AuthorAvatar}, Kind: tidings.ClipKind(r.Kind),
		Title: r.Title, Description: r.Description, Visibility: tidings.Visibility(r.Visibility), ReplyToComment: tidings.ID(r.ReplyTo), Answers: tidings.ID(r.Answers),
		Language: r.Language, State: tidings.ClipState(r.State), Failure: r.Failure, EndedEarly: r.EndedEarly, AtRisk: r.AtRisk,
		CreatedAt: tidings.FromMillis(r.CreatedMs), RecordedAt: timeFromMillis(r.RecordedMs), DurationMS: r.DurationMs, Bytes: r.Bytes,
		Counts: tidings.Counts{Comments: int(r.CommentCount), Reactions: int(r.ReactionCount), Views: int(r.ViewCount)}, TrashedAt: timeFromMillis(r.TrashedMs), Version: r.Version,
	}
	if r.Width != nil && r.Height != nil && *r.Width > 0 {
		w, h := int(*r.Width), int(*r.Height)
		c.Width, c.Height = &w, &h
	}

	for _, step := range steps {
		if step.ClipID == r.ID {
			setStepStatus(&c.Steps, step)
		}
	}

	return c, json.Unmarshal([]byte(r.Tags), &c.Tags)
}

func setStepStatus(steps *tidings.Steps, r dbq.StepRun) {
	st := tidings.StepStatus{State: tidings.StepState(r.State), Progress: float64(r.Permille) / 1000, Failure: r.Failure}
	switch tidings.Step(r.Step) {
	case tidings.StepUpload:
		steps.Upload = st
	case tidings.StepTranscode:
		steps.Transcode = st
	case tidings.StepTranscribe:
		steps.Transcribe = st
	case tidings.StepIndex:
		steps.Index = st
	}
}

// Clip is the clip with the id, also when it is in the trash.
func (s ClipRows) Clip(ctx context.Context, id tidings.ID) (tidings.Clip, error) {
	q := s.queries()
	r, err := q.ClipByID(ctx, string(id))
	if err != nil {
		return tidings.Clip{}, notFound(err)
	}
	steps, err := q.StepsOfClip(ctx, string(id))
	if err != nil {
		return tidings.Clip{}, err
	}
	return toClip(r, steps)
}

// ClipAccess is what the access check needs of a clip; that of a reply contains
// the one of the clip it answers.
func (s ClipRows) ClipAccess(ctx context.Context, clip, user tidings.ID) (tidings.ClipAccess, error) {
	return clipAccess(ctx, s.queries(), clip, user, maxReplyDepth)
}

// ClipAccesses are those of clips that answer no other clip, by clip; a missing
// clip has none.
func (s ClipRows) ClipAccesses(ctx context.Context, clips []tidings.ID, user tidings.ID) (map[tidings.ID]tidings.ClipAccess, error) {
	list, err := idsJSON(clips)
	if err != nil {
		return nil, err
	}

	rows, err := s.queries().ClipAccessesFor(ctx, dbq.ClipAccessesForParams{IdsJson: list, ViewerID: string(user)})
	out := make(map[tidings.ID]tidings.ClipAccess, len(rows))
	for _, r := range rows {
		if r.Answers == "" {
			out[tidings.ID(r.ID)] = toClipAccess(dbq.ClipAccessForRow(r))
		}
	}

	return out, err
}

// ownClipAccess is the access row of a clip without that of the clip it answers.
// The query always reads a row, so that a missing clip takes as long as
// another's.
func ownClipAccess(ctx context.Context, q *dbq.Queries, clip, user tidings.ID) (g tidings.ClipAccess, answers tidings.ID, err error) {
	r, err := q.ClipAccessFor(ctx, dbq.ClipAccessForParams{ID: string(clip), ViewerID: string(user)})
	if err != nil {
		return g, "", notFound(err)
	}
	if r.ID != string(clip) { // the row of another clip, read for equal timing
		return g, "", tidings.NotFound()
	}
	return toClipAccess(r), tidings.ID(r.Answers), nil
}

func toClipAccess(r dbq.ClipAccessForRow) tidings.ClipAccess {
	return tidings.ClipAccess{ClipID: tidings.ID(r.ID), WorkspaceID: tidings.ID(r.WorkspaceID), ChannelID: tidings.ID(r.ChannelID),
		AuthorID: tidings.ID(r.AuthorID), Visibility: tidings.Visibility(r.Visibility), Trashed: r.Trashed,
		ChannelOpen: r.ChannelOpen, InChannel: r.InChannel, Hidden: r.Hidden, Language: r.Language, MaskProfanity: r.MaskProfanity}
}

// maxPage is the longest page of a list.
const maxPage = 100

// Clips is a page of the clips the subject may see (as tidings.Allowed has it
// for ActView), newest first, and the cursor of the next page ("" = the end).
// A cursor that is not one of ours is KindInvalid.
func (s ClipRows) Clips(ctx context.Context, f tidings.ClipFilter) ([]tidings.Clip, string, error) {
	at, err := parseTimeCursor(f.Cursor)
	if err != nil {
		return nil, "", err
	}

	role := f.Subject.Roles[f.WorkspaceID]
	if f.Subject.UserID == "" || role == "" || !f.Subject.Scope.Includes(tidings.ScopeRead) {
		return []tidings.Clip{}, "", nil // the first checks of tidings.Allowed; PageClips has the others
	}

	tags, err := s.tagSpellings(ctx, f.WorkspaceID, f.Tag)
	if err != nil {
		return nil, "", err
	}

	f.Limit = min(max(f.Limit, 1), maxPage)
	rows, err := s.queries().PageClips(ctx, dbq.PageClipsParams{
		WorkspaceID: string(f.WorkspaceID), BeforeMs: at.ms, BeforeID: at.id, ViewerID: string(f.Subject.UserID),
		SeesWorkspace: role != tidings.RoleGuest, SeesTrash: role == tidings.RoleOwner || role == tidings.RoleAdmin, Trashed: f.Trashed, ChannelID: string(f.ChannelID), AuthorID: string(f.AuthorID),
		Kind: string(f.Kind), State: string(f.State), Tags: tags, TitleHas: likePattern(foldCase(f.TitleHas)), PageSize: int32(f.Limit + 1)})
	if err != nil {
		return nil, "", err
	}

	next := ""
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[f.Limit-1]
		next = timeCursor{last.CreatedMs, last.ID}.String()
	}

	clips, err := s.addSteps(ctx, rows)
	return clips, next, err
}

func (s *database) addSteps(ctx context.Context, rows []dbq.PageClipsRow) ([]tidings.Clip, error) {
	clips := make([]tidings.ID, len(rows))
	for i, r := range rows {
		clips[i] = tidings.ID(r.ID)
	}

	list, err := idsJSON(clips)
	if err != nil {
		return nil, err
	}

	steps, err := s.queries().StepsOfClips(ctx, list)
	if err != nil {
		return nil, err
	}

	out := make([]tidings.Clip, len(rows))
	var errs []error
	for i, r := range rows {
		out[i], err = toClip(dbq.ClipByIDRow(r), steps)
		errs = append(errs, err)
	}

	return out, errors.Join(errs...)
}

// likePattern matches text anywhere; "" stays "" (no filter).
func likePattern(text string) string {
	if text == "" {
		return ""
	}
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text) + "%"
}

// foldCase is the form in which titles and names are compared without regard to
// case.
func foldCase(s string) string { return strings.ToLower(s) }

// UpdateClip changes the fields that p names. With ifVersion, a newer version of
// the clip is KindStale.
func (s ClipRows) UpdateClip(ctx context.Context, id tidings.ID, p tidings.ClipPatch, ifVersion *int64) (tidings.Clip, error) {
	err := s.InTx(ctx, func(tx Tx) error {
		r, err := tx.ClipByID(ctx, string(id))
		if err != nil {
			return notFound(err)
		}
		if ifVersion != nil && *ifVersion != r.Version {
			return errStale()
		}

		next := dbq.UpdateClipParams{ID: r.ID, Title: valueOr(p.Title, r.Title), Description: valueOr(p.Description, r.Description), Tags: r.Tags,
			Visibility: string(valueOr(p.Visibility, tidings.Visibility(r.Visibility))), ChannelID: string(valueOr(p.ChannelID, tidings.ID(r.ChannelID))),
			Language: valueOr(p.Language, r.Language), Version: r.Version}
		if p.Tags != nil {
			if next.Tags, err = tagsJSON(*p.Tags); err != nil {
				return err
			}
		}

		if next.ChannelID != r.ChannelID {
			if err := checkChannel(ctx, tx, next.ChannelID, r.WorkspaceID); err != nil {
				return err
			}
		}

		if next.Visibility == string(tidings.VisibilityChannel) && next.ChannelID == "" {
			return tidings.Invalid("visibility", "Choose a channel first.")
		}

		next.TitleFold = foldCase(next.Title)
		if _, err := tx.UpdateClip(ctx, next); err != nil {
			return err
		}

		if next.Visibility != r.Visibility || next.ChannelID != r.ChannelID {
			if err := notifyClip(ctx, tx, id); err != nil {
				return err
			}
		}

		tx.publishClipUpdated(tidings.ID(r.WorkspaceID), id)
		return enqueueIndexing(ctx, tx, id)
	})
	if err != nil {
		return tidings.Clip{}, err
	}
	return s.Clip(ctx, id)
}

// valueOr is *v, or the other value when v is nil.
func valueOr[T any](v *T, otherwise T) T {
	if v != nil {
		return *v
	}
	return otherwise
}

// TrashClip moves a clip to the trash; RestoreClip takes it out again.
func (s ClipRows) TrashClip(ctx context.Context, id tidings.ID) error {
	now := s.nowMS()
	return s.setTrashed(ctx, id, &now)
}

// RestoreClip takes a clip out of the trash.
func (s ClipRows) RestoreClip(ctx context.Context, id tidings.ID) error {
	return s.setTrashed(ctx, id, nil)
}

func (s *database) setTrashed(ctx context.Context, id tidings.ID, ms *int64) error {
	return s.InTx(ctx, func(tx Tx) error { return setTrashedInTx(ctx, tx, id, ms) })
}

func setTrashedInTx(ctx context.Context, tx Tx, id tidings.ID, ms *int64) error {
	r, err := tx.ClipAccessByID(ctx, string(id))
	if err != nil {
		return notFound(err)
	}
	if r.Trashed == (ms != nil) {
		return nil // the retention time counts from the first call
	}
	if _, err := tx.SetTrashed(ctx, dbq.SetTrashedParams{ID: string(id), TrashedMs: ms}); err != nil {
		return err
	}

	tx.publishClipUpdated(tidings.ID(r.WorkspaceID), id)
	return enqueueIndexing(ctx, tx, id)
}
