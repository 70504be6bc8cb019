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

// objectEntry describes an object in objects.jsonl.
type objectEntry struct {
	Key    string `json:"key"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`         // hex
	Type   string `json:"type,omitempty"` // Content-Type
}

// The prefixes of all object keys. The id of the owner follows, a clip or a
// person.
const (
	clipsDir   = "clips/"
	avatarsDir = "avatars/"
)

func clipKeyPrefix(id tidings.ID) string { return clipsDir + string(id) + "/" }

// objectPath is the path of an object in an export, with slashes.
func objectPath(key string) string { return objectsDir + "/" + key }

// validateEntry rejects entries that no export writes, above all keys whose path
// would leave the folder.
func (l objectEntry) validateEntry() error {
	sum, err := hex.DecodeString(l.SHA256)
	switch {
	case !fs.ValidPath(l.Key) || strings.ContainsFunc(l.Key, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }),
		!strings.HasPrefix(l.Key, clipsDir) && !strings.HasPrefix(l.Key, avatarsDir):
		return tidings.Errorf(tidings.KindInvalid, "%s names the object %q, which none of ours is called.", objectListFile, l.Key)
	case err != nil || len(sum) != sha256.Size || l.Bytes < 0:
		return tidings.Errorf(tidings.KindInvalid, "%s is damaged at the object %q.", objectListFile, l.Key)
	}
	return nil
}

// listWriter writes an objects.jsonl.
type listWriter struct {
	f    *os.File
	w    *bufio.Writer
	sum  hash.Hash
	size int64
}

func (f *exportFolder) createList() (*listWriter, error) {
	file, err := f.root.OpenFile(f.workPath(objectListFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	l := &listWriter{f: file, sum: sha256.New()}
	l.w = bufio.NewWriter(io.MultiWriter(file, l.sum))
	return l, nil
}

// appendEntries appends lines and passes them to the kernel, so that they
// survive when the process is killed.
func (l *listWriter) appendEntries(lines []objectEntry) error {
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

// finishList closes the list and returns its size and checksum.
func (l *listWriter) finishList() (FileSum, error) {
	err := errors.Join(l.w.Flush(), l.f.Close())
	return FileSum{l.size, hex.EncodeToString(l.sum.Sum(nil))}, err
}

// listReader reads an objects.jsonl in the order of its keys.
type listReader struct {
	f     *os.File
	r     *bufio.Scanner
	entry objectEntry // the current one
	ended bool
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

// nextEntry reads the next entry. ok is false at the end.
func (l *listReader) nextEntry() (ok bool, err error) {
	if !l.r.Scan() {
		l.ended = true
		return false, l.r.Err()
	}

	before := l.entry.Key
	l.entry = objectEntry{}
	if err := json.Unmarshal(l.r.Bytes(), &l.entry); err != nil {
		l.ended = true
		return false, tidings.Wrap(err, tidings.KindInvalid, "%s is damaged.", objectListFile)
	}
	if err := l.entry.validateEntry(); err != nil || l.entry.Key <= before {
		l.ended = true
		return false, cmp.Or(err, tidings.Errorf(tidings.KindInvalid, "%s is out of order at the object %q.", objectListFile, l.entry.Key))
	}

	return true, nil
}

// seekKey returns the entry of a key. Keys must be asked for in ascending order.
// An interrupted or damaged list ends at its last valid entry.
func (l *listReader) seekKey(key string) (objectEntry, bool) {
	for !l.ended && l.entry.Key < key {
		if ok, err := l.nextEntry(); !ok || err != nil {
			return objectEntry{}, false
		}
	}
	return l.entry, !l.ended && l.entry.Key == key
}

func (l *listReader) closeListFile() error { return l.f.Close() }

// ownerPrefix is the prefix that a key shares with all objects of the same clip
// or person.
func ownerPrefix(key string) string {
	first, rest, _ := strings.Cut(key, "/")
	second, _, _ := strings.Cut(rest, "/")
	return path.Join(first, second) + "/"
}
