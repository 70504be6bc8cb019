package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidings.example/tidings/sqlite"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// exportCopy is a copy of an export that a test damages.
type exportCopy struct {
	t        *testing.T
	dir      string
	manifest Manifest
}

func copyExport(t *testing.T, dir string) *exportCopy {
	t.Helper()
	c := &exportCopy{t: t, dir: filepath.Join(t.TempDir(), "copy")}
	if err := os.CopyFS(c.dir, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(c.readFile(manifestFile), &c.manifest); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *exportCopy) readFile(name string) []byte {
	b, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

func (c *exportCopy) writeFile(name string, b []byte) {
	if err := os.WriteFile(filepath.Join(c.dir, name), b, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// writeManifest writes the changed manifest.
func (c *exportCopy) writeManifest() {
	b, err := json.Marshal(c.manifest)
	if err != nil {
		c.t.Fatal(err)
	}
	c.writeFile(manifestFile, b)
}

// flipBit changes one bit in the middle of a file.
func (c *exportCopy) flipBit(name string) {
	b := c.readFile(name)
	b[len(b)/2] ^= 1
	c.writeFile(name, b)
}

func (c *exportCopy) readLines() []string {
	return strings.SplitAfter(strings.TrimSuffix(string(c.readFile(objectListFile)), "\n"), "\n")
}

// writeList replaces the object list and its checksum in the manifest.
func (c *exportCopy) writeList(lines ...string) {
	b := []byte(strings.Join(lines, ""))
	sum := sha256.Sum256(b)
	c.manifest.List = FileSum{Bytes: int64(len(b)), SHA256: hex.EncodeToString(sum[:])}
	c.writeFile(objectListFile, b)
	c.writeManifest()
}

// objectFile is the path of the n-th object in the export.
func (c *exportCopy) objectFile(n int) string {
	var l objectEntry
	if err := json.Unmarshal([]byte(c.readLines()[n]), &l); err != nil {
		c.t.Fatal(err)
	}
	return filepath.Join(objectsDir, filepath.FromSlash(l.Key))
}

// renameFirstObject gives the first object another key.
func renameFirstObject(key string) func(*exportCopy) {
	return func(c *exportCopy) {
		lines := c.readLines()
		var l objectEntry
		if err := json.Unmarshal([]byte(lines[0]), &l); err != nil {
			c.t.Fatal(err)
		}

		l.Key = key
		b, err := json.Marshal(l)
		if err != nil {
			c.t.Fatal(err)
		}

		c.writeList(append([]string{string(b) + "\n"}, lines[1:]...)...)
	}
}

// removeFile removes a file or folder of the export.
func removeFile(name string) func(*exportCopy) {
	return func(c *exportCopy) {
		if err := os.RemoveAll(filepath.Join(c.dir, name)); err != nil {
			c.t.Fatal(err)
		}
	}
}

// TestImportRefuses: a damaged export is rejected before anything is written.
func TestImportRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "copy")
	in, _, _ := newInstallation(t, 5)
	in.export(dir, nil)
	for name, c := range map[string]struct {
		spoil func(*exportCopy)
		says  string
	}{
		"not whole":            {removeFile(manifestFile), "no whole export"},
		"not there":            {removeFile("."), "no export in"},
		"no database":          {removeFile(databaseFile), "tidings.db is missing"},
		"no list":              {removeFile(objectListFile), "objects.jsonl is missing"},
		"no JSON":              {func(c *exportCopy) { c.writeFile(manifestFile, []byte("{")) }, "damaged"},
		"another format":       {func(c *exportCopy) { c.manifest.Format = 2; c.writeManifest() }, "format 2"},
		"a newer schema":       {func(c *exportCopy) { c.manifest.Schema = 9999; c.writeManifest() }, "newer (9999)"},
		"database damaged":     {func(c *exportCopy) { c.flipBit(databaseFile) }, "tidings.db of the export is damaged"},
		"database cut off":     {func(c *exportCopy) { c.writeFile(databaseFile, c.readFile(databaseFile)[:4096]) }, "tidings.db of the export is damaged"},
		"list damaged":         {func(c *exportCopy) { c.flipBit(objectListFile) }, "objects.jsonl of the export is damaged"},
		"lines out of order":   {func(c *exportCopy) { l := c.readLines(); slices.Reverse(l); c.writeList(l[0]+"\n", l[1]) }, "out of order"},
		"a line twice":         {func(c *exportCopy) { l := c.readLines(); c.writeList(l[0], l[0]) }, "out of order"},
		"a line that is none":  {func(c *exportCopy) { c.writeList("clips\n") }, "objects.jsonl is damaged"},
		"lines too few":        {func(c *exportCopy) { c.writeList(c.readLines()[:2]...) }, "objects.jsonl of the export is damaged"},
		"an object is missing": {func(c *exportCopy) { removeFile(c.objectFile(1))(c) }, "00001 is missing"},
		"an object is short":   {func(c *exportCopy) { c.writeFile(c.objectFile(1), []byte("x")) }, "00001 of the export is damaged"},
		"an object is a link": {func(c *exportCopy) {
			o := c.objectFile(1)
			c.writeFile("aside", c.readFile(o))
			removeFile(o)(c)
			if err := os.Symlink(filepath.Join(c.dir, "aside"), filepath.Join(c.dir, o)); err != nil {
				t.Fatal(err)
			}
		}, "00001 of the export is damaged"},
		"key above":          {renameFirstObject("../../outside"), "none of ours"},
		"key above a clip":   {renameFirstObject("clips/../../outside"), "none of ours"},
		"key from the root":  {renameFirstObject("/etc/passwd"), "none of ours"},
		"key of another":     {renameFirstObject("backups/x"), "none of ours"},
		"key without a name": {renameFirstObject("clips//x"), "none of ours"},
		"key of Windows":     {renameFirstObject(`clips/..\..\x`), "none of ours"},
		"key with a line":    {renameFirstObject("clips/a\nb/x"), "none of ours"},
		"key of a folder":    {renameFirstObject("clips/."), "none of ours"},
		"no key":             {renameFirstObject(""), "none of ours"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, to := copyExport(t, dir), filepath.Join(t.TempDir(), "new")
			c.spoil(e)
			objects := newMemoryObjects()
			if _, err := importFrom(t, e.dir, to, objects); !hasMessage(err, c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}

			if _, err := os.Stat(to); err == nil || len(objects.content) > 0 {
				t.Errorf("there is a data folder with %v, or %d objects", err, len(objects.content))
			}
		})
	}
}

// TestImportRefusesDamagedObject: a damaged object is not stored; an import of
// the repaired export continues.
func TestImportRefusesDamagedObject(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "copy")
	in, _, _ := newInstallation(t, 5)
	in.export(dir, nil)

	for name, n := range map[string]int{"small": 1, "large": largeAsset} {
		t.Run("a bit of a "+name+" object", func(t *testing.T) {
			t.Parallel()
			e, to := copyExport(t, dir), filepath.Join(t.TempDir(), "new")
			e.flipBit(e.objectFile(n))
			objects := newMemoryObjects()
			if _, err := importFrom(t, e.dir, to, objects); !hasMessage(err, filepath.ToSlash(e.objectFile(n))+" of the export is damaged") {
				t.Errorf("%v", err)
			}

			for path := range readFiles(t, to) {
				if path == "tidings.db" {
					t.Errorf("there is %s", path)
				}
			}

			for key := range objects.content {
				if strings.HasSuffix(key, filepath.Base(e.objectFile(n))) {
					t.Errorf("there is %s", key)
				}
			}

			e.flipBit(e.objectFile(n)) // repaired, the import continues
			if _, err := importFrom(t, e.dir, to, objects); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestImportWhere: only an empty installation is filled.
func TestImportWhere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "copy")
	in, _, _ := newInstallation(t, 2)
	in.export(dir, nil)
	other, _, _ := newInstallation(t, 1)
	other.close()

	before := readFiles(t, other.data)["tidings.db"]
	refused := func(to, words string) {
		t.Helper()
		if _, err := importFrom(t, dir, to, newMemoryObjects()); !hasMessage(err, words) {
			t.Errorf("%s: %v, want %q", to, err, words)
		}
	}
	refused(other.data, "holds an installation already")
	if before != readFiles(t, other.data)["tidings.db"] {
		t.Error("the database has changed")
	}

	lock, err := lockFolder(dir, syscall.LOCK_EX)
	if err != nil {
		t.Fatal(err)
	}

	refused(filepath.Join(t.TempDir(), "new"), "Another export or import works")
	if _, err := in.tryExport(dir, nil); !hasMessage(err, "Another export or import works") {
		t.Errorf("export: %v", err)
	}

	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}

	empty := t.TempDir()
	openInstallation(t, empty, newMemoryObjects()).close() // migrated, but without an account

	if err := os.WriteFile(filepath.Join(empty, "search.db"), []byte("of another world"), 0o600); err != nil {
		t.Fatal(err)
	}

	if r, err := importFrom(t, dir, empty, newMemoryObjects()); err != nil || r.Manifest.Objects != 2 {
		t.Errorf("%v %+v", err, r)
	}

	if left := readFiles(t, empty); left["search.db"] != "" || left["tidings.db-wal"] != "" || left["tidings.db"] != readFiles(t, dir)["tidings.db"] {
		t.Error("something of the empty installation is left")
	}

	refused(empty, "holds an installation already")
}

// TestImportOlder: the database of an older version is migrated when it is opened.
func TestImportOlder(t *testing.T) {
	dir, to := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "new")
	in, _, _ := newInstallation(t, 2)
	in.export(dir, nil)
	e := copyExport(t, dir)
	db, err := sqlite.Open("file:" + filepath.Join(e.dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}

	storetest.MigrateDown(t, db, 17)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	sum := sha256.Sum256(e.readFile(databaseFile))
	now := e.manifest.Schema
	e.manifest.Schema, e.manifest.Database = 17, FileSum{Bytes: int64(len(e.readFile(databaseFile))), SHA256: hex.EncodeToString(sum[:])}
	e.writeManifest()
	objects := newMemoryObjects()
	if _, err := importFrom(t, e.dir, to, objects); err != nil {
		t.Fatalf("import: %v", err)
	}

	again := filepath.Join(t.TempDir(), "again")
	if r := openInstallation(t, to, objects).export(again, nil); r.Manifest.Objects != 2 {
		t.Errorf("%+v", r)
	}

	if info := copyExport(t, again).manifest; info.Schema != now || info.Installation != e.manifest.Installation {
		t.Errorf("%+v, want schema %d", info, now)
	}
}

// TestImportKeepsUploads: what tus HEAD returns of an upload moves with it.
func TestImportKeepsUploads(t *testing.T) {
	dir, to := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "new")
	in, owner, clip := newInstallation(t, 1)
	c, err := in.rows.Clip(t.Context(), clip)
	if err != nil {
		t.Fatal(err)
	}

	u := tidings.Upload{ID: tidings.NewID(time.Now()), ClipID: clip, WorkspaceID: c.WorkspaceID, UserID: owner, Filename: "a.webm",
		Metadata: "clip_id YQ==,relativePath bnVsbA==,empty", ExpiresAt: time.Now().Add(time.Hour)}
	if err := in.rows.CreateUpload(t.Context(), u); err != nil {
		t.Fatal(err)
	}

	in.export(dir, nil)
	objects := newMemoryObjects()
	if _, err := importFrom(t, dir, to, objects); err != nil {
		t.Fatal(err)
	}

	moved, err := openInstallation(t, to, objects).rows.UploadByClip(t.Context(), clip)
	if err != nil || moved.Metadata != u.Metadata || moved.Filename != u.Filename {
		t.Errorf("%+v, %v", moved, err)
	}
}
