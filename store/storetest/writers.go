package storetest

import (
	"errors"
	"sync"
	"testing"

	"tidings.example/tidings/tidings"
)

// testWriters: many writers at once, each with clips of its own, all succeed, and
// nothing of what they wrote is missing or there twice.
func testWriters(t *testing.T, w *World) {
	const writers, clips = 8, 4
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for range clips {
				errs[i] = errors.Join(errs[i], w.writeClip())
			}
		})
	}

	wg.Wait()
	for _, err := range errs {
		w.noError(err)
	}

	const all = writers * clips
	for table, want := range map[string]int{"clips": all, "parts": all, "comments": all, "views": all, "outbox": all, "step_runs": 4 * all} {
		equal(t, table, w.countRows(table, "1 = 1"), want)
	}
	equal(t, "jobs", w.countRows("river_job", "kind = 'step'"), 2*all)

	var versions int
	w.noError(w.DB().QueryRowContext(w.ctx, `SELECT count(DISTINCT version) FROM outbox`).Scan(&versions))
	equal(t, "versions in the outbox", versions, all)
}

// writeClip makes a clip with one part, a comment and a view.
func (w *World) writeClip() error {
	now := w.Clock.Now()
	c, err := w.CreateClip(w.ctx, tidings.Clip{ID: tidings.NewID(now), WorkspaceID: w.WS.ID, Author: tidings.Author{ID: w.Owner.ID}, Kind: tidings.ClipVoice,
		Title: "Monday", Visibility: tidings.VisibilityWorkspace, CreatedAt: now})
	if err != nil {
		return err
	}

	u := tidings.Upload{ID: tidings.NewID(now), ClipID: c.ID, WorkspaceID: w.WS.ID, UserID: w.Owner.ID, ExpiresAt: now}
	if err := w.CreateUpload(w.ctx, u); err != nil {
		return err
	}
	if _, err := w.AppendPart(w.ctx, w.Part(u, 0, 10), 0, now); err != nil {
		return err
	}
	if _, err := w.AddComment(w.ctx, tidings.Comment{ID: tidings.NewID(now), ClipID: c.ID, Author: tidings.Author{ID: w.Owner.ID}, Body: "x", CreatedAt: now}); err != nil {
		return err
	}
	return w.AddView(w.ctx, c.ID, tidings.View{Viewer: string(w.Owner.ID), Session: "s", Read: true})
}

// testOwnersRace: of two owners who demote each other at once, one stays an owner:
// each transaction reads what the other one writes.
func testOwnersRace(t *testing.T, w *World) {
	ben := w.Person("ben", tidings.RoleOwner)
	for range 10 {
		var wg sync.WaitGroup
		for _, pair := range [][2]tidings.ID{{w.Owner.ID, ben.ID}, {ben.ID, w.Owner.ID}} {
			wg.Go(func() { _ = w.SetRole(w.ctx, w.WS.ID, pair[0], pair[1], tidings.RoleMember) })
		}

		wg.Wait()
		equal(t, "owners", w.countRows("members", "role = 'owner'"), 1)
		for _, id := range []tidings.ID{w.Owner.ID, ben.ID} {
			w.noError(w.SetRole(w.ctx, w.WS.ID, id, "", tidings.RoleOwner))
		}
	}
}
