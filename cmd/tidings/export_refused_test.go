package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/backup"
	"tidings.example/tidings/server"
)

// TestExportArguments: the command says which argument is wrong.
func TestExportArguments(t *testing.T) {
	data, tmp := newDataDir(t, 1), t.TempDir()
	in := func(name string) string { return filepath.Join(tmp, name) }
	if err := os.WriteFile(in("letter.txt"), []byte("Dear Ana"), 0o600); err != nil {
		t.Fatal(err)
	}

	before := readFiles(t, tmp)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"the data folder": {[]string{data}, "in the data folder"},
		"no folder":       {nil, "Which folder?"},
		"two folders":     {[]string{in("a"), in("b")}, "too much"},
		"flags behind":    {[]string{tmp, "--fsync=false"}, "something else"},
		"no installation": {[]string{"--data", in("none"), in("a")}, "no installation"},
	} {
		t.Run(name, func(t *testing.T) {
			args := c.args
			if name != "no installation" {
				args = append([]string{"--data", data}, c.args...)
			}
			if out, err := runCommand(t, append([]string{"export"}, args...)...); err == nil || !strings.Contains(out, c.says) {
				t.Errorf("%v %s", err, out)
			}
		})
	}

	if !maps.Equal(before, readFiles(t, tmp)) {
		t.Error("something has changed")
	}
}

// TestImportArguments: the command says which argument is wrong, also which
// folder.
func TestImportArguments(t *testing.T) {
	data, dir := newDataDir(t, 1), filepath.Join(t.TempDir(), "copy")
	runExport(t, data, dir)
	refused := func(says string, args ...string) {
		t.Helper()
		if out, err := runCommand(t, append([]string{"import"}, args...)...); err == nil || !strings.Contains(out, says) {
			t.Errorf("%v: %v %s", args, err, out)
		}
	}
	refused("Which folder?")
	refused("too much", dir, dir)
	refused("no export in", "--data", filepath.Join(t.TempDir(), "new"), t.TempDir()+"/none")
	refused("holds an installation already", "--data", data, dir)

	s := startServer(t, data, "--roles", "api")
	refused("A server runs", "--data", data, dir)
	s.stop()
}

// TestExportTellsOfMissing: the command exits with 1 and lists missing objects up
// to a limit, and the export can be imported.
func TestExportTellsOfMissing(t *testing.T) {
	data, dir := newDataDir(t, 125), filepath.Join(t.TempDir(), "copy")
	var gone []string
	changeDataDir(t, data, func(a *server.App) {
		keys, err := a.Store.ClipKeys(t.Context(), onlyClip(t, a))
		if err != nil {
			t.Fatal(err)
		}

		slices.Sort(keys)
		gone = keys[5:]
		if err := a.Blobs.Delete(t.Context(), gone...); err != nil {
			t.Fatal(err)
		}
	})
	out, err := runCommand(t, "export", "--data", data, dir)
	if err == nil || !strings.Contains(out, "missing object "+gone[0]+"\n") || strings.Count(out, "missing object ") != backup.MaxReportLines || !strings.Contains(out, "120 objects that rows name are missing") {
		t.Errorf("export: %v %s", err, out)
	}

	if out, err = runCommand(t, "import", "--data", filepath.Join(t.TempDir(), "new"), dir); err != nil || !strings.Contains(out, "5 objects") || !strings.Contains(out, "120 objects were missing") {
		t.Errorf("import: %v %s", err, out)
	}
}
