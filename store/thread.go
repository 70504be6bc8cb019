package store

import (
	"context"
	"database/sql"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// ResolveThread notes that what a thread was about is settled, and who said
// so. A thread that is resolved already stays as it is. Only its first comment
// can say so; on a reply it is KindConflict.
func (s CommentRows) ResolveThread(ctx context.Context, id, by tidings.ID) (tidings.Comment, error) {
	now := s.nowMS()
	return s.setResolved(ctx, id, dbq.ResolveCommentParams{ID: string(id), ResolvedMs: &now, ResolvedBy: string(by), Resolve: true})
}

// ReopenThread takes back what ResolveThread did.
func (s CommentRows) ReopenThread(ctx context.Context, id tidings.ID) (tidings.Comment, error) {
	return s.setResolved(ctx, id, dbq.ResolveCommentParams{ID: string(id)})
}

func (s CommentRows) setResolved(ctx context.Context, id tidings.ID, p dbq.ResolveCommentParams) (tidings.Comment, error) {
	return s.changeComment(ctx, id, func(tx Tx, r dbq.CommentByIDRow) (int64, error) {
		if r.ParentID != "" {
			return 0, tidings.Errorf(tidings.KindConflict, "Only the first comment of a thread can be resolved.")
		}
		n, err := tx.ResolveComment(ctx, p)
		if err != nil || n == 0 {
			return n, err
		}
		return n, notifyResolved(ctx, tx, tidings.ID(r.ClipID), id, tidings.ID(p.ResolvedBy), p.Resolve)
	})
}

// HideComment hides a comment from all but those who may edit the clip.
func (s CommentRows) HideComment(ctx context.Context, id, by tidings.ID) (tidings.Comment, error) {
	now := s.nowMS()
	return s.changeComment(ctx, id, func(tx Tx, _ dbq.CommentByIDRow) (int64, error) {
		return tx.HideComment(ctx, dbq.HideCommentParams{ID: string(id), HiddenMs: &now, HiddenBy: string(by), Hide: true})
	})
}

// ShowComment takes back what HideComment did.
func (s CommentRows) ShowComment(ctx context.Context, id tidings.ID) (tidings.Comment, error) {
	return s.changeComment(ctx, id, func(tx Tx, _ dbq.CommentByIDRow) (int64, error) {
		return tx.HideComment(ctx, dbq.HideCommentParams{ID: string(id)})
	})
}

// changeComment runs change on a comment that is not deleted. When it changed a
// row, it publishes the event and has the clip indexed again.
func (s CommentRows) changeComment(ctx context.Context, id tidings.ID, change func(Tx, dbq.CommentByIDRow) (int64, error)) (tidings.Comment, error) {
	err := s.InTx(ctx, func(tx Tx) error {
		r, err := tx.CommentByID(ctx, string(id))
		if err == nil && r.DeletedMs != nil {
			err = sql.ErrNoRows
		}

		if err != nil {
			return notFound(err)
		}

		n, err := change(tx, r)
		if err != nil || n == 0 {
			return err
		}
		return afterCommentChange(ctx, tx, tidings.EventCommentUpdated, tidings.ID(r.ClipID), id)
	})
	if err != nil {
		return tidings.Comment{}, err
	}
	return s.Comment(ctx, id)
}

// UnansweredClips are the clips of a workspace, newest first, with an
// unanswered thread, for the search filter is:unanswered. A thread is
// unanswered while its first comment is neither deleted, hidden nor resolved
// and only its author has replied. Deleted and hidden replies do not count,
// voice and video replies do, reactions are no replies. Trashed clips are left
// out; access is for the caller to check.
func (s CommentRows) UnansweredClips(ctx context.Context, ws tidings.ID) ([]tidings.ID, error) {
	rows, err := s.queries().UnansweredClips(ctx, string(ws))
	return toIDs(rows), err
}

// CreateGuest stores a guest who comments by a link.
func (s CommentRows) CreateGuest(ctx context.Context, g tidings.Guest) error {
	return s.InTx(ctx, func(tx Tx) error {
		return tx.InsertGuest(ctx, dbq.InsertGuestParams{ID: string(g.ID), ClipID: string(g.ClipID), LinkID: string(g.LinkID), Name: g.Name,
			CreatedMs: tidings.Millis(g.CreatedAt)})
	})
}

// RenameGuest renames a guest, on their earlier comments too.
func (s CommentRows) RenameGuest(ctx context.Context, id tidings.ID, name string) error {
	return s.InTx(ctx, func(tx Tx) error {
		n, err := tx.RenameGuest(ctx, dbq.RenameGuestParams{ID: string(id), Name: name})
		return requireChange(n, err, tidings.NotFound())
	})
}

// Guest is the guest with the id.
func (s CommentRows) Guest(ctx context.Context, id tidings.ID) (tidings.Guest, error) {
	r, err := s.queries().GuestByID(ctx, string(id))
	return tidings.Guest{ID: tidings.ID(r.ID), ClipID: tidings.ID(r.ClipID), LinkID: tidings.ID(r.LinkID), Name: r.Name,
		CreatedAt: tidings.FromMillis(r.CreatedMs)}, notFound(err)
}
