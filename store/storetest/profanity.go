package storetest

import (
	"testing"

	"tidings.example/tidings/tidings"
)

// testMaskProfanity: the switch is off at first, belongs to its workspace and
// version, comes with every membership and access, and is in the audit log.
func testMaskProfanity(t *testing.T, w *World) {
	c := w.NewClip()
	masks := func() bool {
		g, err := w.ClipAccess(w.ctx, c.ID, w.Owner.ID)
		w.noError(err)
		all, err := w.ClipAccesses(w.ctx, []tidings.ID{c.ID}, w.Owner.ID)
		w.noError(err)
		equal(t, "of many", all[c.ID].MaskProfanity, g.MaskProfanity)
		return g.MaskProfanity
	}
	equal(t, "masks at first", masks(), false)

	stale := w.WS
	on, err := w.SetMaskProfanity(w.ctx, w.WS, true)
	w.noError(err)
	equal(t, "masks", masks(), true)
	memberships, err := w.Memberships(w.ctx, w.Owner.ID)
	w.noError(err)
	equal(t, "membership", memberships[0].Workspace.MaskProfanity, true)
	equal(t, "version", memberships[0].Workspace.Version, on.Version)

	_, err = w.SetMaskProfanity(w.ctx, stale, false)
	w.wantKind(err, tidings.KindStale)
	equal(t, "masks after a stale change", masks(), true)
	entries, _, err := w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Action: tidings.AuditWorkspaceChanged, Limit: 10})
	w.noError(err)
	equal(t, "audit entries", len(entries), 1)
	equal(t, "detail", entries[0].Detail["mask_profanity"], "true")

	_, err = w.SetMaskProfanity(w.ctx, on, false)
	w.noError(err)
	equal(t, "masks after it was switched off", masks(), false)
}
