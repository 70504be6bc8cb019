package store_test

import (
	"testing"
	"time"

	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// TestReadingNeedsNoWrite: on a full disk tokens and sessions are still known,
// though their use cannot be stored.
func TestReadingNeedsNoWrite(t *testing.T) {
	now := time.Now()
	s := storetest.OpenSQLite(t, func() time.Time { return now })
	u, _, err := s.Setup(t.Context(), tidings.Setup{WorkspaceName: "W", Name: "Ana", Email: "ana@example.org", PasswordHash: "x", TimeZone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}

	token := tidings.Token{ID: tidings.NewID(now), UserID: u.ID, Name: "ci", Scope: tidings.ScopeRead, Hash: []byte{1}}
	if err := s.CreateToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if err := s.SessionCommit(t.Context(), "hash", &tidings.Session{UserID: u.ID}, []byte("data"), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}

	fillDatabase(t, s)
	now = now.Add(2 * time.Minute)
	if err := s.CreateToken(t.Context(), tidings.Token{ID: tidings.NewID(now), UserID: u.ID, Scope: tidings.ScopeRead, Hash: []byte{2}}); tidings.KindOf(err) != tidings.KindStorageFull {
		t.Fatalf("the database is not full: %v", err)
	}

	if got, err := s.TokenByHash(t.Context(), []byte{1}); err != nil || got.UserID != u.ID {
		t.Errorf("token: %+v, %v", got, err)
	}
	ctx := tidings.WithActor(t.Context(), tidings.Actor{Network: "192.0.2.0/24"})
	if data, found, err := s.SessionFind(ctx, "hash"); err != nil || !found || string(data) != "data" {
		t.Errorf("session: %q %v %v", data, found, err)
	}
}

// fillDatabase has every write to tokens and sessions need pages that the
// database may not have.
func fillDatabase(t *testing.T, s *store.Store) {
	t.Helper()
	statements := []string{"CREATE TABLE filler (b BLOB)"}
	for _, write := range []string{"INSERT ON tokens", "UPDATE ON tokens", "UPDATE ON sessions"} {
		statements = append(statements, `CREATE TRIGGER "fill `+write+`" BEFORE `+write+" BEGIN INSERT INTO filler VALUES (zeroblob(1000000)); END")
	}

	for _, statement := range append(statements, "PRAGMA max_page_count = 1") {
		if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}
