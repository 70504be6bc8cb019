package storetest

import (
	"bytes"
	"testing"
	"time"

	"tidings.example/tidings/tidings"
)

func testSetup(t *testing.T, w *World) {
	needed, err := w.NeedsSetup(w.ctx)
	w.noError(err)
	equal(t, "setup needed", needed, false)
	_, _, err = w.Setup(w.ctx, tidings.Setup{WorkspaceName: "Second", Name: "Eve", Email: "eve@example.org"})
	w.wantKind(err, tidings.KindGone)
	ms, err := w.Memberships(w.ctx, w.Owner.ID)
	w.noError(err)
	equal(t, "memberships", len(ms), 1)
	equal(t, "role", ms[0].Role, tidings.RoleOwner)
	equal(t, "workspace", ms[0].Workspace.Name, "Ocean")
}

func testUser(t *testing.T, w *World) {
	u, hash, err := w.UserByEmail(w.ctx, "aNA@example.ORG")
	w.noError(err)
	equal(t, "id", u.ID, w.Owner.ID)
	equal(t, "hash", hash, "$argon2id$x")
	_, _, err = w.UserByEmail(w.ctx, "ana@example.org' OR 1=1 --")
	w.wantKind(err, tidings.KindNotFound)
	_, err = w.User(w.ctx, "nobody")
	w.wantKind(err, tidings.KindNotFound)

	old := u
	u.Name, u.TimeZone = "Ána 🎙", "Asia/Tokyo"
	u.Prefs = tidings.Preferences{QuietHours: &tidings.Hours{From: "22:00", To: "07:00"}, Notify: map[string]string{"comment": "mail"}}
	u, err = w.UpdateUser(w.ctx, u)
	w.noError(err)
	equal(t, "version", u.Version, old.Version+1)
	again, err := w.User(w.ctx, u.ID)
	w.noError(err)
	equal(t, "name", again.Name, "Ána 🎙")
	equal(t, "quiet from", again.Prefs.QuietHours.From, "22:00")
	equal(t, "notify", again.Prefs.Notify["comment"], "mail")
	_, err = w.UpdateUser(w.ctx, old)
	w.wantKind(err, tidings.KindStale)
}

func testToken(t *testing.T, w *World) {
	soon := w.Clock.Now().Add(time.Hour)
	tok := tidings.Token{ID: tidings.NewID(w.Clock.Now()), UserID: w.Owner.ID, Name: "ci", Scope: tidings.ScopeWrite, Hash: []byte{1, 2, 3}, ExpiresAt: &soon}
	w.noError(w.CreateToken(w.ctx, tok))
	got, err := w.TokenByHash(w.ctx, []byte{1, 2, 3})
	w.noError(err)
	equal(t, "owner", got.UserID, w.Owner.ID)
	if !bytes.Equal(got.Hash, tok.Hash) {
		t.Fatalf("hash %x", got.Hash)
	}

	used := func() time.Time {
		list, err := w.Tokens(w.ctx, w.Owner.ID)
		w.noError(err)
		equal(t, "tokens", len(list), 1)
		return *list[0].LastUsedAt
	}
	first := used()
	w.Clock.Pass(30 * time.Second)
	_, err = w.TokenByHash(w.ctx, []byte{1, 2, 3})
	w.noError(err)
	equal(t, "use is noted at most once a minute", used(), first)
	w.Clock.Pass(31 * time.Second)
	_, err = w.TokenByHash(w.ctx, []byte{1, 2, 3})
	w.noError(err)
	equal(t, "use is noted after a minute", used(), first.Add(61*time.Second))
	_, err = w.TokenByHash(w.ctx, []byte{9})
	w.wantKind(err, tidings.KindNotFound)
	w.Clock.Pass(time.Hour)
	_, err = w.TokenByHash(w.ctx, []byte{1, 2, 3})
	w.wantKind(err, tidings.KindNotFound)

	eve := w.Person("eve", tidings.RoleMember)
	w.wantKind(w.DeleteToken(w.ctx, eve.ID, tok.ID), tidings.KindNotFound)
	w.noError(w.DeleteToken(w.ctx, w.Owner.ID, tok.ID))
	w.wantKind(w.DeleteToken(w.ctx, w.Owner.ID, tok.ID), tidings.KindNotFound)
}

