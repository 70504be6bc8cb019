package main

import (
	"bytes"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/server"
	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// openTestApp opens a new data folder with an owner, Ana.
func openTestApp(t *testing.T, log io.Writer, flags ...string) (a *server.App, ana tidings.User, ws tidings.Workspace) {
	t.Helper()
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}

	cfg, _, err := loadConfig("serve", append([]string{"--data", t.TempDir()}, flags...), envFrom(nil), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if a, err = server.Open(t.Context(), cfg, slog.New(slog.NewTextHandler(log, nil))); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		if err := os.Chdir(home); err != nil { // the embedded storage has left it
			t.Error(err)
		}
	})
	ana, ws, err = a.Store.Setup(t.Context(), tidings.Setup{WorkspaceName: "Ocean", Name: "Ana", Email: "ana@example.org", PasswordHash: "x", TimeZone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}

	return a, ana, ws
}

// ageAvatars makes every avatar in the storage an hour old.
func ageAvatars(t *testing.T, data string) {
	t.Helper()
	old := time.Now().Add(-time.Hour)
	err := filepath.WalkDir(filepath.Join(data, "storage"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(path, "/avatars/") {
			err = os.Chtimes(path, old, old)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAuditOfAvatars: an object without a row and a row without an object are
// drift; stale and new objects are not.
func TestAuditOfAvatars(t *testing.T) {
	a, ana, _ := openTestApp(t, io.Discard)
	audited := func(want ...string) {
		t.Helper()
		r, err := a.Audit(t.Context())
		if err != nil || !slices.Equal(r.Lines, want) || r.HasDrift() != (len(want) > 0) {
			t.Errorf("%v %+v, want %q", err, r, want)
		}
	}

	put := func(user tidings.ID, hash string) string {
		t.Helper()
		if err := a.Blobs.Plain().Put(t.Context(), store.AvatarKey(user, hash), strings.NewReader("a picture"), 9, "image/jpeg"); err != nil {
			t.Fatal(err)
		}
		return store.AvatarKey(user, hash)
	}

	name := func(hash string) {
		t.Helper()
		if _, err := a.Store.SetAvatar(t.Context(), ana.ID, hash); err != nil {
			t.Fatal(err)
		}
	}

	first, second := strings.Repeat("1", 64), strings.Repeat("2", 64)
	put(ana.ID, first)
	audited() // just put there
	name(first)
	audited()
	put(ana.ID, second)
	name(second)
	ageAvatars(t, a.Config.Data)
	audited() // the first waits to be swept

	before, after := put("01ARYZ6S41TSV4RRFFQ69G5FAV", first), put("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", first)
	ageAvatars(t, a.Config.Data)
	audited("object without a row "+before, "object without a row "+after)
	for _, key := range []string{before, after, store.AvatarKey(ana.ID, second)} {
		if err := a.Blobs.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}

	audited("missing object " + store.AvatarKey(ana.ID, second))
}

// TestAWorkspaceThatIsNone: new people would be led nowhere, which the start
// and the doctor say.
func TestAWorkspaceThatIsNone(t *testing.T) {
	const none = "01ARYZ6S41TSV4RRFFQ69G5FAV"
	var log bytes.Buffer
	provider := []string{"--oidc-issuer", "https://id.example", "--oidc-client-id", "t", "--oidc-signup", "member", "--oidc-workspace", none}
	a, _, ws := openTestApp(t, &log, provider...)
	if err := a.CheckSignUp(t.Context()); err != nil || !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), none) {
		t.Errorf("%v %s", err, log.String())
	}

	log.Reset()
	a.Config.OIDCWorkspace = string(ws.ID)
	if err := a.CheckSignUp(t.Context()); err != nil || log.Len() > 0 {
		t.Errorf("%v %s", err, log.String())
	}

	for id, want := range map[string]bool{none: false, string(ws.ID): true} { // beside the server that has it open
		if has, err := store.HasWorkspace(t.Context(), store.Config{Dir: a.Config.Data}, tidings.ID(id)); err != nil || has != want {
			t.Errorf("%s: %v %v", id, has, err)
		}
	}

	if _, err := store.HasWorkspace(t.Context(), store.Config{Dir: t.TempDir()}, ws.ID); tidings.KindOf(err) != tidings.KindNotFound {
		t.Error(err)
	}
}
