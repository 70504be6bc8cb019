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

// maxEntries is the size from which on trimEntries removes the oldest entries of
// files that are no longer in the folder.
const maxEntries = 20_000

// The states of a file in the ledger.
const (
	stateSending = "sending" // begun; the entry says how far
	stateSent    = "sent"    // complete on the server
	stateRefused = "refused" // not to be tried again until it changes
)

// ledgerEntry is the state of one file.
type ledgerEntry struct {
	Stamp  fileStamp `json:"stamp"`
	State  string    `json:"state"`
	SHA256 string    `json:"sha256,omitempty"`
	Key    string    `json:"key,omitempty"` // Idempotency-Key of the request that creates the clip
	ClipID string    `json:"clip_id,omitempty"`
	URL    string    `json:"url,omitempty"`    // link of the clip
	Upload string    `json:"upload,omitempty"` // URL of the tus upload
	Reason string    `json:"why,omitempty"`    // of stateRefused
	At     time.Time `json:"at"`               // of the last change
}

// ledger is the durable record of what was uploaded from a folder to a server:
// a hidden JSON file in that folder, so that both move together.
type ledger struct {
	dir, path string
	lock      *os.File
	entries   map[string]ledgerEntry // by name
}

// ledgerError says that the ledger could not be written. Uploading must stop
// then, because files would be sent twice.
type ledgerError struct{ cause error }

func (e *ledgerError) Error() string {
	return fmt.Sprintf("what is uploaded cannot be written down: %v", e.cause)
}
func (e *ledgerError) Unwrap() error { return e.cause }

// openLedger opens and locks the ledger of a folder for the server at a URL.
func openLedger(dir, server string) (*ledger, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder", dir)
	}

	_, host, _ := strings.Cut(server, "://")
	host = regexp.MustCompile(`[^A-Za-z0-9.]+`).ReplaceAllString(host, "-")
	l := &ledger{dir: dir, path: filepath.Join(dir, ".tidings-push-"+host+".json"), entries: map[string]ledgerEntry{}}
	var err error
	if l.lock, err = os.OpenFile(l.path+".lock", os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, &ledgerError{err}
	}

	// The kernel releases the lock when the process ends in any way.
	if err := syscall.Flock(int(l.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another `tidings push --watch` is at work in %s", dir), l.lock.Close())
	}
	if err := l.loadEntries(); err != nil {
		return nil, errors.Join(err, l.lock.Close())
	}

	return l, nil
}

func (l *ledger) releaseLock() { l.lock.Close() }

// isSettled reports whether a file with this stamp was sent or refused.
func (l *ledger) isSettled(name string, s fileStamp) bool {
	e, ok := l.entries[name]
	return ok && e.State != stateSending && e.Stamp == s
}

// pendingEntry is the entry of a file whose upload has begun, but not ended.
func (l *ledger) pendingEntry(name string) (ledgerEntry, bool) {
	e, ok := l.entries[name]
	return e, ok && e.State == stateSending
}

// findDuplicate returns the name of a sent file with the same checksum, "" for
// none.
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

// trimEntries keeps the ledger bounded: above maxEntries it removes those of
// deleted files among the oldest tenth.
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
