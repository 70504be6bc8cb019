package backup

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"tidings.example/tidings/tidings"
)

// ObjectEntry is a line of objects.jsonl.
type ObjectEntry struct {
	Key    string `json:"key"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hex
	Type   string `json:"type,omitempty"`
}

// Prefixes of the keys of objects, followed by the owner's id and a slash.
const (
	clipsPrefix  = "clips/"
	avatarPrefix = "avatars/"
)

func clipPrefix(id tidings.ID) string { return clipsPrefix + string(id) + "/" }

// ObjectPath is where the object of a key lies in an export.
func ObjectPath(key string) string { return ObjectsDir + "/" + key }

// check refuses lines that no export writes, above all keys that lead out of
// the folder.
func (l ObjectEntry) check() error {
	sum, err := hex.DecodeString(l.SHA256)
	switch {
	case !fs.ValidPath(l.Key) || strings.ContainsFunc(l.Key, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }),
		!strings.HasPrefix(l.Key, clipsPrefix) && !strings.HasPrefix(l.Key, avatarPrefix):
		return tidings.Errorf(tidings.KindInvalid, "%s names the object %q, which none of ours is called.", ObjectListFile, l.Key)
	case err != nil || len(sum) != sha256.Size || l.Bytes < 0:
		return tidings.Errorf(tidings.KindInvalid, "%s is damaged at the object %q.", ObjectListFile, l.Key)
	}
	return nil
}

// listWriter writes objects.jsonl.
type listWriter struct {
	f    *os.File
	w    *bufio.Writer
	sum  hash.Hash
	size int64
}

func (f *folder) newList() (*listWriter, error) {
	file, err := f.root.OpenFile(f.path(ObjectListFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	l := &listWriter{f: file, sum: sha256.New()}
	l.w = bufio.NewWriter(io.MultiWriter(file, l.sum))
	return l, nil
}

// add appends lines and hands them to the system: a kill does not take them.
func (l *listWriter) add(lines []ObjectEntry) error {
	for _, line := range lines {
		text, err := json.Marshal(line)
		if err != nil {
			return err
		}

		n, err := l.w.Write(append(text, '\n'))
		l.size += int64(n)

		if err != nil {
			return err
		}
	}
	return l.w.Flush()
}

func (l *listWriter) close() (FileSum, error) {
	err := errors.Join(l.w.Flush(), l.f.Close())
	return FileSum{l.size, hex.EncodeToString(l.sum.Sum(nil))}, err
}

// listReader walks an objects.jsonl in the order of its keys.
type listReader struct {
	f    *os.File
	r    *bufio.Scanner
	line ObjectEntry // the one it stands at
	done bool
}

func openList(root *os.Root, name string) (*listReader, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	l := &listReader{f: f, r: bufio.NewScanner(f)}
	l.r.Buffer(nil, 64<<10)
	return l, nil
}

// next moves on: false at the end.
func (l *listReader) next() (bool, error) {
	if !l.r.Scan() {
		l.done = true
		return false, l.r.Err()
	}

	before := l.line.Key
	l.line = ObjectEntry{}
	if err := json.Unmarshal(l.r.Bytes(), &l.line); err != nil {
		l.done = true
		return false, tidings.Wrap(err, tidings.KindInvalid, "%s is damaged.", ObjectListFile)
	}
	if err := l.line.check(); err != nil || l.line.Key <= before {
		l.done = true
		return false, cmp.Or(err, tidings.Errorf(tidings.KindInvalid, "%s is out of order at the object %q.", ObjectListFile, l.line.Key))
	}

	return true, nil
}

// find moves on to a key that comes later than the last one asked for. A list
// that was cut off ends where it was.
func (l *listReader) find(key string) (ObjectEntry, bool) {
	for !l.done && l.line.Key < key {
		if ok, err := l.next(); !ok || err != nil {
			return ObjectEntry{}, false
		}
	}
	return l.line, !l.done && l.line.Key == key
}

func (l *listReader) close() error { return l.f.Close() }

// folderOf is the part of a key that is listed at once: a clip's or a person's.
func folderOf(key string) string {
	first, rest, _ := strings.Cut(key, "/")
	second, _, _ := strings.Cut(rest, "/")
	return path.Join(first, second) + "/"
}
