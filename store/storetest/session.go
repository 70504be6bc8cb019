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

func (w *World) session(token string, user tidings.ID) {
	w.t.Helper()
	w.ok(w.SessionCommit(w.ctx, token, &tidings.Session{UserID: user, Method: tidings.ByPassword, Agent: "Firefox", Network: "192.0.2.0/24"}, []byte("x"), w.Clock.Now().Add(time.Hour)))
}

func testSession(t *testing.T, w *World) {
	data := []byte{0, 0xff, 'x', '\''}
	w.ok(w.SessionCommit(w.ctx, "tok", visitor, []byte("old"), w.Clock.Now().Add(time.Hour)))
	w.ok(w.SessionCommit(w.ctx, "tok", visitor, data, w.Clock.Now().Add(time.Hour)))
	got, found, err := w.SessionFind(w.ctx, "tok")
	w.ok(err)

	if !found || !bytes.Equal(got, data) {
		t.Fatalf("found %v, data %x", found, got)
	}

	_, found, err = w.SessionFind(w.ctx, "other")
	w.ok(err)
	eq(t, "unknown session found", found, false)
	w.Clock.Pass(time.Hour)
	_, found, err = w.SessionFind(w.ctx, "tok")
	w.ok(err)
	eq(t, "expired session found", found, false)
	w.ok(w.SessionCommit(w.ctx, "tok2", visitor, data, w.Clock.Now().Add(time.Hour)))
	w.ok(w.SweepExpired(w.ctx))
	w.ok(w.SessionDelete(w.ctx, "tok2"))
	_, found, err = w.SessionFind(w.ctx, "tok2")
	w.ok(err)
	eq(t, "deleted session found", found, false)
	w.ok(w.SessionDelete(w.ctx, "tok2")) // signing out twice is no error
	eq(t, "visitors in the audit log", len(w.audit()), 0)
}

// testSessions: people see and end their own sessions, and nobody else's.
func testSessions(t *testing.T, w *World) {
	bo := w.Person("bo", tidings.RoleMember)
	w.session("one", w.Owner.ID)
	w.Clock.Pass(time.Minute)
	w.session("two", w.Owner.ID)
	w.session("bo", bo.ID)
	list, err := w.Sessions(w.ctx, w.Owner.ID, "one")
	w.ok(err)
	eq(t, "sessions", len(list), 2)
	eq(t, "agent", list[1].Agent, "Firefox")
	eq(t, "method", list[1].Method, tidings.ByPassword)
	eq(t, "the first is current", list[1].Current && !list[0].Current, true)

	w.Clock.Pass(2 * time.Minute)
	from := tidings.WithActor(w.ctx, tidings.Actor{Network: "198.51.100.0/24"})
	_, _, err = w.SessionFind(from, "one")
	w.ok(err)
	list, err = w.Sessions(w.ctx, w.Owner.ID, "")
	w.ok(err)
	eq(t, "last seen first", list[0].SeenAt, w.Clock.Now())
	eq(t, "network", list[0].Network, "198.51.100.0/24")

	events, _ := w.Subscribe(w.ctx, 0)
	w.kind(w.RevokeSession(w.ctx, bo.ID, list[0].ID), tidings.KindNotFound)
	w.ok(w.RevokeSession(w.ctx, w.Owner.ID, list[0].ID))
	e := <-events
	eq(t, "streams are told", e.Type == tidings.EventAccessChanged && e.SubjectID == w.Owner.ID, true)
	w.kind(w.RevokeSession(w.ctx, w.Owner.ID, list[0].ID), tidings.KindNotFound)
	_, found, err := w.SessionFind(w.ctx, "one")
	w.ok(err)
	eq(t, "revoked session found", found, false)
	w.kind(w.SessionCommit(w.ctx, "one", nil, []byte("x"), w.Clock.Now().Add(time.Hour)), tidings.KindUnauthenticated)

	w.session("three", w.Owner.ID)
	n, err := w.RevokeSessions(w.ctx, w.Owner.ID, "three")
	w.ok(err)
	eq(t, "others", n, 1)
	for token, want := range map[string]bool{"two": false, "three": true, "bo": true} {
		_, found, err := w.SessionFind(w.ctx, token)
		w.ok(err)
		eq(t, token, found, want)
	}
}

