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

// maxRemembered is how many files a ledger remembers before it forgets the
// oldest of those that are no longer in the folder.
const maxRemembered = 20_000

// The states of a file in the ledger.
const (
	stateSending = "sending" // begun; it goes on from there
	stateSent    = "sent"    // whole on the server
	stateRefused = "refused" // cannot be sent as it is
)

// entry is what is known of one file.
type entry struct {
	Stamp  stamp     `json:"stamp"`
	State  string    `json:"state"`
	SHA256 string    `json:"sha256,omitempty"`
	Key    string    `json:"key,omitempty"` // of the request that makes the clip
	ClipID string    `json:"clip_id,omitempty"`
	URL    string    `json:"url,omitempty"`
	Upload string    `json:"upload,omitempty"` // where the bytes go
	Why    string    `json:"why,omitempty"`
	At     time.Time `json:"at"`
}

// ledger remembers across restarts what was uploaded from a folder to a
// server. It is a hidden file in that folder, so that both move together.
type ledger struct {
	dir, path string
	lock      *os.File
	files     map[string]entry // by name
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
	l := &ledger{dir: dir, path: filepath.Join(dir, ".tidings-push-"+place+".json"), files: map[string]entry{}}
	var err error
	if l.lock, err = os.OpenFile(l.path+".lock", os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, &ledgerError{err}
	}

	// The kernel lets go of the lock when the process ends, however it ends.
	if err := syscall.Flock(int(l.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another `tidings push --watch` is at work in %s", dir), l.lock.Close())
	}
	if err := l.load(); err != nil {
		return nil, errors.Join(err, l.lock.Close())
	}

	return l, nil
}

func (l *ledger) close() { l.lock.Close() }

// knows reports whether a file is dealt with as it is.
func (l *ledger) knows(name string, s stamp) bool {
	e, ok := l.files[name]
	return ok && e.State != stateSending && e.Stamp == s
}

// entry is what is known of a file whose upload has begun, but not ended.
func (l *ledger) entry(name string) (entry, bool) {
	e, ok := l.files[name]
	return e, ok && e.State == stateSending
}

// twin is a file with the same bytes that was sent; "" for none.
func (l *ledger) twin(sum string) (entry, string) {
	for name, e := range l.files {
		if e.State == stateSent && e.SHA256 == sum {
			return e, name
		}
	}
	return entry{}, ""
}

func (l *ledger) put(name string, e entry) error {
	e.At = time.Now().UTC()
	l.files[name] = e
	l.forget()
	return l.save()
}

func (l *ledger) drop(name string) error {
	delete(l.files, name)
	return l.save()
}

// forget keeps the ledger bounded.
func (l *ledger) forget() {
	if len(l.files) <= maxRemembered {
		return
	}
	names := slices.SortedFunc(maps.Keys(l.files), func(a, b string) int { return l.files[a].At.Compare(l.files[b].At) })
	for _, name := range names[:len(names)/10] {
		if _, err := os.Lstat(filepath.Join(l.dir, name)); errors.Is(err, fs.ErrNotExist) {
			delete(l.files, name)
		}
	}
}
