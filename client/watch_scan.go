package client

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
)

// unfinishedExtensions are those of files that programs are still writing.
var unfinishedExtensions = []string{".part", ".partial", ".crdownload", ".download", ".tmp"}

// seenFile is what the last scan saw of a file.
type seenFile struct {
	stamp  fileStamp
	logged string // the last message about it
}

// candidate is a file to upload.
type candidate struct {
	name   string
	stamp  fileStamp
	stable bool // not changed since the last scan
}

// scanFolder returns the files of the folder that are not settled, oldest first.
func (w *watcher) scanFolder() ([]candidate, error) {
	entries, err := os.ReadDir(w.config.Dir)
	if err != nil {
		return nil, err
	}

	last := w.seen
	w.seen = map[string]*seenFile{}
	var out []candidate
	for _, e := range entries {
		name := e.Name()
		if !isCandidateName(name) {
			continue
		}

		info, err := os.Stat(filepath.Join(w.config.Dir, name)) // follows symbolic links
		if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
			continue
		}

		s := stampOf(info)
		if w.ledger.isSettled(name, s) {
			continue
		}

		before := last[name]
		w.seen[name] = &seenFile{stamp: s}
		if before != nil && before.stamp == s {
			w.seen[name] = before
		}

		out = append(out, candidate{name, s, before != nil && before.stamp == s})
	}

	slices.SortFunc(out, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.stamp.Modified, b.stamp.Modified), cmp.Compare(a.name, b.name))
	})

	return out, nil
}

// isCandidateName reports whether a file of that name may be a complete
// recording. Captions are sent with their recording.
func isCandidateName(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	for _, t := range captionFormats {
		if ext == t.ext {
			return false
		}
	}
	return !strings.HasPrefix(name, ".") && !slices.Contains(unfinishedExtensions, ext)
}

// logOnce logs a message about a file unless it is the same as the last one.
func (w *watcher) logOnce(name, text string) {
	s := w.seen[name]
	if s == nil || s.logged == text {
		return
	}
	s.logged = text
	fmt.Fprintf(w.config.Log, "%s: %s\n", name, text)
}

// errFileChanged says that a file has changed since the scan.
var errFileChanged = tidings.Errorf(tidings.KindStale, "The file has changed.")

// unchangedFile is an open file that fails with errFileChanged when it changes
// while it is read.
type unchangedFile struct {
	*os.File
	stamp fileStamp
}

func openUnchanged(path string, s fileStamp) (unchangedFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return unchangedFile{}, err
	}
	file := unchangedFile{f, s}
	if err := file.checkStamp(); err != nil {
		return unchangedFile{}, errors.Join(err, f.Close())
	}
	return file, nil
}

// ReadAt implements io.ReaderAt.
func (f unchangedFile) ReadAt(p []byte, offset int64) (int, error) {
	if err := f.checkStamp(); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, offset)
}

func (f unchangedFile) checkStamp() error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if stampOf(info) != f.stamp {
		return errFileChanged
	}
	return nil
}
