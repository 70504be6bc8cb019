package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tidings.example/tidings/sqlite"
	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// Snapshot is a read-only copy of the whole database at one moment, for an
// export.
type Snapshot struct {
	db     *sql.DB
	Schema int64 // the newest migration it has
}

// Snapshot writes the rows of this moment to path, which must not exist, and
// flushes them. Writers go on meanwhile: VACUUM INTO reads in one transaction
// (https://www.sqlite.org/lang_vacuum.html). The file holds password hashes,
// so it is its owner's only.
func (s *database) Snapshot(ctx context.Context, path string) (*Snapshot, error) {
	if _, ok := s.engine.(*sqliteEngine); !ok {
		return nil, RefuseOnPostgres("tidings export")
	}

	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) // VACUUM INTO accepts an empty file
	if err != nil {
		return nil, err
	}
	defer f.Close()

	if err := s.vacuumInto(ctx, path); err != nil {
		return nil, fmt.Errorf("snapshot of the database: %w", err)
	}
	if err := f.Sync(); err != nil {
		return nil, err
	}

	return OpenSnapshot(ctx, path)
}

// vacuumInto uses a connection of its own: those of the pools are the one
// writer and readers that may write nothing, not even another file.
func (s *database) vacuumInto(ctx context.Context, path string) (err error) {
	db, err := sqlite.Open(sqlite.FileURI(filepath.Join(s.dir, databaseFile)) + "?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, "VACUUM INTO $1", path)
	return err
}

// OpenSnapshot opens the file of an earlier Snapshot.
func OpenSnapshot(ctx context.Context, path string) (*Snapshot, error) {
	db, err := sqlite.Open(sqlite.FileURI(path) + "?mode=ro&immutable=1")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	n := &Snapshot{db: db}
	if err := db.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&n.Schema); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return n, nil
}

// Close closes the file; it stays.
func (n *Snapshot) Close() error { return n.db.Close() }

func (n *Snapshot) queries() *dbq.Queries { return dbq.New(n.db) }

// Size is the number of clips and the bytes of their objects as rows have them
// (without pictures of people and init segments).
func (n *Snapshot) Size(ctx context.Context) (clips, bytes int64, err error) {
	if clips, err = n.queries().CountClips(ctx); err != nil {
		return 0, 0, err
	}
	bytes, err = n.queries().BytesOfObjects(ctx)
	return clips, bytes, err
}

// ClipIDs is Store.ClipIDs.
func (n *Snapshot) ClipIDs(ctx context.Context, after tidings.ID, limit int) ([]tidings.ID, error) {
	return clipIDs(ctx, n.queries(), after, limit)
}

// ClipKeys is Store.ClipKeys.
func (n *Snapshot) ClipKeys(ctx context.Context, id tidings.ID) ([]string, error) {
	return n.queries().KeysOfClip(ctx, string(id))
}

// sumsSchema is the migration that brings the checksums of objects.
const sumsSchema = 21

// Objects is Store.Objects; none when the database is older than their checksums.
func (n *Snapshot) Objects(ctx context.Context, clip tidings.ID) ([]tidings.StoredObject, error) {
	if n.Schema < sumsSchema {
		return nil, nil
	}
	return objectsOfClip(ctx, n.queries(), clip)
}

// Avatars is Store.Avatars.
func (n *Snapshot) Avatars(ctx context.Context, after tidings.ID, limit int) (keys []string, last tidings.ID, err error) {
	return pageAvatars(ctx, n.queries(), after, limit)
}

// AvatarKey is Store.AvatarKey.
func (n *Snapshot) AvatarKey(ctx context.Context, user tidings.ID) (string, error) {
	return avatarKeyOf(ctx, n.queries(), user)
}