func testPassword(t *testing.T, w *World) {
	w.session("mine", w.Owner.ID)
	w.session("other", w.Owner.ID)
	w.kind(w.ChangePassword(w.ctx, w.Owner.ID, "$argon2id$older", "$argon2id$y", "mine"), tidings.KindStale)
	w.ok(w.ChangePassword(w.ctx, w.Owner.ID, "$argon2id$x", "$argon2id$y", "mine"))
	_, hash, err := w.UserByEmail(w.ctx, w.Owner.Email)
	w.ok(err)
	eq(t, "hash", hash, "$argon2id$y")
	list, err := w.Sessions(w.ctx, w.Owner.ID, "mine")
	w.ok(err)
	eq(t, "only the one it was done in is left", len(list) == 1 && list[0].Current, true)
}

// audit is the actions in the workspace's log, newest first.
func (w *World) audit() (out []tidings.AuditAction) {
	w.t.Helper()
	items, _, err := w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Limit: 100})
	w.ok(err)
	for _, e := range items {
		out = append(out, e.Action)
	}
	return out
}

// testAudit: an act and its line commit together; each workspace has its own
// log; what is done to an account stands in the logs of all its workspaces.
func testAudit(t *testing.T, w *World) {
	bo, out := w.Person("bo", tidings.RoleMember), w.Person("out", "")
	acting := tidings.WithActor(w.ctx, tidings.Actor{UserID: bo.ID, Network: "192.0.2.0/24"})
	w.ok(w.Audit(acting, tidings.AuditEntry{WorkspaceID: w.WS.ID, Action: tidings.AuditLinkRevoked, TargetID: "L", Detail: map[string]string{"title": "<b>"}}))
	items, next, err := w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Limit: 1})
	w.ok(err)
	eq(t, "next", next, "")
	got := items[0]
	eq(t, "entry", fmt.Sprint(got), fmt.Sprint(tidings.AuditEntry{ID: got.ID, WorkspaceID: w.WS.ID, ActorID: bo.ID, ActorName: "bo", Action: tidings.AuditLinkRevoked, TargetID: "L",
		Detail: map[string]string{"title": "<b>"}, Network: "192.0.2.0/24", CreatedAt: w.Clock.Now()}))

	var before []tidings.AuditAction
	pass := func() { w.Clock.Pass(time.Millisecond); before = w.audit() } // entries of one millisecond have no order
	pass()
	w.session("s", bo.ID)
	w.Clock.Pass(time.Millisecond)
	w.session("o", out.ID)
	w.Clock.Pass(time.Millisecond)
	w.ok(w.SessionDelete(w.ctx, "s"))
	same(t, "the log", w.audit(), slices.Concat([]tidings.AuditAction{tidings.AuditSignedOut, tidings.AuditSignedIn}, before))

	pass()
	w.kind(w.ChangePassword(w.ctx, bo.ID, "not this", "x", ""), tidings.KindStale)
	same(t, "what did not happen is not in the log", w.audit(), before)
	w.ok(w.Audit(w.ctx, tidings.AuditEntry{Action: tidings.AuditSignInFailed, TargetID: bo.ID}))
	same(t, "what others try with an account", w.audit(), slices.Concat([]tidings.AuditAction{tidings.AuditSignInFailed}, before))
	w.ok(w.Audit(w.ctx, tidings.AuditEntry{Action: tidings.AuditSignInFailed})) // nobody's account: nobody's log
	same(t, "the log", w.audit(), slices.Concat([]tidings.AuditAction{tidings.AuditSignInFailed}, before))

	items, _, err = w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Action: tidings.AuditSignedIn, ActorID: bo.ID, Limit: 9})
	w.ok(err)
	eq(t, "filtered", len(items), 1)
	var paged []tidings.AuditAction
	for cursor := "start"; cursor != ""; {
		if cursor == "start" {
			cursor = ""
		}

		items, cursor, err = w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Limit: 2, Cursor: cursor})
		w.ok(err)

		for _, e := range items {
			paged = append(paged, e.Action)
		}
	}

	same(t, "paged", paged, w.audit())
	_, _, err = w.AuditLog(w.ctx, tidings.AuditFilter{WorkspaceID: w.WS.ID, Limit: 2, Cursor: "' OR 1=1"})
	w.kind(err, tidings.KindInvalid)
	w.Clock.Pass(3 * 365 * 24 * time.Hour)
	w.ok(w.SweepExpired(w.ctx))
	eq(t, "kept for two years", len(w.audit()), 0)
}
