package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// loadEntries reads the file. Without one the ledger is empty.
func (l *ledger) loadEntries() error {
	b, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}

	if err == nil {
		err = json.Unmarshal(b, &l.entries)
	}

	if err != nil {
		return fmt.Errorf("%s, which says what was uploaded, cannot be read (without it, everything is uploaded again): %w", l.path, err)
	}

	if l.entries == nil {
		l.entries = map[string]ledgerEntry{}
	}

	return nil
}

// saveEntries replaces the file atomically and flushes it to the disk.
func (l *ledger) saveEntries() error {
	b, err := json.MarshalIndent(l.entries, "", " ")
	if err != nil {
		return &ledgerError{err}
	}

	next := l.path + ".tmp"
	if err := writeSynced(next, b); err != nil {
		return &ledgerError{err}
	}
	if err := os.Rename(next, l.path); err != nil {
		return &ledgerError{err}
	}
	if err := syncDir(l.dir); err != nil {
		return &ledgerError{err}
	}

	return nil
}

func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
