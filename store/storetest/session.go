package storetest

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

var visitor = &tidings.Session{}

func (w *World) startSession(token string, user tidings.ID) {
	w.t.Helper()
	w.noError(w.SessionCommit(w.ctx, token, &tidings.Session{UserID: user, Method: tidings.ByPassword, Agent: "Firefox", Network: "192.0.2.0/24"}, []byte("x"), w.Clock.Now().Add(time.Hour)))
}

func testSession(t *testing.T, w *World) {
	data := []byte{0, 0xff, 'x', '\''}
	w.noError(w.SessionCommit(w.ctx, "tok", visitor, []byte("old"), w.Clock.Now().Add(time.Hour)))
	w.noError(w.SessionCommit(w.ctx, "tok", visitor, data, w.Clock.Now().Add(time.Hour)))
	got, found, err := w.SessionFind(w.ctx, "tok")
	w.noError(err)

	if !found || !bytes.Equal(got, data) {
		t.Fatalf("found %v, data %x", found, got)
	}

	_, found, err = w.SessionFind(w.ctx, "other")
	w.noError(err)
	equal(t, "unknown session found", found, false)
	w.Clock.Pass(time.Hour)
	_, found, err = w.SessionFind(w.ctx, "tok")
	w.noError(err)
	equal(t, "expired session found", found, false)
	w.noError(w.SessionCommit(w.ctx, "tok2", visitor, data, w.Clock.Now().Add(time.Hour)))
	w.noError(w.SweepExpired(w.ctx))
	w.noError(w.SessionDelete(w.ctx, "tok2"))
	_, found, err = w.SessionFind(w.ctx, "tok2")
	w.noError(err)
	equal(t, "deleted session found", found, false)
	w.noError(w.SessionDelete(w.ctx, "tok2")) // signing out twice is no error
	equal(t, "visitors in the audit log", len(w.auditActions()), 0)
}

// testSessions: people list and revoke their own sessions, and no others.
func testSessions(t *testing.T, w *World) {
	bo := w.Person("bo", tidings.RoleMember)
	w.startSession("one", w.Owner.ID)
	w.Clock.Pass(time.Minute)
	w.startSession("two", w.Owner.ID)
	w.startSession("bo", bo.ID)
	list, err := w.Sessions(w.ctx, w.Owner.ID, "one")
	w.noError(err)
	equal(t, "sessions", len(list), 2)
	equal(t, "agent", list[1].Agent, "Firefox")
	equal(t, "method", list[1].Method, tidings.ByPassword)
	equal(t, "the first is current", list[1].Current && !list[0].Current, true)

	w.Clock.Pass(2 * time.Minute)
	from := tidings.WithActor(w.ctx, tidings.Actor{Network: "198.51.100.0/24"})
	_, _, err = w.SessionFind(from, "one")
	w.noError(err)
	list, err = w.Sessions(w.ctx, w.Owner.ID, "")
	w.noError(err)
	equal(t, "last seen first", list[0].SeenAt, w.Clock.Now())
	equal(t, "network", list[0].Network, "198.51.100.0/24")

	events, _ := w.Subscribe(w.ctx, 0)
	w.wantKind(w.RevokeSession(w.ctx, bo.ID, list[0].ID), tidings.KindNotFound)
	w.noError(w.RevokeSession(w.ctx, w.Owner.ID, list[0].ID))
	e := <-events
	equal(t, "streams are told", e.Type == tidings.EventAccessChanged && e.SubjectID == w.Owner.ID, true)
	w.wantKind(w.RevokeSession(w.ctx, w.Owner.ID, list[0].ID), tidings.KindNotFound)
	_, found, err := w.SessionFind(w.ctx, "one")
	w.noError(err)
	equal(t, "revoked session found", found, false)
	w.wantKind(w.SessionCommit(w.ctx, "one", nil, []byte("x"), w.Clock.Now().Add(time.Hour)), tidings.KindUnauthenticated)

	w.startSession("three", w.Owner.ID)
	n, err := w.RevokeSessions(w.ctx, w.Owner.ID, "three")
	w.noError(err)
	equal(t, "others", n, 1)
	for token, want := range map[string]bool{"two": false, "three": true, "bo": true} {
		_, found, err := w.SessionFind(w.ctx, token)
		w.noError(err)
		equal(t, token, found, want)
	}
}

