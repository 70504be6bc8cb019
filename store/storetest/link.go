package storetest

import (
	"fmt"
	"testing"
	"time"

	"tidings.example/tidings/store"
	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

func (w *World) newLink(clip tidings.ID, hash byte) tidings.Link {
	w.t.Helper()
	l := tidings.Link{ID: tidings.NewID(w.Clock.Now()), ClipID: clip, Hash: []byte{hash}, Access: tidings.LinkAnyone, CreatedBy: w.Owner.ID, CreatedAt: w.Clock.Now()}
	w.noError(w.CreateLink(w.ctx, l))
	return l
}

// testLinkVisits: visitors make a bounded number of rows, and none by a link that
// is revoked.
func testLinkVisits(t *testing.T, w *World) {
	const most = 50_000
	c := w.NewClip()
	busy, quiet, revoked := w.newLink(c.ID, 1), w.newLink(c.ID, 2), w.newLink(c.ID, 3)
	w.noError(w.AddLinkVisit(w.ctx, quiet.ID, "first"))
	w.noError(w.AddLinkVisit(w.ctx, revoked.ID, "first"))
	w.noError(w.RevokeLink(w.ctx, revoked.ID))
	base := w.Clock.Now().UnixMilli()
	w.noError(w.InTx(w.ctx, func(tx store.Tx) error {
		for i := range int64(most + 20) {
			if err := tx.PutLinkVisit(w.ctx, dbq.PutLinkVisitParams{LinkID: string(busy.ID), Session: fmt.Sprintf("s%06d", i), SeenMs: base + i}); err != nil {
				return err
			}
		}
		return nil
	}))

	w.noError(w.SweepExpired(w.ctx))
	w.Clock.Pass(time.Hour)
	w.noError(w.AddLinkVisit(w.ctx, busy.ID, "s050019")) // the newest is known still
	views := map[tidings.ID]int{}
	links, err := w.Links(w.ctx, c.ID)
	w.noError(err)
	for _, l := range links {
		views[l.ID] = l.Views
	}

	equal(t, "views of a busy link", views[busy.ID], most)
	equal(t, "views of a quiet link", views[quiet.ID], 1)
	var left int64
	w.noError(w.InTx(w.ctx, func(tx store.Tx) error {
		rows, err := tx.LinkVisitsOfClip(w.ctx, string(c.ID))
		for _, r := range rows {
			if r.LinkID == string(revoked.ID) {
				left += r.Views
			}
		}
		return err
	}))
	equal(t, "visits by the revoked link", left, 0)
}
