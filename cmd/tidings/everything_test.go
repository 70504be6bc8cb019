package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.example/tidings/server"
	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// everythingFolder is a data folder with a row of every kind and the objects that
// they name.
func everythingFolder(t *testing.T) (data string, w *storetest.World) {
	t.Helper()
	data = t.TempDir()
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}

	cfg, _, err := loadConfig("serve", []string{"--data", data}, envFrom(nil), io.Discard)
	if err != nil {
		t.Fatal(err)
	}

	a, err := server.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}

	w = storetest.NewWorld(t, func(testing.TB, tidings.Clock) *store.Store { return a.Store })
	w.AddEverything()
	put := func(key string, size int64) {
		t.Helper()
		if err := a.Blobs.Plain().Put(t.Context(), key, strings.NewReader(strings.Repeat("x", int(size))), size, "text/x-test"); err != nil {
			t.Fatal(err)
		}
	}

	for key, size := range w.ObjectSizes() {
		put(key, size)
	}

	ana, err := a.Store.User(t.Context(), w.Owner.ID)
	if err != nil {
		t.Fatal(err)
	}

	put(store.AvatarKey(ana.ID, ana.Avatar), 10)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chdir(home); err != nil { // the embedded storage has left it
		t.Fatal(err)
	}

	return data, w
}

// TestOperatorsOnEverything runs every command of an operator on a data folder
// with a row of every kind: without a server, beside one, and on an import of its
// export.
func TestOperatorsOnEverything(t *testing.T) {
	data, w := everythingFolder(t)
	run := func(says string, args ...string) {
		t.Helper()
		if out, err := runCommand(t, args...); err != nil || !strings.Contains(out, says) {
			t.Errorf("%v: %v, want %q\n%s", args, err, says, out)
		}
	}
	check := func(data string) {
		t.Helper()
		run("are indexed again", "reindex", "--data", data)
		run("0 missing, 0 without a row; index: 0 stale, 0 pending", "audit", "--data", data)
	}

	check(data)
	dir, moved := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "moved")
	run(" 0 were there", "export", "--data", data, dir)
	run("; 0 copied", "export", "--data", data, dir)
	run("Start the server now", "import", "--data", moved, dir)
	check(moved)
	run("storage", "doctor", "--data", data)

	s := startServer(t, data, "--roles", "api")
	run("are indexed again", "reindex", "--data", data)
	out, err := runCommand(t, "token", "create", "--user", w.Owner.Email, "--scope", "admin", "--data", data)
	if err != nil {
		t.Fatal(err, out)
	}

	s.token = strings.TrimSpace(out)
	var index struct{ Clips, Documents int }
	s.callAPI(http.MethodGet, "/api/v1/workspaces/"+string(w.WS.ID)+"/search-index", nil, &index)
	if text, err := json.Marshal(index); err != nil || index.Clips == 0 || index.Clips != index.Documents {
		t.Errorf("search index: %s %v", text, err)
	}
	run("0 missing, 0 without a row; index: 0 stale", "audit", "--data", data)
	run("objects of", "export", "--data", data, dir)
}
