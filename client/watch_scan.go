package client

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
)

// unfinishedExtensions are the endings that programs give files they are still writing.
var unfinishedExtensions = []string{".part", ".partial", ".crdownload", ".download", ".tmp"}

// fileStamp is how a file looks from outside; one that is written to changes it.
type fileStamp struct {
	Size     int64 `json:"size"`
	Modified int64 `json:"modified_ns"` // Unix time
}

func stampOf(info fs.FileInfo) fileStamp {
	return fileStamp{Size: info.Size(), Modified: info.ModTime().UnixNano()}
}

// seenFile is a file as it looked at a look.
type seenFile struct {
	stamp  fileStamp
	logged string // what was last said about it
}

// candidate is a file that is to be sent; rested says that it has not changed
// since the last look.
type candidate struct {
	name   string
	stamp  fileStamp
	stable bool
}

// scanFolder are the files of the folder that are not dealt with, oldest first.
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

		info, err := os.Stat(filepath.Join(w.config.Dir, name)) // also through a symbolic link
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

// isCandidateName reports whether a file of that name may be a whole recording.
// Captions go with the recording they belong to.
func isCandidateName(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	for _, t := range captionFormats {
		if ext == t.ext {
			return false
		}
	}
	return !strings.HasPrefix(name, ".") && !slices.Contains(unfinishedExtensions, ext)
}

// logOnce says something about a file once.
func (w *watcher) logOnce(name, text string) {
	s := w.seen[name]
	if s == nil || s.logged == text {
		return
	}
	s.logged = text
	fmt.Fprintf(w.config.Log, "%s: %s\n", name, text)
}

// errFileChanged = a file is no longer what it was when it was found.
var errFileChanged = tidings.Errorf(tidings.KindStale, "The file has changed.")

// unchangedFile is an open file that must stay as it was found while it is read.
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
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return unchangedFile{}, errors.Join(err, f.Close())
	}
	return file, nil
}

// Seek is where sending a piece begins: errChanged when the file has changed.
func (f unchangedFile) Seek(offset int64, whence int) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if stampOf(info) != f.stamp {
		return 0, errFileChanged
	}
	return f.File.Seek(offset, whence)
}
