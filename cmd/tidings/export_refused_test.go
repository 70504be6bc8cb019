package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.example/tidings/backup"
)

// TestExportRefuses: what is not ours is left alone.
func TestExportRefuses(t *testing.T) {
	data, tmp := filled(t, 2), t.TempDir()
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

	exported(t, filled(t, 1), in("another"))
	write("begun/"+backup.UnfinishedPrefix+"0123456789abcdef/tidings.db", "")
	write("things/letter.txt", "Dear Ana")
	write("damaged/"+backup.ManifestFile, "{")
	write("later/"+backup.ManifestFile, `{"format": 2, "version": "9.0"}`)
	write("file", "")
	before := files(t, tmp)

	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"another installation":          {[]string{in("another")}, "of another installation"},
		"another installation's, begun": {[]string{in("begun")}, "unfinished export of another installation"},
		"something else":                {[]string{in("things")}, "something else"},
		"damaged":                       {[]string{in("damaged")}, "damaged"},
		"of a later version":            {[]string{in("later")}, "format 2"},
		"a file":                        {[]string{in("file")}, "not a directory"},
		"in no folder":                  {[]string{in("nowhere/copy")}, "no such file"},
		"the data folder":               {[]string{data}, "in the data folder"},
		"in the data folder":            {[]string{filepath.Join(data, "copy")}, "in the data folder"},
		"no folder":                     {nil, "Which folder?"},
		"two folders":                   {[]string{in("a"), in("b")}, "too much"},
		"flags behind":                  {[]string{in("things"), "--fsync=false"}, "something else"},
		"no installation":               {[]string{"--data", in("none"), in("a")}, "no installation"},
	} {
		t.Run(name, func(t *testing.T) {
			args := c.args
			if name != "no installation" {
				args = append([]string{"--data", data}, c.args...)
			}
			if out, err := invoke(t, append([]string{"export"}, args...)...); err == nil || !strings.Contains(out, c.says) {
				t.Errorf("%v %s", err, out)
			}
		})
	}

	if !maps.Equal(before, files(t, tmp)) {
		t.Error("something has changed")
	}
}

// TestExportTellsOfMissing: the command exits with 1, says which, but not
// endlessly, and the export can be imported.
func TestExportTellsOfMissing(t *testing.T) {
	data, dir := filled(t, 125), filepath.Join(t.TempDir(), "copy")
	var gone []string
	changed(t, data, func(a *app) {
		keys, err := a.store.ClipKeys(t.Context(), oneClip(t, a))
		if err != nil {
			t.Fatal(err)
		}

		slices.Sort(keys)
		gone = keys[5:]
		if err := a.blobs.Delete(t.Context(), gone...); err != nil {
			t.Fatal(err)
		}
	})
	out, err := invoke(t, "export", "--data", data, dir)
	if err == nil || !strings.Contains(out, "missing object "+gone[0]+"\n") || strings.Count(out, "missing object ") != backup.MaxReportLines || !strings.Contains(out, "120 objects that rows name are missing") {
		t.Errorf("export: %v %s", err, out)
	}

	if out, err = invoke(t, "import", "--data", filepath.Join(t.TempDir(), "new"), dir); err != nil || !strings.Contains(out, "5 objects") || !strings.Contains(out, "120 objects were missing") {
		t.Errorf("import: %v %s", err, out)
	}
}
