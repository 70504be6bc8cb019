package store

import (
	"context"

	"tidings"
	"tidings/store/dbq"
)

func toComment(r dbq.CommentByIDRow) tidings.Comment {
	return tidings.Comment{ID: tidings.ID(r.ID), ClipID: tidings.ID(r.ClipID), ParentID: tidings.ID(r.ParentID),
		Author: tidings.Author{ID: tidings.ID(r.AuthorID), Name: r.AuthorName}, AtMS: r.AtMs, UntilMS: r.UntilMs, Body: r.Body,
		ReplyClip: tidings.ID(r.ReplyClip), CreatedAt: tidings.FromMillis(r.CreatedMs), EditedAt: timeOf(r.EditedMs),
		DeletedAt: timeOf(r.DeletedMs), Version: r.Version}
}

// AddComment stores a comment. A reply must answer a comment of the same clip
// that still stands.
func (s *Store) AddComment(ctx context.Context, c tidings.Comment) (tidings.Comment, error) {
	err := s.InTx(ctx, func(tx Tx) error {
		if c.ParentID != "" {
			p, err := tx.CommentByID(ctx, string(c.ParentID))
			if err != nil && notFound(err) == err {
				return err
			}
			if err != nil || tidings.ID(p.ClipID) != c.ClipID || p.DeletedMs != nil {
				return tidings.Invalid("parent_id", "There is no such comment to reply to.")
			}
		}
		if err := s.attachReply(ctx, tx, c); err != nil {
			return err
		}
		if err := tx.InsertComment(ctx, dbq.InsertCommentParams{ID: string(c.ID), ClipID: string(c.ClipID), ParentID: string(c.ParentID),
			AuthorID: string(c.Author.ID), AtMs: c.AtMS, UntilMs: c.UntilMS, Body: c.Body, ReplyClip: string(c.ReplyClip),
			CreatedMs: tidings.Millis(c.CreatedAt)}); err != nil {
			return err
		}
		return s.commentChanged(ctx, tx, tidings.EventCommentCreated, c.ClipID, c.ID)
	})
	if err != nil {
		return c, err
	}
	return s.Comment(ctx, c.ID)
}

func (s *Store) commentChanged(ctx context.Context, tx Tx, event tidings.EventType, clip, id tidings.ID) error {
	g, err := tx.GrantOfClip(ctx, string(clip))
	if err != nil {
		return notFound(err)
	}
	tx.Publish(tidings.Event{Type: event, WorkspaceID: tidings.ID(g.WorkspaceID), ClipID: clip, SubjectID: id})
	return s.reindex(ctx, tx, clip, tidings.ID(g.WorkspaceID))
}

// Comment is the comment with the id, deleted ones included.
func (s *Store) Comment(ctx context.Context, id tidings.ID) (tidings.Comment, error) {
	r, err := s.read().CommentByID(ctx, string(id))
	return toComment(r), notFound(err)
}

// Comments are all comments of a clip, oldest first.
func (s *Store) Comments(ctx context.Context, clip tidings.ID) ([]tidings.Comment, error) {
	return comments(ctx, s.read(), clip)
}

func comments(ctx context.Context, q *dbq.Queries, clip tidings.ID) ([]tidings.Comment, error) {
	rows, err := q.CommentsOfClip(ctx, string(clip))
	out := make([]tidings.Comment, len(rows))
	for i, r := range rows {
		out[i] = toComment(dbq.CommentByIDRow(r))
	}
	return out, err
}

// UpdateComment replaces the body. ifVersion nil means "whatever it is".
func (s *Store) UpdateComment(ctx context.Context, id tidings.ID, body string, ifVersion *int64) (tidings.Comment, error) {
	err := s.InTx(ctx, func(tx Tx) error {
		r, err := tx.CommentByID(ctx, string(id))
		if err != nil {
			return notFound(err)
		}
		if r.DeletedMs != nil {
			return tidings.NotFound()
		}
		now := s.now()
		n, err := tx.UpdateComment(ctx, dbq.UpdateCommentParams{ID: string(id), Body: body, EditedMs: &now, Version: or(ifVersion, r.Version)})
		if err == nil && n == 0 {
			return stale()
		}
		if err != nil {
			return err
		}
		return s.commentChanged(ctx, tx, tidings.EventCommentUpdated, tidings.ID(r.ClipID), id)
	})
	if err != nil {
		return tidings.Comment{}, err
	}
	return s.Comment(ctx, id)
}

// DeleteComment empties a comment; its place in the thread stays. A voice or
// video reply goes to the trash.
func (s *Store) DeleteComment(ctx context.Context, id tidings.ID) error {
	return s.InTx(ctx, func(tx Tx) error {
		r, err := tx.CommentByID(ctx, string(id))
		if err != nil {
			return notFound(err)
		}
		now := s.now()
		n, err := tx.DeleteComment(ctx, dbq.DeleteCommentParams{ID: string(id), DeletedMs: &now})
		if err == nil && n == 0 {
			return tidings.NotFound()
		}
		if err != nil {
			return err
		}
		if err := s.trashReply(ctx, tx, tidings.ID(r.ReplyClip)); err != nil {
			return err
		}
		return s.commentChanged(ctx, tx, tidings.EventCommentDeleted, tidings.ID(r.ClipID), id)
	})
}
