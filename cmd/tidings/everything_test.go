package main

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/server"
	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// everythingFolder is a data folder with a row of every kind and the objects that
// they name, whose sizes are returned too.
func everythingFolder(t *testing.T) (data string, w *storetest.World, objects map[string]int64) {
	t.Helper()
	data = t.TempDir()
	a, closeApp := openFolder(t, data)
	w = storetest.NewWorld(t, func(testing.TB, tidings.Clock) *store.Store { return a.Store })
	w.AddEverything()
	put := func(key string, size int64) {
		t.Helper()
		if err := a.Blobs.Plain().Put(t.Context(), key, strings.NewReader(strings.Repeat("x", int(size))), size, "text/x-test"); err != nil {
			t.Fatal(err)
		}
	}

	objects = w.StoredObjects()
	for key, size := range objects {
		put(key, size)
	}

	ana, err := a.Store.User(t.Context(), w.Owner.ID)
	if err != nil {
		t.Fatal(err)
	}

	put(store.AvatarKey(ana.ID, ana.Avatar), 10)
	closeApp()

	return data, w, objects
}

// openFolder opens the installation of a data folder without serving it.
func openFolder(t *testing.T, data string) (a *server.App, closeApp func()) {
	t.Helper()
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}

	cfg, _, err := loadConfig("serve", []string{"--data", data}, envFrom(nil), io.Discard)
	if err != nil {
		t.Fatal(err)
	}

	if a, err = server.Open(t.Context(), cfg, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}

	return a, func() {
		t.Helper()
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chdir(home); err != nil { // the embedded storage has left it
			t.Fatal(err)
		}
	}
}

// TestOperatorsOnEverything runs every command of an operator on a data folder
// with a row of every kind: without a server, beside one, and on an import of its
// export.
func TestOperatorsOnEverything(t *testing.T) {
	data, w, _ := everythingFolder(t)
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

// objectFile is the file of an object in the embedded storage.
func objectFile(t *testing.T, data, key string) (path string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(data, "storage"), func(at string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(at, key) {
			path = at
		}
		return err
	})
	if err != nil || path == "" {
		t.Fatalf("no file of %s: %v", key, err)
	}

	return path
}

// damageObject changes the content of an object under the storage.
func damageObject(t *testing.T, data, key string, change func([]byte) []byte) {
	t.Helper()
	path := objectFile(t, data, key)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0) // its extended attributes stay
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(change(b)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func flipByte(b []byte) []byte {
	b[len(b)/2] ^= 1
	return b
}

// TestExportOfDamage: one flipped bit of one object is named and costs no other
// object its place in the export.
func TestExportOfDamage(t *testing.T) {
	data, _, objects := everythingFolder(t)
	key := slices.Sorted(maps.Keys(objects))[3]
	damageObject(t, data, key, flipByte)
	dir, moved := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "moved")
	out, err := runCommand(t, "export", "--data", data, dir)
	if err == nil || !strings.Contains(out, "damaged object "+key) || !strings.Contains(out, "1 objects are damaged") {
		t.Errorf("%v %s", err, out)
	}
	if out, err := runCommand(t, "import", "--data", moved, dir); err != nil || !strings.Contains(out, "1 objects were missing or damaged") {
		t.Errorf("import: %v %s", err, out)
	}
	if out, err := runCommand(t, "audit", "--data", moved); err == nil || !strings.Contains(out, "missing object "+key) || !strings.Contains(out, "1 missing, 0 without") {
		t.Errorf("audit: %v %s", err, out)
	}
}

// TestExportOfDamagedOriginal: a flipped bit of an object whose storage has no
// checksum of the whole, because it came in parts, is found by those of its row.
func TestExportOfDamagedOriginal(t *testing.T) {
	data, _, objects := everythingFolder(t)
	clip := strings.Split(slices.Min(slices.Collect(maps.Keys(objects))), "/")[1]
	key, content := "clips/"+clip+"/source/original-00000000", bytes.Repeat([]byte("large"), 2<<20)
	a, closeApp := openFolder(t, data)
	if _, err := a.Blobs.Plain().PutLarge(t.Context(), key, bytes.NewReader(content), "text/x-test"); err != nil {
		t.Fatal(err)
	}

	_, err := a.Store.DB().ExecContext(t.Context(), "INSERT INTO assets (clip_id, name, attempt, content_type, bytes, key, sums) VALUES ($1, 'original', 1, 'text/x-test', $2, $3, $4)",
		clip, len(content), key, []byte(tidings.SumBlocks(content)))
	if err != nil {
		t.Fatal(err)
	}
	closeApp()

	dir := filepath.Join(t.TempDir(), "copy")
	damageObject(t, data, key, flipByte)
	out, err := runCommand(t, "export", "--data", data, dir)
	if err == nil || !strings.Contains(out, "damaged object "+key+" of clip "+clip) || !strings.Contains(out, "1 objects are damaged") {
		t.Errorf("%v %s", err, out)
	}
	if out, err := runCommand(t, "doctor", "--data", data); err != nil || !strings.Contains(out, key+" of clip "+clip+" is damaged: block 20 has another checksum") {
		t.Errorf("it is not recorded: %v %s", err, out)
	}

	damageObject(t, data, key, flipByte) // whole again
	if out, err := runCommand(t, "export", "--data", data, dir); err != nil || !strings.Contains(out, "; 1 copied") {
		t.Errorf("%v %s", err, out)
	}
}
