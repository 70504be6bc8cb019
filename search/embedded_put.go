package search

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"tidings.example/tidings/search/fold"
	"tidings.example/tidings/tidings"
)

// Put implements Engine.
func (e *Embedded) Put(ctx context.Context, docs []tidings.Document) error {
	for _, d := range docs {
		if err := checkDocument(d); err != nil {
			return err
		}
	}
	return e.inWriteTx(ctx, func(w writer) error {
		for _, d := range docs {
			if err := w.putDocument(d); err != nil {
				return err
			}
		}
		return nil
	})
}

// Delete implements Engine.
func (e *Embedded) Delete(ctx context.Context, entries []tidings.OutboxEntry) error {
	return e.inWriteTx(ctx, func(w writer) error {
		for _, entry := range entries {
			if err := w.deleteClip(entry); err != nil {
				return err
			}
		}
		return nil
	})
}

// Versions implements Engine.
func (e *Embedded) Versions(ctx context.Context, after tidings.ID, limit int) ([]tidings.OutboxEntry, error) {
	e.mu.RLock()
	gen := e.generation
	out, err := queryAll(ctx, e.r, func(rows *sql.Rows) (entry tidings.OutboxEntry, err error) {
		return entry, rows.Scan(&entry.ClipID, &entry.Version)
	}, "SELECT clip, version FROM clip WHERE clip > ? AND NOT deleted ORDER BY clip LIMIT ?", string(after), limit)
	e.mu.RUnlock()
	return out, e.replaceDamaged(ctx, gen, err)
}

// inWriteTx runs fn in one transaction.
func (e *Embedded) inWriteTx(ctx context.Context, fn func(writer) error) error {
	e.mu.RLock()
	gen := e.generation
	err := inTx(ctx, e.w, fn)
	e.mu.RUnlock()
	return e.replaceDamaged(ctx, gen, err)
}

func inTx(ctx context.Context, db *sql.DB, fn func(writer) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after Commit
	if err := fn(writer{ctx: ctx, tx: tx, pack: &vocabularyPacker{}}); err != nil {
		return err
	}
	return tx.Commit()
}

// writer is a write transaction.
type writer struct {
	ctx  context.Context
	tx   *sql.Tx
	pack *vocabularyPacker
}

func (w writer) execSQL(query string, args ...any) error {
	_, err := w.tx.ExecContext(w.ctx, query, args...)
	return err
}

// indexedClip is the row of a clip.
type indexedClip struct {
	id, version int64
	deleted     bool
	ws          string
}

// findClip returns the row of a clip; id 0 if there is none.
func (w writer) findClip(clip tidings.ID) (r indexedClip, err error) {
	err = w.tx.QueryRowContext(w.ctx, "SELECT id, version, deleted, ws FROM clip WHERE clip = ?", string(clip)).Scan(&r.id, &r.version, &r.deleted, &r.ws)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return r, err
}

// putDocument stores a document unless its version is not newer than the stored
// one.
func (w writer) putDocument(d tidings.Document) error {
	old, err := w.findClip(d.ClipID)
	if err != nil || old.id != 0 && old.version >= d.Version {
		return err
	}

	if old.id != 0 && old.ws != string(d.WorkspaceID) { // its words are counted in another workspace
		if err := w.dropChunks(old, 0); err != nil {
			return err
		}
	}

	id, err := w.putClip(d)
	if err != nil {
		return err
	}

	now := indexedClip{id: id, ws: string(d.WorkspaceID)}
	all := splitChunks(d)
	for n, p := range all {
		if err := w.putChunk(now, n, p); err != nil {
			return err
		}
	}

	return w.dropChunks(now, len(all))
}

func (w writer) putClip(d tidings.Document) (id int64, err error) {
	err = w.tx.QueryRowContext(w.ctx, `INSERT INTO clip (clip, version, deleted, ws, author, channel, kind, commented, created_ms, acl) VALUES (?, ?, FALSE, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (clip) DO UPDATE SET version = excluded.version, deleted = FALSE, ws = excluded.ws, author = excluded.author,
			channel = excluded.channel, kind = excluded.kind, commented = excluded.commented, created_ms = excluded.created_ms, acl = excluded.acl RETURNING id`,
		string(d.ClipID), d.Version, string(d.WorkspaceID), string(d.AuthorID), string(d.ChannelID), string(d.Kind), hasComments(d), tidings.Millis(d.CreatedAt), jsonText(d.ACL)).Scan(&id)
	if err != nil {
		return 0, err
	}

	tags := make([]string, len(d.Tags))
	for i, t := range d.Tags {
		tags[i] = fold.Tag(t)
	}

	return id, w.putTags(id, tags)
}

// hasComments reports whether a clip has a comment that is not deleted.
func hasComments(d tidings.Document) bool {
	return slices.ContainsFunc(d.Comments, func(c tidings.Comment) bool { return c.DeletedAt == nil })
}

func (w writer) putTags(id int64, tags []string) error {
	if err := w.execSQL("DELETE FROM tag WHERE clip = ?", id); err != nil {
		return err
	}
	return w.execSQL("INSERT OR IGNORE INTO tag (clip, tag) SELECT ?, value FROM json_each(?)", id, jsonText(tags))
}

