package store_test

import (
	"errors"
	"path/filepath"
	"testing"

	"tidings.example/tidings/store"
	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// TestSnapshot: it is of one moment, waits for no writer and holds up none.
func TestSnapshot(t *testing.T) {
	ctx := t.Context()
	s, err := store.Open(ctx, store.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()

	u, _, err := s.Setup(ctx, tidings.Setup{WorkspaceName: "W", Name: "Ana", Email: "ana@example.org", PasswordHash: "x", TimeZone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}

	path := filepath.Join(t.TempDir(), "100 % of it?.db")
	var n *store.Snapshot
	err = s.InTx(ctx, func(tx store.Tx) (err error) { // a writer in the middle of its work
		if _, err := tx.SetAvatar(ctx, dbq.SetAvatarParams{ID: string(u.ID), Avatar: "0"}); err != nil {
			return err
		}
		n, err = s.Snapshot(ctx, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()

	if _, err := s.SetAvatar(ctx, u.ID, "1"); err != nil {
		t.Fatal(err)
	}

	if key, err := n.AvatarKey(ctx, u.ID); err != nil || key != "" {
		t.Errorf("it has %q of later, %v", key, err)
	}

	if key, err := n.AvatarKey(ctx, "nobody"); err != nil || key != "" {
		t.Errorf("nobody has %q, %v", key, err)
	}

	if clips, bytes, err := n.Size(ctx); err != nil || clips != 0 || bytes != 0 {
		t.Errorf("%d clips, %d bytes, %v", clips, bytes, err)
	}

	if known, err := store.SchemaVersion(); err != nil || n.Schema != known {
		t.Errorf("a new database has schema %d, the newest is %d, %v", n.Schema, known, err)
	}

	if _, err := s.Snapshot(ctx, path); err == nil {
		t.Error("it was written over")
	}
}

func TestInstallationStays(t *testing.T) {
	dir, names := t.TempDir(), map[string]bool{}
	for range 2 {
		s, err := store.Open(t.Context(), store.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}

		for range 2 {
			name, err := s.InstallationID(t.Context())
			if err != nil || len(name) != 16 {
				t.Fatalf("%q %v", name, err)
			}
			names[name] = true
		}

		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}

	if len(names) != 1 {
		t.Errorf("it has the names %v", names)
	}
}

// TestClaim: one process at a time can claim an empty folder, and a folder with
// accounts cannot be claimed.
func TestClaim(t *testing.T) {
	ctx, dir := t.Context(), filepath.Join(t.TempDir(), "new")
	if err := store.CheckEmpty(ctx, dir); err != nil {
		t.Fatal(err)
	}

	c, err := store.ClaimDir(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}

	if _, err := store.Open(ctx, store.Config{Dir: dir}); tidings.KindOf(err) != tidings.KindUnavailable {
		t.Errorf("it was opened meanwhile: %v", err)
	}

	if err := c.Close(); err != nil {
		t.Fatal(err)
	}

	s, err := store.Open(ctx, store.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}

	if err := store.CheckEmpty(ctx, dir); err != nil {
		t.Errorf("nobody is there: %v", err)
	}

	if _, err := store.ClaimDir(ctx, dir); tidings.KindOf(err) != tidings.KindUnavailable {
		t.Errorf("it was claimed meanwhile: %v", err)
	}

	_, _, err = s.Setup(ctx, tidings.Setup{WorkspaceName: "W", Name: "Ana", Email: "ana@example.org", PasswordHash: "x", TimeZone: "UTC"})
	if err = errors.Join(err, store.CheckEmpty(ctx, dir)); tidings.KindOf(err) != tidings.KindConflict { // beside the server that has it open
		t.Errorf("somebody is there: %v", err)
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	if _, err := store.ClaimDir(ctx, dir); tidings.KindOf(err) != tidings.KindConflict {
		t.Errorf("it was claimed: %v", err)
	}

	if s, err = store.Open(ctx, store.Config{Dir: dir}); err != nil {
		t.Fatalf("a refused claim keeps the folder: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
