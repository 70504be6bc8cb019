package client

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestPushWatchStable: a file is stable when two scans saw the same stamp; a
// settled file is no candidate until it changes.
func TestPushWatchStable(t *testing.T) {
	dir := t.TempDir()
	l, err := openLedger(dir, "https://tidings.example:8443/x")
	if err != nil {
		t.Fatal(err)
	}
	defer l.releaseLock()

	w := &watcher{config: WatchConfig{Dir: dir, Log: io.Discard}, ledger: l}
	look := func(want string) []candidate {
		t.Helper()
		out, err := w.scanFolder()
		got := ""
		for _, f := range out {
			got += fmt.Sprint(f.name, " ", f.stable, ";")
		}

		if err != nil || got != want {
			t.Fatalf("%q %v, want %q", got, err, want)
		}
		return out
	}

	path := filepath.Join(dir, "a.mp4")
	grow := func(text string) {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = f.WriteString(text)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}

	for _, name := range []string{"b.MP4.PART", "b.crdownload", "b.tmp", ".b.mp4", "a.vtt", "empty.mp4"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	if err := errors.Join(os.Truncate(filepath.Join(dir, "empty.mp4"), 0), os.Mkdir(filepath.Join(dir, "folder.mp4"), 0o700)); err != nil {
		t.Fatal(err)
	}

	look("")
	grow("one")
	look("a.mp4 false;")
	grow("two")
	look("a.mp4 false;")
	f := look("a.mp4 true;")[0]
	file, err := openUnchanged(path, f.stamp)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	grow("three")

	if _, err := file.ReadAt(make([]byte, 1), 0); !errors.Is(err, errFileChanged) {
		t.Errorf("a file that grows while it is sent: %v", err)
	}

	look("a.mp4 false;")
	f = look("a.mp4 true;")[0]
	if err := l.putEntry(f.name, ledgerEntry{Stamp: f.stamp, State: stateRefused}); err != nil {
		t.Fatal(err)
	}

	look("")
	l.releaseLock()

	if w.ledger, err = openLedger(dir, "http://tidings.example:8443/x"); err != nil {
		t.Fatal(err)
	}
	defer w.ledger.releaseLock()

	look("")
	grow("four")
	look("a.mp4 false;")
}
