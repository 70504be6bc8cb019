package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// maxReplyDepth bounds the chain of clips that answer each other. attachReply lets
// none grow beyond one; a longer one is not followed, so that a cycle in the
// rows ends in a refusal.
const maxReplyDepth = 4

// clipAccess is the access row of a clip with those of the clips it answers.
func clipAccess(ctx context.Context, q *dbq.Queries, clip, user tidings.ID, depth int) (tidings.ClipAccess, error) {
	g, answers, err := ownClipAccess(ctx, q, clip, user)
	if err != nil || answers == "" {
		return g, err
	}
	if depth == 0 {
		return tidings.ClipAccess{}, tidings.NotFound()
	}
	above, err := clipAccess(ctx, q, answers, user, depth-1)
	g.Answers = &above
	return g, err
}

// attachReply makes the clip that a comment brings a reply to the comment's
// clip. It must be of the comment's author and of the same workspace, and not be
// a reply already.
func attachReply(ctx context.Context, tx Tx, c tidings.Comment) error {
	if c.ReplyClip == "" {
		return nil
	}

	r, err := tx.ClipAccessByID(ctx, string(c.ReplyClip))
	if err != nil {
		return notFound(err)
	}

	parent, err := tx.ClipAccessByID(ctx, string(c.ClipID))
	if err != nil {
		return notFound(err)
	}

	switch {
	case tidings.ID(r.AuthorID) != c.Author.ID || r.Trashed:
		return tidings.Invalid("clip_id", "This is not a clip of yours.")
	case r.ID == parent.ID || parent.Answers != "" || r.WorkspaceID != parent.WorkspaceID:
		return tidings.Invalid("clip_id", "This clip cannot be a reply here.")
	case r.Answers != "" && r.Answers != parent.ID:
		return tidings.Invalid("clip_id", "This is a reply to another clip.")
	}

	if err := checkReplyUnused(ctx, tx, r.ID); err != nil {
		return err
	}
	if err := tx.SetAnswers(ctx, dbq.SetAnswersParams{ID: r.ID, Answers: parent.ID}); err != nil {
		return err
	}

	tx.publishClipUpdated(tidings.ID(r.WorkspaceID), c.ReplyClip) // lists leave replies out
	return enqueueIndexing(ctx, tx, c.ReplyClip)                  // replies have no document of their own
}

// checkReplyUnused returns KindInvalid for a clip that is in a thread already or
// has replies.
func checkReplyUnused(ctx context.Context, tx Tx, clip string) error {
	_, err := tx.CommentOfReply(ctx, clip)
	if err == nil {
		return tidings.Invalid("clip_id", "This reply stands in a thread already.")
	}
	if !isNotFound(err) {
		return err
	}

	replies, err := tx.RepliesOfClip(ctx, clip)
	if err == nil && len(replies) > 0 {
		return tidings.Invalid("clip_id", "A clip with replies cannot be a reply.")
	}

	return err
}

// trashReply moves the clip of a deleted comment to the trash.
func trashReply(ctx context.Context, tx Tx, clip tidings.ID) error {
	if clip == "" {
		return nil
	}
	now := tx.nowMS()
	err := setTrashedInTx(ctx, tx, clip, &now)
	if tidings.KindOf(err) == tidings.KindNotFound {
		return nil // deleted before its comment
	}
	return err
}

// replyTranscripts are comments with a voice or video reply, each with the
// transcript of the reply as its body. Replies without one, or in the trash, are
// left out.
func replyTranscripts(ctx context.Context, q *dbq.Queries, all []tidings.Comment) ([]tidings.Comment, error) {
	if len(all) == 0 {
		return nil, nil
	}

	clips := make([]tidings.ID, len(all))
	for i, c := range all {
		clips[i] = c.ReplyClip
	}

	says, err := transcriptTexts(ctx, q, clips)
	var out []tidings.Comment
	for _, c := range all {
		if c.Body = says[c.ReplyClip].Text; c.Body != "" {
			out = append(out, c)
		}
	}

	return out, err
}

// Replies are the clips that answer a clip.
func (s CommentRows) Replies(ctx context.Context, clip tidings.ID) ([]tidings.ID, error) {
	rows, err := s.queries().RepliesOfClip(ctx, string(clip))
	return toIDs(rows), err
}

// CommentOfReply is the comment that brings a reply; KindNotFound before there
// is one.
func (s CommentRows) CommentOfReply(ctx context.Context, clip tidings.ID) (tidings.Comment, error) {
	id, err := s.queries().CommentOfReply(ctx, string(clip))
	if err != nil {
		return tidings.Comment{}, notFound(err)
	}
	return s.Comment(ctx, tidings.ID(id))
}
