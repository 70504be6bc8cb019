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

// unfinished are the endings that programs give files they are still writing.
var unfinished = []string{".part", ".partial", ".crdownload", ".download", ".tmp"}

// stamp is how a file looks from outside; one that is written to changes it.
type stamp struct {
	Size     int64 `json:"size"`
	Modified int64 `json:"modified_ns"` // Unix time
}

func stampOf(info fs.FileInfo) stamp {
	return stamp{Size: info.Size(), Modified: info.ModTime().UnixNano()}
}

// sighting is a file as it looked at a look.
type sighting struct {
	stamp stamp
	said  string // what was last said about it
}

// found is a file that is to be sent; rested says that it has not changed
// since the last look.
type found struct {
	name   string
	stamp  stamp
	rested bool
}

// unsent are the files of the folder that are not dealt with, oldest first.
func (w *watcher) unsent() ([]found, error) {
	entries, err := os.ReadDir(w.config.Dir)
	if err != nil {
		return nil, err
	}

	last := w.seen
	w.seen = map[string]*sighting{}
	var out []found
	for _, e := range entries {
		name := e.Name()
		if !wanted(name) {
			continue
		}

		info, err := os.Stat(filepath.Join(w.config.Dir, name)) // also through a symbolic link
		if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
			continue
		}

		s := stampOf(info)
		if w.ledger.knows(name, s) {
			continue
		}

		before := last[name]
		w.seen[name] = &sighting{stamp: s}
		if before != nil && before.stamp == s {
			w.seen[name] = before
		}

		out = append(out, found{name, s, before != nil && before.stamp == s})
	}

	slices.SortFunc(out, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.stamp.Modified, b.stamp.Modified), cmp.Compare(a.name, b.name))
	})

	return out, nil
}

// wanted reports whether a file of that name may be a whole recording.
// Captions go with the recording they belong to.
func wanted(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	for _, t := range captionTypes {
		if ext == t.ext {
			return false
		}
	}
	return !strings.HasPrefix(name, ".") && !slices.Contains(unfinished, ext)
}

// say says something about a file once.
func (w *watcher) say(name, text string) {
	s := w.seen[name]
	if s == nil || s.said == text {
		return
	}
	s.said = text
	fmt.Fprintf(w.config.Log, "%s: %s\n", name, text)
}

// errChanged = a file is no longer what it was when it was found.
var errChanged = tidings.Errorf(tidings.KindStale, "The file has changed.")

// steadyFile is an open file that must stay as it was found while it is read.
type steadyFile struct {
	*os.File
	stamp stamp
}

func openSteady(path string, s stamp) (steadyFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return steadyFile{}, err
	}
	file := steadyFile{f, s}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return steadyFile{}, errors.Join(err, f.Close())
	}
	return file, nil
}

// Seek is where sending a piece begins: errChanged when the file has changed.
func (f steadyFile) Seek(offset int64, whence int) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if stampOf(info) != f.stamp {
		return 0, errChanged
	}
	return f.File.Seek(offset, whence)
}