func testIdempotency(t *testing.T, w *World) {
	_, _, found, err := w.IdempotentResult(w.ctx, w.Owner.ID, "k", "h1")
	w.noError(err)
	equal(t, "found before", found, false)
	w.noError(w.SaveIdempotent(w.ctx, w.Owner.ID, "k", "h1", 201, []byte(`{"id":"1"}`)))
	status, body, found, err := w.IdempotentResult(w.ctx, w.Owner.ID, "k", "h1")
	w.noError(err)

	if !found || status != 201 || string(body) != `{"id":"1"}` {
		t.Fatalf("found %v, status %d, body %s", found, status, body)
	}

	_, _, _, err = w.IdempotentResult(w.ctx, w.Owner.ID, "k", "h2")
	w.wantKind(err, tidings.KindKeyReused)
	_, _, found, err = w.IdempotentResult(w.ctx, "someone else", "k", "h1")
	w.noError(err)
	equal(t, "found by another user", found, false)
	w.Clock.Pass(24*time.Hour + time.Millisecond)
	_, _, found, err = w.IdempotentResult(w.ctx, w.Owner.ID, "k", "h2")
	w.noError(err)
	equal(t, "found after a day", found, false)
	w.noError(w.SaveIdempotent(w.ctx, w.Owner.ID, "k", "h2", 200, []byte(`{}`)))
	w.noError(w.SweepExpired(w.ctx))
	_, _, found, err = w.IdempotentResult(w.ctx, w.Owner.ID, "k", "h2")
	w.noError(err)
	equal(t, "swept although new", !found, false)
}

// testIdempotencyClaim: a key is stored with the change of its transaction, or
// not at all, and holds off any other change.
func testIdempotencyClaim(t *testing.T, w *World) {
	claimed := tidings.WithIdempotencyClaim(w.ctx, tidings.IdempotencyClaim{UserID: w.Owner.ID, Key: "c", RequestHash: "h1", Body: []byte("made")})
	search := tidings.SavedSearch{ID: tidings.NewID(w.Clock.Now()), WorkspaceID: "no such workspace", UserID: w.Owner.ID, Name: "n", Query: "q", CreatedAt: w.Clock.Now()}
	if err := w.AddSavedSearch(claimed, search); err == nil {
		t.Fatal("a search without a workspace was stored")
	}
	_, _, found, err := w.IdempotentResult(w.ctx, w.Owner.ID, "c", "h1")
	w.noError(err)
	equal(t, "found after a change that failed", found, false)

	search.WorkspaceID = w.WS.ID
	w.noError(w.AddSavedSearch(claimed, search))
	status, body, found, err := w.IdempotentResult(w.ctx, w.Owner.ID, "c", "h1")
	w.noError(err)
	if !found || status != 0 || string(body) != "made" {
		t.Fatalf("found %v, status %d, body %s", found, status, body)
	}

	search.ID = tidings.NewID(w.Clock.Now())
	w.wantKind(w.AddSavedSearch(claimed, search), tidings.KindConflict)
	w.Clock.Pass(24*time.Hour + time.Millisecond)
	w.noError(w.AddSavedSearch(claimed, search)) // expired, though not swept yet
}

func testWorkspace(t *testing.T, w *World) {
	ws, err := w.Workspace(w.ctx, w.WS.ID)
	w.noError(err)
	old := ws
	ws.Name = "Sea"
	ws, err = w.RenameWorkspace(w.ctx, ws)
	w.noError(err)
	equal(t, "version", ws.Version, old.Version+1)
	_, err = w.RenameWorkspace(w.ctx, old)
	w.wantKind(err, tidings.KindStale)
	_, err = w.Workspace(w.ctx, "none")
	w.wantKind(err, tidings.KindNotFound)
	w.Person("bo", tidings.RoleGuest)
	w.Person("out", "")
	ms, err := w.Members(w.ctx, w.WS.ID)
	w.noError(err)
	equal(t, "members", len(ms), 2)
	equal(t, "first by name", ms[0].Name, "Ana")
	equal(t, "second's role", ms[1].Role, tidings.RoleGuest)
}
