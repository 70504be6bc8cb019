package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// AddReaction gives an emoji to a comment or a clip. Giving it again changes
// nothing.
func (s CommentRows) AddReaction(ctx context.Context, to tidings.ReactionTarget, emoji string, by tidings.Reactor) error {
	return s.InTx(ctx, func(tx Tx) error {
		if err := checkReactionTarget(ctx, tx, to); err != nil {
			return err
		}

		n, err := tx.InsertReaction(ctx, dbq.InsertReactionParams{ClipID: string(to.ClipID), CommentID: string(to.CommentID), AtMs: momentKey(to.AtMS), Emoji: emoji,
			UserID: string(by.UserID), GuestID: string(by.GuestID), CreatedMs: s.nowMS()})
		if err != nil || n == 0 {
			return err
		}

		given, err := tx.CountReactions(ctx, dbq.CountReactionsParams{ClipID: string(to.ClipID), CommentID: string(to.CommentID), UserID: string(by.UserID),
			GuestID: string(by.GuestID)})
		if err != nil {
			return err
		}

		limit := int64(tidings.MaxClipReactions)
		if to.CommentID != "" {
			limit = tidings.MaxReactions
		}

		if given > limit {
			return tidings.Errorf(tidings.KindConflict, "You have reacted %d times here, the most one can.", limit)
		}
		if err := notifyReaction(ctx, tx, to, by); err != nil {
			return err
		}
		return publishReactionChanged(ctx, tx, to)
	})
}

// RemoveReaction takes an emoji back. One that was never given is no error.
func (s CommentRows) RemoveReaction(ctx context.Context, to tidings.ReactionTarget, emoji string, by tidings.Reactor) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.DeleteReaction(ctx, dbq.DeleteReactionParams{ClipID: string(to.ClipID), CommentID: string(to.CommentID), AtMs: momentKey(to.AtMS), Emoji: emoji,
			UserID: string(by.UserID), GuestID: string(by.GuestID)})
		if err != nil || n == 0 {
			return err
		}
		if err := retractReaction(ctx, tx, to); err != nil {
			return err
		}
		return publishReactionChanged(ctx, tx, to)
	})
}

// checkReactionTarget returns KindNotFound when the comment was deleted.
func checkReactionTarget(ctx context.Context, tx Tx, to tidings.ReactionTarget) error {
	if to.CommentID == "" {
		return nil
	}
	r, err := tx.CommentByID(ctx, string(to.CommentID))
	if err != nil {
		return notFound(err)
	}
	if r.DeletedMs != nil || tidings.ID(r.ClipID) != to.ClipID {
		return tidings.NotFound()
	}
	return nil
}

// publishReactionChanged publishes the event. Reactions are not indexed.
func publishReactionChanged(ctx context.Context, tx Tx, to tidings.ReactionTarget) error {
	g, err := tx.ClipAccessByID(ctx, string(to.ClipID))
	if err != nil {
		return notFound(err)
	}
	tx.Publish(tidings.Event{Type: tidings.EventReactionChanged, WorkspaceID: tidings.ID(g.WorkspaceID), ClipID: to.ClipID, SubjectID: to.CommentID})
	return nil
}

// ClipReactions are the reactions to a clip itself, one for each emoji and
// moment, in the order in which they were first given.
func (s CommentRows) ClipReactions(ctx context.Context, clip tidings.ID) ([]tidings.Reaction, error) {
	rows, err := s.queries().ReactionsOfTarget(ctx, dbq.ReactionsOfTargetParams{ClipID: string(clip)})
	if err != nil {
		return nil, err
	}
	return reactionsOf(mappedRows(rows)), nil
}

func mappedRows(rows []dbq.ReactionsOfTargetRow) []dbq.ReactionsOfCommentsRow {
	out := make([]dbq.ReactionsOfCommentsRow, len(rows))
	for i, r := range rows {
		out[i] = dbq.ReactionsOfCommentsRow(r)
	}
	return out
}

// reactionsOf groups the rows of one target, oldest first, by emoji and moment.
func reactionsOf(rows []dbq.ReactionsOfCommentsRow) []tidings.Reaction {
	type key struct {
		emoji string
		at    int64
	}

	var out []tidings.Reaction
	at := map[key]int{}
	for _, r := range rows {
		k := key{r.Emoji, r.AtMs}
		i, known := at[k]
		if !known {
			i = len(out)
			at[k] = i
			out = append(out, tidings.Reaction{Emoji: r.Emoji, AtMS: momentFromKey(r.AtMs)})
		}

		out[i].By = append(out[i].By, tidings.Reactor{UserID: tidings.ID(r.UserID), GuestID: tidings.ID(r.GuestID), Name: r.Name})
	}

	return out
}

func setReactions(list []tidings.Comment, rows []dbq.ReactionsOfCommentsRow) {
	by := map[string][]dbq.ReactionsOfCommentsRow{}
	for _, r := range rows {
		by[r.CommentID] = append(by[r.CommentID], r)
	}
	for i := range list {
		list[i].Reactions = reactionsOf(by[string(list[i].ID)])
	}
}

// momentKey is a moment as a key column holds it: -1 = none.
func momentKey(ms *int64) int64 {
	if ms == nil {
		return -1
	}
	return *ms
}

func momentFromKey(ms int64) *int64 {
	if ms < 0 {
		return nil
	}
	return &ms
}
