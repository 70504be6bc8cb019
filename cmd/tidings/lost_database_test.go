package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLostDatabase: beside a storage that holds objects no new installation is
// begun when the database is removed, cut to nothing or without accounts, and
// what is left of the old one stays.
func TestLostDatabase(t *testing.T) {
	data, _, _ := everythingFolder(t)
	path := filepath.Join(data, "tidings.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	refused := func(what string) {
		t.Helper()
		for _, command := range []string{"serve", "audit"} {
			out, err := runCommand(t, command, "--data", data)
			if err == nil || !strings.Contains(out, "tidings import") || !strings.Contains(out, path) || strings.Contains(out, "ready at") {
				t.Errorf("%s, %s: %v %s", what, command, err, out)
			}
		}
	}

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+"-wal", []byte("its last changes"), 0o600); err != nil {
		t.Fatal(err)
	}

	refused("removed")
	if _, err := os.Stat(path); err == nil {
		t.Error("a database was made")
	}

	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}

	refused("emptied")
	if left, err := os.ReadFile(path + "-wal"); err != nil || string(left) != "its last changes" {
		t.Errorf("its log is gone: %v", err)
	}

	for _, name := range []string{path, path + "-wal"} {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}

	if out, err := runCommand(t, "migrate", "--data", data); err != nil {
		t.Fatal(err, out)
	}

	refused("made anew")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := runCommand(t, "reindex", "--data", data); err != nil {
		t.Errorf("with the database put back: %v %s", err, out)
	}
}
