package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

func toComment(r dbq.CommentByIDRow) tidings.Comment {
	c := tidings.Comment{ID: tidings.ID(r.ID), ClipID: tidings.ID(r.ClipID), ParentID: tidings.ID(r.ParentID),
		Author: tidings.Author{ID: tidings.ID(r.AuthorID), Name: r.AuthorName, Avatar: r.AuthorAvatar}, GuestID: tidings.ID(r.GuestID), AtMS: r.AtMs, UntilMS: r.UntilMs, Body: r.Body,
		ReplyClip: tidings.ID(r.ReplyClip), CreatedAt: tidings.FromMillis(r.CreatedMs), EditedAt: timeFromMillis(r.EditedMs),
		DeletedAt: timeFromMillis(r.DeletedMs), ResolvedAt: timeFromMillis(r.ResolvedMs), HiddenAt: timeFromMillis(r.HiddenMs), Version: r.Version}
	if c.ResolvedAt != nil {
		c.ResolvedBy = tidings.Author{ID: tidings.ID(r.ResolvedBy), Name: r.ResolverName, Avatar: r.ResolverAvatar}
	}
	return c
}

// maxComments is how many comments one clip holds, deleted ones included: a
// clip's comments are read together.
const maxComments = 5000

// AddComment stores a comment. A reply must name a comment of the same clip that
// is not deleted; a reply to a reply is put into its thread.
func (s CommentRows) AddComment(ctx context.Context, c tidings.Comment) (tidings.Comment, error) {
	err := s.InTx(ctx, func(tx Tx) error {
		if err := resolveThread(ctx, tx, &c); err != nil {
			return err
		}

		n, err := tx.CountComments(ctx, string(c.ClipID))
		if err != nil {
			return err
		}
		if n >= maxComments {
			return tidings.Errorf(tidings.KindConflict, "This clip has %d comments, the most there can be.", maxComments)
		}
		if err := attachReply(ctx, tx, c); err != nil {
			return err
		}
		if err := tx.InsertComment(ctx, dbq.InsertCommentParams{ID: string(c.ID), ClipID: string(c.ClipID), ParentID: string(c.ParentID),
			AuthorID: string(c.Author.ID), GuestID: string(c.GuestID), AtMs: c.AtMS, UntilMs: c.UntilMS, Body: c.Body, ReplyClip: string(c.ReplyClip),
			CreatedMs: tidings.Millis(c.CreatedAt)}); err != nil {
			return err
		}
		if err := notifyComment(ctx, tx, c); err != nil {
			return err
		}
		return afterCommentChange(ctx, tx, tidings.EventCommentCreated, c.ClipID, c.ID)
	})
	if err != nil {
		return c, err
	}
	return s.Comment(ctx, c.ID)
}

// resolveThread sets c.ParentID to the first comment of the thread that c
// replies to.
func resolveThread(ctx context.Context, tx Tx, c *tidings.Comment) error {
	if c.ParentID == "" {
		return nil
	}

	p, err := tx.CommentByID(ctx, string(c.ParentID))
	if err != nil && !isNotFound(err) {
		return err
	}
	if err != nil || tidings.ID(p.ClipID) != c.ClipID || p.DeletedMs != nil {
		return tidings.Invalid("parent_id", "There is no such comment to reply to.")
	}

	if p.ParentID != "" {
		c.ParentID = tidings.ID(p.ParentID)
	}

	return nil
}

// afterCommentChange publishes the event and has the clip indexed again.
func afterCommentChange(ctx context.Context, tx Tx, event tidings.EventType, clip, id tidings.ID) error {
	g, err := tx.ClipAccessByID(ctx, string(clip))
	if err != nil {
		return notFound(err)
	}
	tx.Publish(tidings.Event{Type: event, WorkspaceID: tidings.ID(g.WorkspaceID), ClipID: clip, SubjectID: id})
	tx.publishClipUpdated(tidings.ID(g.WorkspaceID), clip) // lists show the number of comments
	return enqueueIndexing(ctx, tx, clip)
}

// Comment is the comment with the id, deleted ones included.
func (s CommentRows) Comment(ctx context.Context, id tidings.ID) (tidings.Comment, error) {
	q := s.queries()
	r, err := q.CommentByID(ctx, string(id))
	if err != nil {
		return tidings.Comment{}, notFound(err)
	}

	list := []tidings.Comment{toComment(r)}
	reactions, err := q.ReactionsOfTarget(ctx, dbq.ReactionsOfTargetParams{ClipID: r.ClipID, CommentID: r.ID})
	if err != nil {
		return list[0], err
	}

	setReactions(list, mappedRows(reactions))
	err = setMentions(ctx, q, list)
	return list[0], err
}

