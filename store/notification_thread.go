package store

import (
	"context"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// guestName is the name that a guest gave, "" for no guest.
func guestName(ctx context.Context, tx Tx, guest tidings.ID) (string, error) {
	if guest == "" {
		return "", nil
	}
	g, err := tx.GuestByID(ctx, string(guest))
	return g.Name, ignoreNotFound(err)
}

// notifyReaction notifies the author of what was reacted to. All reactions to
// one target are one notification, which each new one renews.
func notifyReaction(ctx context.Context, tx Tx, to tidings.ReactionTarget, by tidings.Reactor) error {
	name, err := guestName(ctx, tx, by.GuestID)
	if err != nil {
		return err
	}

	n := notification{clip: to.ClipID, comment: to.CommentID, kind: tidings.NotifyReaction, dedupKey: reactionDedupKey(to), actor: tidings.Author{ID: by.UserID, Name: name}, renew: true}
	if to.CommentID == "" {
		g, err := tx.ClipAccessByID(ctx, string(to.ClipID))
		if err != nil {
			return notFound(err)
		}
		return notifyPeople(ctx, tx, n, tidings.ID(g.AuthorID))
	}

	c, err := tx.CommentByID(ctx, string(to.CommentID))
	if err != nil {
		return notFound(err)
	}

	return notifyPeople(ctx, tx, n, tidings.ID(c.AuthorID))
}

func reactionDedupKey(to tidings.ReactionTarget) string {
	if to.CommentID != "" {
		return "reaction:" + string(to.CommentID)
	}
	return "reaction:" + string(to.ClipID)
}

// retractReaction deletes the notification of a target without any reaction
// left.
func retractReaction(ctx context.Context, tx Tx, to tidings.ReactionTarget) error {
	left, err := tx.ReactionsOfTarget(ctx, dbq.ReactionsOfTargetParams{ClipID: string(to.ClipID), CommentID: string(to.CommentID)})
	if err != nil || len(left) > 0 {
		return err
	}
	return tx.DeleteNotificationsByDedupKey(ctx, dbq.DeleteNotificationsByDedupKeyParams{ClipID: string(to.ClipID), Thing: reactionDedupKey(to)})
}

// notifyResolved notifies the authors of a thread that it was resolved;
// reopening it deletes the notification.
func notifyResolved(ctx context.Context, tx Tx, clip, root tidings.ID, by tidings.ID, resolved bool) error {
	thing := "resolved:" + string(root)
	if !resolved {
		return tx.DeleteNotificationsByDedupKey(ctx, dbq.DeleteNotificationsByDedupKeyParams{ClipID: string(clip), Thing: thing})
	}
	authors, err := tx.AuthorsOfThread(ctx, string(root))
	if err != nil {
		return err
	}
	n := notification{clip: clip, comment: root, kind: tidings.NotifyResolved, dedupKey: thing, actor: tidings.Author{ID: by}, renew: true}
	return notifyPeople(ctx, tx, n, toIDs(authors)...)
}