func testPassword(t *testing.T, w *World) {
	w.startSession("mine", w.Owner.ID)
	w.startSession("other", w.Owner.ID)
	w.wantKind(w.ChangePassword(w.ctx, w.Owner.ID, "$argon2id$older", "$argon2id$y", "mine", false), tidings.KindStale)
	w.noError(w.ChangePassword(w.ctx, w.Owner.ID, "$argon2id$x", "$argon2id$y", "mine", false))
	_, hash, err := w.UserByEmail(w.ctx, w.Owner.Email)
	w.noError(err)
	equal(t, "hash", hash, "$argon2id$y")
	list, err := w.Sessions(w.ctx, w.Owner.ID, "mine")
	w.noError(err)
	equal(t, "only the one it was done in is left", len(list) == 1 && list[0].Current, true)
}

// auditActions are the actions in the workspace's log, newest first.
func (w *World) auditActions() (out []tidings.AuditAction) {
	w.t.Helper()
	items, _, err := w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Limit: 100})
	w.noError(err)
	for _, e := range items {
		out = append(out, e.Action)
	}
	return out
}

// testAudit: an act and its entry commit together; each workspace has its own
// log; what is done to an account is in the logs of all its workspaces.
func testAudit(t *testing.T, w *World) {
	bo, out := w.Person("bo", tidings.RoleMember), w.Person("out", "")
	acting := tidings.WithActor(w.ctx, tidings.Actor{UserID: bo.ID, Network: "192.0.2.0/24"})
	w.noError(w.Audit(acting, tidings.AuditEntry{WorkspaceID: w.WS.ID, Action: tidings.AuditLinkRevoked, TargetID: "L", Detail: map[string]string{"title": "<b>"}}))
	items, next, err := w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Limit: 1})
	w.noError(err)
	equal(t, "next", next, "")
	got := items[0]
	equal(t, "entry", fmt.Sprint(got), fmt.Sprint(tidings.AuditEntry{ID: got.ID, WorkspaceID: w.WS.ID, ActorID: bo.ID, ActorName: "bo", Action: tidings.AuditLinkRevoked, TargetID: "L",
		Detail: map[string]string{"title": "<b>"}, Network: "192.0.2.0/24", CreatedAt: w.Clock.Now()}))

	var before []tidings.AuditAction
	pass := func() { w.Clock.Pass(time.Millisecond); before = w.auditActions() } // entries of one millisecond have no order
	pass()
	w.startSession("s", bo.ID)
	w.Clock.Pass(time.Millisecond)
	w.startSession("o", out.ID)
	w.Clock.Pass(time.Millisecond)
	w.noError(w.SessionDelete(w.ctx, "s"))
	equalSlices(t, "the log", w.auditActions(), slices.Concat([]tidings.AuditAction{tidings.AuditSignedOut, tidings.AuditSignedIn}, before))

	pass()
	w.wantKind(w.ChangePassword(w.ctx, bo.ID, "not this", "x", "", false), tidings.KindStale)
	equalSlices(t, "what did not happen is not in the log", w.auditActions(), before)
	w.noError(w.Audit(w.ctx, tidings.AuditEntry{Action: tidings.AuditSignInFailed, TargetID: bo.ID}))
	equalSlices(t, "what others try with an account", w.auditActions(), slices.Concat([]tidings.AuditAction{tidings.AuditSignInFailed}, before))
	w.noError(w.Audit(w.ctx, tidings.AuditEntry{Action: tidings.AuditSignInFailed})) // without an account: the server's log
	equalSlices(t, "the log", w.auditActions(), slices.Concat([]tidings.AuditAction{tidings.AuditSignInFailed}, before))

	items, _, err = w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Action: tidings.AuditSignedIn, ActorID: bo.ID, Limit: 9})
	w.noError(err)
	equal(t, "filtered", len(items), 1)
	var paged []tidings.AuditAction
	for cursor := "start"; cursor != ""; {
		if cursor == "start" {
			cursor = ""
		}

		items, cursor, err = w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Limit: 2, Cursor: cursor})
		w.noError(err)

		for _, e := range items {
			paged = append(paged, e.Action)
		}
	}

	equalSlices(t, "paged", paged, w.auditActions())
	_, _, err = w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Limit: 2, Cursor: "' OR 1=1"})
	w.wantKind(err, tidings.KindInvalid)
	w.Clock.Pass(3 * 365 * 24 * time.Hour)
	w.noError(w.SweepExpired(w.ctx))
	equal(t, "kept for two years", len(w.auditActions()), 0)
}
