package search

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tidings.example/tidings/tidings"
)

// embeddedBuild is the index in search-next.db, beside the one in use. The file
// stays when the process dies.
type embeddedBuild struct {
	*Embedded
	owner *Embedded
}

var _ Build = (*embeddedBuild)(nil)

// Build implements Engine.
func (e *Embedded) Build(ctx context.Context) (b Build, fresh bool, err error) {
	next, err := openFile(ctx, filepath.Join(filepath.Dir(e.path), "search-next.db"), e.log)
	if err != nil {
		return nil, false, err
	}
	if err := next.r.QueryRowContext(ctx, "SELECT NOT EXISTS (SELECT 1 FROM clip)").Scan(&fresh); err != nil {
		return nil, false, errors.Join(err, next.Close())
	}
	return &embeddedBuild{next, e}, fresh, nil
}

// Put implements Build. What the clips' passages mean is taken over from the index
// in use, as it takes long to compute.
func (b *embeddedBuild) Put(ctx context.Context, docs []tidings.Document) error {
	if err := b.Embedded.Put(ctx, docs); err != nil {
		return err
	}
	for _, d := range docs {
		if err := b.copyMeaning(ctx, d.ClipID); err != nil {
			return err
		}
	}
	return nil
}

func (b *embeddedBuild) copyMeaning(ctx context.Context, clip tidings.ID) error {
	var version int64
	var model string
	var size int
	var records []byte
	b.owner.mu.RLock()
	err := b.owner.r.QueryRowContext(ctx, "SELECT m.version, m.model, m.size, m.vectors FROM meaning m JOIN clip c ON c.id = m.clip WHERE c.clip = ?", string(clip)).
		Scan(&version, &model, &size, &records)
	b.owner.mu.RUnlock()
	if err != nil { // there is none, or the old index is damaged: it is computed anew
		return ctx.Err()
	}
	return b.inWriteTx(ctx, func(w writer) error {
		return w.putMeaning(tidings.OutboxEntry{ClipID: clip, Version: version}, model, size, records)
	})
}

// Tidy implements Build: it merges the segments of FTS5 into one, which makes
// searches faster.
func (b *embeddedBuild) Tidy(ctx context.Context) error {
	_, err := b.w.ExecContext(ctx, "INSERT INTO fts (fts) VALUES ('optimize')")
	return err
}

// Swap implements Build: the new file is closed, which writes its log back, and
// renamed over the old one. Searches wait meanwhile.
func (b *embeddedBuild) Swap(ctx context.Context) error {
	if err := b.Embedded.Close(); err != nil {
		return err
	}
	if info, err := os.Stat(b.path + "-wal"); err == nil && info.Size() > 0 {
		return fmt.Errorf("search: %s has not taken in its log", b.path)
	}

	e := b.owner
	e.mu.Lock()
	defer e.mu.Unlock()

	_ = e.closeFiles() // the old file may be damaged

	for _, suffix := range []string{"-wal", "-shm"} { // a log of the old file would be applied to the new one
		if err := os.Remove(e.path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, e.openFiles(context.WithoutCancel(ctx)))
		}
	}

	err := os.Rename(b.path, e.path)
	return errors.Join(err, e.openFiles(context.WithoutCancel(ctx)))
}

// Count implements Engine.
func (e *Embedded) Count(ctx context.Context, ws tidings.ID) (n int, err error) {
	e.mu.RLock()
	gen := e.generation
	if ws == "" {
		err = e.r.QueryRowContext(ctx, "SELECT count(*) FROM clip WHERE NOT deleted").Scan(&n)
	} else {
		err = e.r.QueryRowContext(ctx, "SELECT count(*) FROM clip WHERE ws = ? AND NOT deleted", string(ws)).Scan(&n)
	}
	e.mu.RUnlock()
	return n, e.replaceDamaged(ctx, gen, err)
}
