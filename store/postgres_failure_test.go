package store_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/postgres"
	"tidings.example/tidings/postgres/postgrestest"
	"tidings.example/tidings/store"
	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// openOn opens a store on a server of its own, for a test that kills it.
func openOn(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Dir: t.TempDir(), Postgres: postgres.Config{URL: url, Connections: 6}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// putKey writes one row.
func putKey(ctx context.Context, s *store.Store, key string) error {
	return s.InTx(ctx, func(tx store.Tx) error {
		return tx.PutStaleObject(ctx, dbq.PutStaleObjectParams{Key: key, SinceMs: 1})
	})
}

func staleKeys(t *testing.T, s *store.Store) string {
	t.Helper()
	all, err := s.StaleObjects(t.Context(), time.Now(), 100)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// TestPostgresRestarts: a server that is killed takes nothing of what was answered,
// says so while it is away, and is used again when it is back; a write that meets
// the restart in its middle goes on.
func TestPostgresRestarts(t *testing.T) {
	server := postgrestest.New(t)
	s := openOn(t, server.NewDatabase(t))
	tries := 0
	err := s.InTx(t.Context(), func(tx store.Tx) error {
		if tries++; tries == 1 {
			if err := errors.Join(server.Kill(), server.Start()); err != nil {
				t.Fatal(err)
			}
		}
		return tx.PutStaleObject(t.Context(), dbq.PutStaleObjectParams{Key: "a", SinceMs: 1})
	})
	if err != nil || tries < 2 {
		t.Fatalf("a write amid a restart: %v after %d tries", err, tries)
	}

	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	checkAway(t, s)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if err := putKey(t.Context(), s, "c"); err != nil {
		t.Fatalf("a write after the restart: %v", err)
	}
	if got := staleKeys(t, s); got != "a c" {
		t.Errorf("rows %q", got)
	}
}

// TestPostgresFailover: when the primary is gone and the standby is promoted, writes
// go there.
func TestPostgresFailover(t *testing.T) {
	primary := postgrestest.New(t)
	name := "tidings"
	if err := primary.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	standby := primary.Standby(t)

	s := openOn(t, postgrestest.Hosts(name, standby, primary))
	if err := putKey(t.Context(), s, "a"); err != nil {
		t.Fatal(err)
	}
	if err := standby.WaitForReplay(t.Context(), primary); err != nil {
		t.Fatal(err)
	}

	_, err := store.Open(t.Context(), store.Config{Dir: t.TempDir(), Postgres: postgres.Config{URL: standby.URL(name)}})
	if tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(tidings.Sentence(err), "is a standby") {
		t.Errorf("a store on a standby: %v", err)
	}

	if err := errors.Join(primary.Kill(), standby.Promote()); err != nil {
		t.Fatal(err)
	}
	if err := putKey(t.Context(), s, "b"); err != nil {
		t.Fatalf("a write after the failover: %v", err)
	}
	if got := staleKeys(t, s); got != "a b" {
		t.Errorf("rows %q", got)
	}
}

// TestPostgresReadOnly: a server that was set to read only is read, says why it
// takes no change, and takes them again afterwards.
func TestPostgresReadOnly(t *testing.T) {
	server := postgrestest.New(t)
	s := openOn(t, server.NewDatabase(t))
	set := func(value string) {
		t.Helper()
		if err := server.Set("default_transaction_read_only = " + value); err != nil {
			t.Fatal(err)
		}
		for now := ""; now != value; { // every session reads its settings again by itself
			if err := s.DB().QueryRow("SHOW default_transaction_read_only").Scan(&now); err != nil {
				t.Fatal(err)
			}
		}
	}

	set("on")
	var err error
	for err == nil { // of a session that has not read them yet
		err = putKey(t.Context(), s, "a")
	}
	if tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(tidings.Sentence(err), "takes no changes") {
		t.Errorf("a write: %v", err)
	}
	if _, err := s.NeedsSetup(t.Context()); err != nil {
		t.Errorf("a read: %v", err)
	}

	set("off")
	for err = putKey(t.Context(), s, "b"); err != nil; err = putKey(t.Context(), s, "b") {
		if tidings.KindOf(err) != tidings.KindUnavailable {
			t.Fatal(err)
		}
	}
}

// TestPostgresUnknownCommit: a commit whose answer is lost is not repeated, and its
// error does not claim that nothing was changed.
func TestPostgresUnknownCommit(t *testing.T) {
	s := storetest.OpenPostgres(t, nil)
	for _, statement := range []string{
		`CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'`,
		`CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON stale_objects DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_session()`,
	} {
		if _, err := s.DB().Exec(statement); err != nil {
			t.Fatal(err)
		}
	}

	tries := 0
	err := s.InTx(t.Context(), func(tx store.Tx) error {
		tries++
		return tx.PutStaleObject(t.Context(), dbq.PutStaleObjectParams{Key: "a", SinceMs: 1})
	})
	if tries != 1 || tidings.KindOf(err) != tidings.KindUnavailable || strings.Contains(tidings.Sentence(err), "Nothing was changed") {
		t.Errorf("%d tries: %v", tries, err)
	}
}

// TestPostgresConflicts: a transaction that reads what another one changes before
// it commits runs again, and publishes once.
func TestPostgresConflicts(t *testing.T) {
	s := storetest.OpenPostgres(t, nil)
	events, _ := s.Subscribe(t.Context(), 0)
	tries, saw := 0, []int64{}
	err := s.InTx(t.Context(), func(tx store.Tx) error {
		n, err := tx.CountOutbox(t.Context()) // reads the table that the other one writes
		if err != nil {
			return err
		}

		saw = append(saw, n)
		if tries++; tries == 1 {
			err := s.InTx(t.Context(), func(other store.Tx) error {
				if _, err := other.Counter(t.Context(), "outbox"); err != nil {
					return err
				}
				return other.PutOutbox(t.Context(), dbq.PutOutboxParams{ClipID: "x", Version: 1})
			})
			if err != nil {
				t.Fatal(err)
			}
		}

		tx.Publish(tidings.Event{Type: tidings.EventClipUpdated})
		_, err = tx.NextIndexVersion(t.Context()) // writes what the other one has read
		return err
	})
	if err != nil || tries != 2 || saw[1] != 1 || len(events) != 1 {
		t.Errorf("%v after %d tries that saw %v; %d events", err, tries, saw, len(events))
	}
}

// TestPostgresConflictsAreBounded: a transaction that meets others at every try ends.
func TestPostgresConflictsAreBounded(t *testing.T) {
	s := storetest.OpenPostgres(t, nil)
	tries := 0
	err := s.InTx(t.Context(), func(tx store.Tx) error {
		tries++
		if _, err := tx.Counter(t.Context(), "outbox"); err != nil {
			return err
		}
		if _, err := s.DB().Exec("UPDATE counters SET value = value + 1"); err != nil {
			t.Fatal(err)
		}
		_, err := tx.NextIndexVersion(t.Context())
		return err
	})
	if tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(tidings.Sentence(err), "Too much is changed at once") || tries < 10 {
		t.Errorf("%v after %d tries", err, tries)
	}
}

// TestPostgresOutOfLocks: a transaction for whose locks the server has no room, since
// a slow one holds those of many, goes on when that has ended.
func TestPostgresOutOfLocks(t *testing.T) {
	server := postgrestest.New(t)
	for _, setting := range []string{"max_connections = 20", "max_pred_locks_per_transaction = 10", "max_pred_locks_per_relation = 100000", "max_pred_locks_per_page = 1000"} {
		if err := server.Set(setting); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(server.Kill(), server.Start()); err != nil {
		t.Fatal(err)
	}

	s := openOn(t, server.NewDatabase(t))
	slow := takeAllLocks(t, s)
	tries := 0
	err := s.InTx(t.Context(), func(tx store.Tx) error {
		if tries++; tries == 2 {
			if _, err := slow.ExecContext(t.Context(), "ROLLBACK"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := tx.CountOutbox(t.Context()); err != nil {
			return err
		}
		_, err := tx.NextIndexVersion(t.Context())
		return err
	})
	if err != nil || tries != 2 {
		t.Errorf("a write without room for locks: %v after %d tries", err, tries)
	}
}

// takeAllLocks has a transaction read rows until there is no room for another lock.
func takeAllLocks(t *testing.T, s *store.Store) *sql.Conn {
	t.Helper()
	slow, err := s.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slow.Close() })

	for _, statement := range []string{
		"CREATE TABLE rows_to_lock (id integer PRIMARY KEY)", "INSERT INTO rows_to_lock SELECT generate_series(1, 10000)",
		"SET enable_seqscan = off", "SET enable_bitmapscan = off", "BEGIN ISOLATION LEVEL SERIALIZABLE",
	} {
		if _, err := slow.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}

	for id := 1; err == nil; id++ {
		if _, err = slow.ExecContext(t.Context(), "SAVEPOINT before"); err == nil {
			_, err = slow.ExecContext(t.Context(), "SELECT ctid FROM rows_to_lock WHERE id = $1", id)
		}
	}
	if !strings.Contains(err.Error(), "max_pred_locks_per_transaction") {
		t.Fatal(err)
	}

	if _, err := slow.ExecContext(t.Context(), "ROLLBACK TO before"); err != nil {
		t.Fatal(err)
	}
	return slow
}

// TestPostgresNetworkCut: while the network to the server is cut, calls say so; a
// write under way goes on when it is mended, and so does all that comes after.
func TestPostgresNetworkCut(t *testing.T) {
	server := postgrestest.Shared(t)
	network := server.NewProxy(t)
	s := openOn(t, network.Address(server.NewDatabase(t)))
	tries := 0
	err := s.InTx(t.Context(), func(tx store.Tx) error {
		if tries++; tries == 1 {
			network.Cut()
			network.Mend()
		}
		return tx.PutStaleObject(t.Context(), dbq.PutStaleObjectParams{Key: "a", SinceMs: 1})
	})
	if err != nil || tries != 2 {
		t.Fatalf("a write amid a cut: %v after %d tries", err, tries)
	}

	network.Cut()
	checkAway(t, s)
	network.Mend()
	if err := putKey(t.Context(), s, "c"); err != nil {
		t.Fatalf("a write afterwards: %v", err)
	}
	if got := staleKeys(t, s); got != "a c" {
		t.Errorf("rows %q", got)
	}
}

// checkAway: calls to a server that is away say that nothing was changed.
func checkAway(t *testing.T, s *store.Store) {
	t.Helper()
	for name, do := range map[string]func() error{
		"a write":   func() error { return putKey(t.Context(), s, "b") },
		"a read":    func() error { _, err := s.NeedsSetup(t.Context()); return err },
		"the check": func() error { return s.Ready(t.Context()) },
	} {
		if err := do(); tidings.KindOf(err) != tidings.KindUnavailable || !strings.Contains(tidings.Sentence(err), "Nothing was changed") {
			t.Errorf("%s while the server is away: %v", name, err)
		}
	}
}