// jsonText encodes a list as a JSON array.
func jsonText[T ~string](list []T) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if list == nil || e.Encode(list) != nil {
		return "[]"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// putChunk writes the n-th chunk of a clip unless it is unchanged.
func (w writer) putChunk(r indexedClip, n int, p indexChunk) error {
	id := r.id<<chunkBits | int64(n)
	var sum, deflated []byte
	err := w.tx.QueryRowContext(w.ctx, "SELECT sum, words FROM part WHERE id = ?", id).Scan(&sum, &deflated)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}

	now := p.contentHash()
	if bytes.Equal(sum, now) {
		return nil
	}

	texts, vocabulary := p.analyzedFields()
	before, err := inflateWords(deflated)
	if err != nil {
		return err
	}
	if err := w.countWords(r.ws, before, vocabulary); err != nil {
		return err
	}

	words, err := w.pack.deflateWords(vocabulary)
	if err != nil {
		return err
	}
	if err := w.execSQL("INSERT INTO part (id, sum, words) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET sum = excluded.sum, words = excluded.words", id, now, words); err != nil {
		return err
	}

	if sum != nil {
		if err := w.execSQL("DELETE FROM fts WHERE rowid = ?", id); err != nil {
			return err
		}
	}

	ws, err := w.workspacePrefix(r.ws)
	if err != nil {
		return err
	}

	return w.execSQL("INSERT INTO fts (rowid, title, description, transcript, comments, tiers) VALUES (?, ?, ?, ?, ?, ?)",
		id, addPrefix(ws, texts[0]), addPrefix(ws, texts[1]), addPrefix(ws, texts[2]), addPrefix(ws, texts[3]), tierWords(ws, texts))
}

// workspacePrefix is the prefix of all indexed words of a workspace. A new
// workspace gets the next number.
func (w writer) workspacePrefix(ws string) (string, error) {
	var n int64
	err := w.tx.QueryRowContext(w.ctx, "INSERT INTO workspace (ws) VALUES (?) ON CONFLICT (ws) DO UPDATE SET ws = excluded.ws RETURNING id", ws).Scan(&n)
	return wordPrefix(n), err
}

// countWords updates the word counts of a workspace when a chunk with the
// vocabulary old gets the vocabulary now.
func (w writer) countWords(ws string, old, now []string) error {
	has := func(list []string) func(string) bool {
		return func(word string) bool { _, ok := slices.BinarySearch(list, word); return ok }
	}
	gone, come := slices.DeleteFunc(slices.Clone(old), has(now)), slices.DeleteFunc(slices.Clone(now), has(old))
	if len(come) > 0 {
		if err := w.execSQL(`INSERT INTO vocabulary (ws, word, n) SELECT ?, value, 1 FROM json_each(?) WHERE TRUE
			ON CONFLICT (ws, word) DO UPDATE SET n = n + 1`, ws, jsonText(come)); err != nil {
			return err
		}
	}

	if len(gone) == 0 {
		return nil
	}

	list := jsonText(gone)
	if err := w.execSQL("UPDATE vocabulary SET n = n - 1 WHERE ws = ? AND word IN (SELECT value FROM json_each(?))", ws, list); err != nil {
		return err
	}

	return w.execSQL("DELETE FROM vocabulary WHERE ws = ? AND n <= 0 AND word IN (SELECT value FROM json_each(?))", ws, list)
}

// dropChunks deletes the chunks of a clip from the n-th on.
func (w writer) dropChunks(r indexedClip, n int) error {
	type old struct {
		id    int64
		words []byte
	}

	gone, err := queryAll(w.ctx, w.tx, func(rows *sql.Rows) (o old, err error) { return o, rows.Scan(&o.id, &o.words) },
		"SELECT id, words FROM part WHERE id >= ? AND id < ?", r.id<<chunkBits|int64(n), (r.id+1)<<chunkBits)
	if err != nil {
		return err
	}

	for _, o := range gone {
		if err := w.execSQL("DELETE FROM fts WHERE rowid = ?", o.id); err != nil {
			return err
		}
		if err := w.execSQL("DELETE FROM part WHERE id = ?", o.id); err != nil {
			return err
		}

		words, err := inflateWords(o.words)
		if err != nil {
			return err
		}
		if err := w.countWords(r.ws, words, nil); err != nil {
			return err
		}
	}

	return nil
}

// deleteClip deletes a clip and keeps the version of the deletion.
func (w writer) deleteClip(entry tidings.OutboxEntry) error {
	old, err := w.findClip(entry.ClipID)
	if err != nil || old.id != 0 && old.version > entry.Version {
		return err
	}
	if old.id == 0 {
		return w.execSQL("INSERT INTO clip (clip, version, deleted, ws, author, channel, kind, commented, created_ms, acl) VALUES (?, ?, TRUE, '', '', '', '', FALSE, 0, '[]')",
			string(entry.ClipID), entry.Version)
	}
	if err := w.dropChunks(old, 0); err != nil {
		return err
	}
	for _, table := range []string{"tag", "meaning"} {
		if err := w.execSQL("DELETE FROM "+table+" WHERE clip = ?", old.id); err != nil {
			return err
		}
	}

	return w.execSQL("UPDATE clip SET version = ?, deleted = TRUE, ws = '', author = '', channel = '', kind = '', commented = FALSE, created_ms = 0, acl = '[]' WHERE id = ?", entry.Version, old.id)
}

// queryAll reads all rows of a query.
func queryAll[T any](ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()

	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}

	return out, rows.Err()
}
