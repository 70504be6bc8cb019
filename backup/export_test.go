package backup

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/store"
	"tidings.example/tidings/tidings"
)

// TestExportCutAtTheEnd interrupts between the steps of publishExport, which are
// too short for a test that kills the process.
func TestExportCutAtTheEnd(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "copy")
	in, _, _ := newInstallation(t, 3)
	in.export(dir, nil)
	for _, missing := range [][]string{{manifestFile}, {manifestFile, databaseFile}, {manifestFile, databaseFile, objectListFile}} {
		e := copyExport(t, dir)
		if err := os.Mkdir(filepath.Join(e.dir, unfinishedPrefix+e.manifest.Installation), 0o700); err != nil {
			t.Fatal(err)
		}

		for _, name := range missing {
			removeFile(name)(e)
		}

		if _, err := importFrom(t, e.dir, filepath.Join(t.TempDir(), "new"), newMemoryObjects()); !hasMessage(err, "no whole export") {
			t.Errorf("without %v: %v", missing, err)
		}

		if r := in.export(e.dir, nil); r.Copied != 0 || r.Kept != 3 {
			t.Errorf("without %v: %+v", missing, r)
		}

		if got, want := readFiles(t, e.dir), readFiles(t, dir); got[objectListFile] != want[objectListFile] || len(got) != len(want) {
			t.Errorf("without %v: %d files became %d", missing, len(want), len(got))
		}
	}
}

// TestExportHeals: a file of the folder that is missing or too short is copied
// again.
func TestExportHeals(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "copy")
	in, _, _ := newInstallation(t, 3)
	in.export(dir, nil)
	whole, e := readFiles(t, dir), copyExport(t, dir)
	removeFile(e.objectFile(0))(e)
	e.writeFile(e.objectFile(1), []byte("short"))
	if r := in.export(e.dir, nil); r.Copied != 2 || r.Kept != 1 {
		t.Errorf("%+v", r)
	}

	for name, text := range readFiles(t, e.dir) {
		if strings.HasPrefix(name, objectsDir) && text != whole[name] {
			t.Errorf("%s is not what it was", name)
		}
	}
}

// TestExportRefuses: a folder that is no export of the installation is left
// unchanged.
func TestExportRefuses(t *testing.T) {
	tmp := t.TempDir()
	own, _, _ := newInstallation(t, 2)
	in := func(name string) string { return filepath.Join(tmp, name) }
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(in(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	another, _, _ := newInstallation(t, 1)
	another.export(in("another"), nil)
	write("begun/"+unfinishedPrefix+"0123456789abcdef/tidings.db", "")
	write("things/letter.txt", "Dear Ana")
	write("damaged/"+manifestFile, "{")
	write("later/"+manifestFile, `{"format": 2, "version": "9.0"}`)
	write("file", "")
	before := readFiles(t, tmp)

	for name, c := range map[string]struct{ dir, says string }{
		"another installation":          {in("another"), "of another installation"},
		"another installation's, begun": {in("begun"), "unfinished export of another installation"},
		"something else":                {in("things"), "something else"},
		"damaged":                       {in("damaged"), "damaged"},
		"of a later version":            {in("later"), "format 2"},
		"a file":                        {in("file"), "not a directory"},
		"in no folder":                  {in("nowhere/copy"), "no such file"},
		"the data folder":               {own.data, "in the data folder"},
		"in the data folder":            {filepath.Join(own.data, "copy"), "in the data folder"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := own.tryExport(c.dir, nil); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}

	if !maps.Equal(before, readFiles(t, tmp)) {
		t.Error("something has changed")
	}
}

// TestExportMisses: an object that the storage lacks is reported as missing,
// unless no row names it now. A copy in an earlier export stays.
func TestExportMisses(t *testing.T) {
	in, owner, clip := newInstallation(t, 0)
	dir := filepath.Join(t.TempDir(), "copy")
	keys := in.addAssets(clip, 0, 2)
	in.export(dir, nil)
	more := in.addAssets(clip, 10, 12)
	reports := func(r ExportReport, want ...string) {
		t.Helper()
		if int(r.Manifest.Missing) != len(want) || !slices.Equal(r.Lines, want) {
			t.Errorf("%+v, want %q", r, want)
		}
	}
	reports(in.export(dir, func() { // one is deleted at this moment; another one is lost
		in.execSQL("DELETE FROM assets WHERE key = $1", more[0])
		in.objects.removeKeys(more...)
	}), "missing object "+more[1])
	in.objects.removeKeys(keys[1])
	kept := "missing object, which only this export has: " + keys[1]
	reports(in.export(dir, nil), kept, "missing object "+more[1])
	if !hasObject(dir, keys[1]) {
		t.Error("it has it no longer")
	}

	hash := strings.Repeat("1", 64)
	if _, err := in.rows.SetAvatar(t.Context(), owner, hash); err != nil {
		t.Fatal(err)
	}

	reports(in.export(dir, nil), "missing object "+store.AvatarKey(owner, hash), kept, "missing object "+more[1])
	reports(in.export(dir, func() { in.execSQL("UPDATE users SET avatar = ''") }), kept, "missing object "+more[1])
}

// TestExportDamaged: an object that the storage does not give whole is named, a
// copy in an earlier export stays, and the rest is exported. A storage that does
// not answer at all ends the export.
func TestExportDamaged(t *testing.T) {
	in, _, clip := newInstallation(t, 0)
	dir := filepath.Join(t.TempDir(), "copy")
	keys := in.addAssets(clip, 0, 2)
	in.export(dir, nil)
	before := readFiles(t, dir)
	more := in.addAssets(clip, 10, 13)

	whole := in.objects.content[keys[0]]
	in.objects.content[keys[0]] = whole[1:] // cut, too
	in.objects.damaged = map[string]bool{keys[0]: true, more[1]: true}
	r := in.export(dir, nil)
	want := []string{"damaged object, which only this export has: " + keys[0] + " of clip " + string(clip), "damaged object " + more[1] + " of clip " + string(clip)}
	if r.Manifest.Damaged != 2 || r.Manifest.Missing != 0 || r.Manifest.Objects != 4 || !slices.Equal(r.Lines, want) {
		t.Errorf("%+v, want %q", r, want)
	}

	after := readFiles(t, dir)
	if name := objectPath(keys[0]); after[name] != before[name] {
		t.Error("what was whole is replaced by what is damaged")
	}
	if !hasObject(dir, more[0]) || hasObject(dir, more[1]) || !hasObject(dir, more[2]) {
		t.Errorf("%v", slices.Sorted(maps.Keys(after)))
	}

	in.objects.damaged, in.objects.content[keys[0]] = nil, whole
	if r := in.export(dir, nil); r.Manifest.Damaged != 0 || len(r.Lines) > 0 || !hasObject(dir, more[1]) {
		t.Errorf("when it is whole again: %+v", r)
	}

	in.addAssets(clip, 20, 21)
	if _, err := in.tryExport(dir, func() { in.objects.down = true }); tidings.KindOf(err) != tidings.KindUnavailable {
		t.Errorf("no answer at all: %v", err)
	}
}

// hasObject reports whether an export has the object of a key.
func hasObject(dir, key string) bool {
	_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(objectPath(key))))
	return err == nil
}
