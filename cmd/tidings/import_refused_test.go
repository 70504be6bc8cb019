package main

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

	"tidings.example/tidings/backup"
	"tidings.example/tidings/sqlite"
)

// copied is an export that may be spoiled.
type copied struct {
	t    *testing.T
	dir  string
	info backup.Manifest
}

func copyOf(t *testing.T, dir string) *copied {
	t.Helper()
	c := &copied{t: t, dir: filepath.Join(t.TempDir(), "copy")}
	if err := os.CopyFS(c.dir, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(c.read(backup.ManifestFile), &c.info); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *copied) read(name string) []byte {
	b, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

func (c *copied) write(name string, b []byte) {
	if err := os.WriteFile(filepath.Join(c.dir, name), b, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// describe writes export.json anew.
func (c *copied) describe() {
	b, err := json.Marshal(c.info)
	if err != nil {
		c.t.Fatal(err)
	}
	c.write(backup.ManifestFile, b)
}

// flip changes one bit in the middle of a file.
func (c *copied) flip(name string) {
	b := c.read(name)
	b[len(b)/2] ^= 1
	c.write(name, b)
}

func (c *copied) lines() []string {
	return strings.SplitAfter(strings.TrimSuffix(string(c.read(backup.ObjectListFile)), "\n"), "\n")
}

// list makes lines the list of the objects, with all sums as they should be.
func (c *copied) list(lines ...string) {
	b := []byte(strings.Join(lines, ""))
	sum := sha256.Sum256(b)
	c.info.List = backup.FileSum{Bytes: int64(len(b)), SHA256: hex.EncodeToString(sum[:])}
	c.write(backup.ObjectListFile, b)
	c.describe()
}

// object is the file of the n-th object.
func (c *copied) object(n int) string {
	var l backup.ObjectEntry
	if err := json.Unmarshal([]byte(c.lines()[n]), &l); err != nil {
		c.t.Fatal(err)
	}
	return filepath.Join(backup.ObjectsDir, filepath.FromSlash(l.Key))
}

// named gives the first object another key.
func named(key string) func(*copied) {
	return func(c *copied) {
		lines := c.lines()
		var l backup.ObjectEntry
		if err := json.Unmarshal([]byte(lines[0]), &l); err != nil {
			c.t.Fatal(err)
		}

		l.Key = key
		b, err := json.Marshal(l)
		if err != nil {
			c.t.Fatal(err)
		}

		c.list(append([]string{string(b) + "\n"}, lines[1:]...)...)
	}
}

func remove(name string) func(*copied) {
	return func(c *copied) {
		if err := os.RemoveAll(filepath.Join(c.dir, name)); err != nil {
			c.t.Fatal(err)
		}
	}
}

// TestImportRefuses: what is not a whole export of ours makes nothing at all.
func TestImportRefuses(t *testing.T) {
	const large = 3 // see assets
	dir := filepath.Join(t.TempDir(), "copy")
	exported(t, filled(t, 5), dir)
	for name, c := range map[string]struct {
		spoil func(*copied)
		says  string
	}{
		"not whole":            {remove(backup.ManifestFile), "no whole export"},
		"not there":            {remove("."), "no export in"},
		"no database":          {remove(backup.DatabaseFile), "tidings.db is missing"},
		"no list":              {remove(backup.ObjectListFile), "objects.jsonl is missing"},
		"no JSON":              {func(c *copied) { c.write(backup.ManifestFile, []byte("{")) }, "damaged"},
		"another format":       {func(c *copied) { c.info.Format = 2; c.describe() }, "format 2"},
		"a newer schema":       {func(c *copied) { c.info.Schema = 9999; c.describe() }, "newer (9999)"},
		"database damaged":     {func(c *copied) { c.flip(backup.DatabaseFile) }, "tidings.db of the export is damaged"},
		"database cut off":     {func(c *copied) { c.write(backup.DatabaseFile, c.read(backup.DatabaseFile)[:4096]) }, "tidings.db of the export is damaged"},
		"list damaged":         {func(c *copied) { c.flip(backup.ObjectListFile) }, "objects.jsonl of the export is damaged"},
		"lines out of order":   {func(c *copied) { l := c.lines(); slices.Reverse(l); c.list(l[0]+"\n", l[1]) }, "out of order"},
		"a line twice":         {func(c *copied) { l := c.lines(); c.list(l[0], l[0]) }, "out of order"},
		"a line that is none":  {func(c *copied) { c.list("clips\n") }, "objects.jsonl is damaged"},
		"lines too few":        {func(c *copied) { c.list(c.lines()[:2]...) }, "objects.jsonl of the export is damaged"},
		"an object is missing": {func(c *copied) { remove(c.object(1))(c) }, "00001 is missing"},
		"an object is short":   {func(c *copied) { c.write(c.object(1), []byte("x")) }, "00001 of the export is damaged"},
		"an object is a link": {func(c *copied) {
			o := c.object(1)
			c.write("aside", c.read(o))
			remove(o)(c)
			if err := os.Symlink(filepath.Join(c.dir, "aside"), filepath.Join(c.dir, o)); err != nil {
				t.Fatal(err)
			}
		}, "00001 of the export is damaged"},
		"key above":          {named("../../outside"), "none of ours"},
		"key above a clip":   {named("clips/../../outside"), "none of ours"},
		"key from the root":  {named("/etc/passwd"), "none of ours"},
		"key of another":     {named("backups/x"), "none of ours"},
		"key without a name": {named("clips//x"), "none of ours"},
		"key of Windows":     {named(`clips/..\..\x`), "none of ours"},
		"key with a line":    {named("clips/a\nb/x"), "none of ours"},
		"key of a folder":    {named("clips/."), "none of ours"},
		"no key":             {named(""), "none of ours"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, to := copyOf(t, dir), filepath.Join(t.TempDir(), "new")
			c.spoil(e)
			out, err := invoke(t, "import", "--data", to, e.dir)
			if err == nil || !strings.Contains(out, c.says) {
				t.Errorf("%v %s", err, out)
			}

			if _, err := os.Stat(to); err == nil {
				t.Errorf("there is a data folder: %v", files(t, to))
			}
		})
	}

	for name, n := range map[string]int{"small": 1, "large": large} {
		t.Run("a bit of a "+name+" object", func(t *testing.T) {
			t.Parallel()
			e, to := copyOf(t, dir), filepath.Join(t.TempDir(), "new")
			e.flip(e.object(n))
			out, err := invoke(t, "import", "--data", to, e.dir)
			if err == nil || !strings.Contains(out, filepath.ToSlash(e.object(n))+" of the export is damaged") {
				t.Errorf("%v %s", err, out)
			}

			for path := range files(t, to) {
				if path == "tidings.db" || strings.HasSuffix(path, filepath.Base(e.object(n))) {
					t.Errorf("there is %s", path)
				}
			}

			e.flip(e.object(n)) // mended, it goes on
			if out, err := invoke(t, "import", "--data", to, e.dir); err != nil {
				t.Errorf("%v %s", err, out)
			}
		})
	}
}

// TestImportWhere: only folders in which nobody is are filled.
func TestImportWhere(t *testing.T) {
	dir, other := filepath.Join(t.TempDir(), "copy"), filled(t, 1)
	exported(t, filled(t, 2), dir)
	before := files(t, other)["tidings.db"]
	refused := func(says string, args ...string) {
		t.Helper()
		if out, err := invoke(t, append([]string{"import"}, args...)...); err == nil || !strings.Contains(out, says) {
			t.Errorf("%v: %v %s", args, err, out)
		}
	}
	refused("Which folder?")
	refused("too much", dir, dir)
	refused("holds an installation already", "--data", other, dir)
	if before != files(t, other)["tidings.db"] {
		t.Error("the database has changed")
	}

	s := startServer(t, other, "--roles", "api")
	refused("A server runs", "--data", other, dir)
	s.stop()
	lock, err := backup.LockFolder(dir, syscall.LOCK_EX)
	if err != nil {
		t.Fatal(err)
	}

	refused("Another export or import works", "--data", filepath.Join(t.TempDir(), "new"), dir)
	if out, err := invoke(t, "export", "--data", other, dir); err == nil || !strings.Contains(out, "Another export or import works") {
		t.Errorf("export: %v %s", err, out)
	}

	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}

	empty := t.TempDir()
	if out, err := invoke(t, "migrate", "--data", empty); err != nil { // as a server does that nobody has visited
		t.Fatalf("%v %s", err, out)
	}
	if err := os.WriteFile(filepath.Join(empty, "search.db"), []byte("of another world"), 0o600); err != nil {
		t.Fatal(err)
	}

	if out, err := invoke(t, "import", "--data", empty, dir); err != nil || !strings.Contains(out, "2 objects") {
		t.Errorf("%v %s", err, out)
	}

	if left := files(t, empty); left["search.db"] != "" || left["tidings.db-wal"] != "" || left["tidings.db"] != files(t, dir)["tidings.db"] {
		t.Error("something of the empty installation is left")
	}

	refused("holds an installation already", "--data", empty, dir)
}

// TestImportOlder: an export of a version before is brought up to date as any
// data folder is.
func TestImportOlder(t *testing.T) {
	dir, to := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "new")
	exported(t, filled(t, 2), dir)
	e := copyOf(t, dir)
	db, err := sqlite.Open("file:" + filepath.Join(e.dir, backup.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}

	for _, sql := range []string{"DROP TABLE transcript_speech", "DELETE FROM goose_db_version WHERE version_id >= 18"} {
		if _, err := db.ExecContext(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}

	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	sum := sha256.Sum256(e.read(backup.DatabaseFile))
	now := e.info.Schema
	e.info.Schema, e.info.Database = 17, backup.FileSum{Bytes: int64(len(e.read(backup.DatabaseFile))), SHA256: hex.EncodeToString(sum[:])}
	e.describe()
	if out, err := invoke(t, "import", "--data", to, e.dir); err != nil {
		t.Fatalf("import: %v %s", err, out)
	}

	again := filepath.Join(t.TempDir(), "again")
	exported(t, to, again, "2 objects")
	if info := copyOf(t, again).info; info.Schema != now || info.Installation != e.info.Installation {
		t.Errorf("%+v, want schema %d", info, now)
	}
}