// CommentRow is a comment without reactions and mentions, for the access check.
// With KindNotFound it returns the clip of another comment: the caller checks
// access to that one, so that a missing comment takes as long as one that may
// not be seen.
func (s CommentRows) CommentRow(ctx context.Context, id tidings.ID) (tidings.Comment, error) {
	r, err := s.queries().CommentOrAnother(ctx, string(id))
	if err != nil {
		return tidings.Comment{}, notFound(err)
	}
	if r.ID != string(id) {
		return tidings.Comment{ClipID: tidings.ID(r.ClipID)}, tidings.NotFound()
	}
	return toComment(dbq.CommentByIDRow(r)), nil
}

// Comments are all comments of a clip, oldest first.
func (s CommentRows) Comments(ctx context.Context, clip tidings.ID) ([]tidings.Comment, error) {
	q := s.queries()
	list, err := commentsOfClips(ctx, q, []tidings.ID{clip})
	if err != nil {
		return nil, err
	}

	reactions, err := q.ReactionsOfComments(ctx, string(clip))
	if err != nil {
		return nil, err
	}

	setReactions(list, reactions)
	return list, setMentions(ctx, q, list)
}

// setMentions sets the people that comments of one clip mention and that are
// members of its workspace.
func setMentions(ctx context.Context, q *dbq.Queries, list []tidings.Comment) error {
	var ids []tidings.ID
	for _, c := range list {
		ids = append(ids, tidings.Mentioned(c.Body)...)
	}

	if len(ids) == 0 {
		return nil
	}

	g, err := q.ClipAccessByID(ctx, string(list[0].ClipID))
	if err != nil {
		return notFound(err)
	}

	text, err := idsJSON(ids)
	if err != nil {
		return err
	}

	rows, err := q.NamesInWorkspace(ctx, dbq.NamesInWorkspaceParams{WorkspaceID: g.WorkspaceID, IdsJson: text})
	if err != nil {
		return err
	}

	people := map[tidings.ID]tidings.Author{}
	for _, r := range rows {
		people[tidings.ID(r.ID)] = tidings.Author{ID: tidings.ID(r.ID), Name: r.Name, Avatar: r.Avatar}
	}

	for i := range list {
		for _, id := range tidings.Mentioned(list[i].Body) {
			if person, known := people[id]; known {
				list[i].Mentions = append(list[i].Mentions, person)
			}
		}
	}

	return nil
}

func commentsOfClips(ctx context.Context, q *dbq.Queries, clips []tidings.ID) ([]tidings.Comment, error) {
	list, err := idsJSON(clips)
	if err != nil {
		return nil, err
	}
	rows, err := q.CommentsOfClips(ctx, list)
	out := make([]tidings.Comment, len(rows))
	for i, r := range rows {
		out[i] = toComment(dbq.CommentByIDRow(r))
	}
	return out, err
}

// UpdateComment replaces the body. With ifVersion, a newer version is KindStale.
func (s CommentRows) UpdateComment(ctx context.Context, id tidings.ID, body string, ifVersion *int64) (tidings.Comment, error) {
	err := s.InTx(ctx, func(tx Tx) error {
		r, err := tx.CommentByID(ctx, string(id))
		if err != nil {
			return notFound(err)
		}
		if r.DeletedMs != nil {
			return tidings.NotFound()
		}

		now := s.nowMS()
		n, err := tx.UpdateComment(ctx, dbq.UpdateCommentParams{ID: string(id), Body: body, EditedMs: &now, Version: valueOr(ifVersion, r.Version)})
		if err := requireChange(n, err, errStale()); err != nil {
			return err
		}

		c := toComment(r)
		c.Body = body
		if err := notifyMentions(ctx, tx, c); err != nil {
			return err
		}
		return afterCommentChange(ctx, tx, tidings.EventCommentUpdated, tidings.ID(r.ClipID), id)
	})
	if err != nil {
		return tidings.Comment{}, err
	}
	return s.Comment(ctx, id)
}

// DeleteComment empties a comment, which keeps its place in the thread. A voice
// or video reply is moved to the trash.
func (s CommentRows) DeleteComment(ctx context.Context, id tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		r, err := tx.CommentByID(ctx, string(id))
		if err != nil {
			return notFound(err)
		}

		now := s.nowMS()
		n, err := tx.DeleteComment(ctx, dbq.DeleteCommentParams{ID: string(id), DeletedMs: &now})
		if err := requireChange(n, err, tidings.NotFound()); err != nil {
			return err
		}
		if err := tx.DeleteReactionsOfComment(ctx, dbq.DeleteReactionsOfCommentParams{ClipID: r.ClipID, CommentID: r.ID}); err != nil {
			return err
		}
		if err := tx.DeleteNotificationsOfComment(ctx, dbq.DeleteNotificationsOfCommentParams{ClipID: r.ClipID, CommentID: r.ID}); err != nil {
			return err
		}
		if err := trashReply(ctx, tx, tidings.ID(r.ReplyClip)); err != nil {
			return err
		}
		return afterCommentChange(ctx, tx, tidings.EventCommentDeleted, tidings.ID(r.ClipID), id)
	})
}
