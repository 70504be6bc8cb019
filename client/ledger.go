package client

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// maxEntries is how many files a ledger remembers before it forgets the
// oldest of those that are no longer in the folder.
const maxEntries = 20_000

// The states of a file in the ledger.
const (
	stateSending = "sending" // begun; it goes on from there
	stateSent    = "sent"    // whole on the server
	stateRefused = "refused" // cannot be sent as it is
)

// ledgerEntry is what is known of one file.
type ledgerEntry struct {
	Stamp  fileStamp `json:"stamp"`
	State  string    `json:"state"`
	SHA256 string    `json:"sha256,omitempty"`
	Key    string    `json:"key,omitempty"` // of the request that makes the clip
	ClipID string    `json:"clip_id,omitempty"`
	URL    string    `json:"url,omitempty"`
	Upload string    `json:"upload,omitempty"` // where the bytes go
	Reason string    `json:"why,omitempty"`
	At     time.Time `json:"at"`
}

// ledger remembers across restarts what was uploaded from a folder to a
// server. It is a hidden file in that folder, so that both move together.
type ledger struct {
	dir, path string
	lock      *os.File
	entries   map[string]ledgerEntry // by name
}

// ledgerError = what happened could not be written down. Nothing may be sent
// then, because it would be sent twice.
type ledgerError struct{ cause error }

func (e *ledgerError) Error() string {
	return fmt.Sprintf("what is uploaded cannot be written down: %v", e.cause)
}
func (e *ledgerError) Unwrap() error { return e.cause }

// openLedger opens the ledger of a folder for a server's address, and keeps
// other processes from it.
func openLedger(dir, server string) (*ledger, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder", dir)
	}

	_, place, _ := strings.Cut(server, "://")
	place = regexp.MustCompile(`[^A-Za-z0-9.]+`).ReplaceAllString(place, "-")
	l := &ledger{dir: dir, path: filepath.Join(dir, ".tidings-push-"+place+".json"), entries: map[string]ledgerEntry{}}
	var err error
	if l.lock, err = os.OpenFile(l.path+".lock", os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, &ledgerError{err}
	}

	// The kernel lets go of the lock when the process ends, however it ends.
	if err := syscall.Flock(int(l.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another `tidings push --watch` is at work in %s", dir), l.lock.Close())
	}
	if err := l.loadEntries(); err != nil {
		return nil, errors.Join(err, l.lock.Close())
	}

	return l, nil
}

func (l *ledger) close() { l.lock.Close() }

// isSettled reports whether a file is dealt with as it is.
func (l *ledger) isSettled(name string, s fileStamp) bool {
	e, ok := l.entries[name]
	return ok && e.State != stateSending && e.Stamp == s
}

// pendingEntry is what is known of a file whose upload has begun, but not ended.
func (l *ledger) pendingEntry(name string) (ledgerEntry, bool) {
	e, ok := l.entries[name]
	return e, ok && e.State == stateSending
}

// findDuplicate is a file with the same bytes that was sent; "" for none.
func (l *ledger) findDuplicate(sum string) (ledgerEntry, string) {
	for name, e := range l.entries {
		if e.State == stateSent && e.SHA256 == sum {
			return e, name
		}
	}
	return ledgerEntry{}, ""
}

func (l *ledger) putEntry(name string, e ledgerEntry) error {
	e.At = time.Now().UTC()
	l.entries[name] = e
	l.trimEntries()
	return l.saveEntries()
}

func (l *ledger) dropEntry(name string) error {
	delete(l.entries, name)
	return l.saveEntries()
}

// trimEntries keeps the ledger bounded.
func (l *ledger) trimEntries() {
	if len(l.entries) <= maxEntries {
		return
	}
	names := slices.SortedFunc(maps.Keys(l.entries), func(a, b string) int { return l.entries[a].At.Compare(l.entries[b].At) })
	for _, name := range names[:len(names)/10] {
		if _, err := os.Lstat(filepath.Join(l.dir, name)); errors.Is(err, fs.ErrNotExist) {
			delete(l.entries, name)
		}
	}
}
