package search

import (
	"context"
	"database/sql"
	"encoding/binary"
	"slices"

	"tidings.example/tidings/search/vector"
	"tidings.example/tidings/tidings"
)

var _ VectorIndex = (*Embedded)(nil)

// recordHead is what precedes the quantised vector of a passage: its checksum and
// the number of its source.
const recordHead = 9

// StaleVectors implements VectorIndex.
func (e *Embedded) StaleVectors(ctx context.Context, model string, limit int) ([]tidings.OutboxEntry, error) {
	e.mu.RLock()
	gen := e.generation
	out, err := queryAll(ctx, e.r, func(rows *sql.Rows) (entry tidings.OutboxEntry, err error) {
		return entry, rows.Scan(&entry.ClipID, &entry.Version)
	}, `SELECT c.clip, c.version FROM clip c LEFT JOIN meaning m ON m.clip = c.id
		WHERE NOT c.deleted AND (m.clip IS NULL OR m.version < c.version OR m.model <> ?) ORDER BY c.id DESC LIMIT ?`, model, limit)
	e.mu.RUnlock()
	return out, e.replaceDamaged(ctx, gen, err)
}

// ClipVectors implements VectorIndex.
func (e *Embedded) ClipVectors(ctx context.Context, clip tidings.ID, model string) (out []PassageVector, err error) {
	e.mu.RLock()
	gen := e.generation
	err = eachMeaning(ctx, e.r, func(_ tidings.ID, size int, records []byte) {
		for r := range slices.Chunk(records, size) {
			out = append(out, PassageVector{binary.LittleEndian.Uint64(r), passageSources[r[8]], vector.Restore(r[recordHead:])})
		}
	}, "c.clip = ? AND m.model = ?", string(clip), model)
	e.mu.RUnlock()
	return out, e.replaceDamaged(ctx, gen, err)
}

// PutVectors implements VectorIndex.
func (e *Embedded) PutVectors(ctx context.Context, clip tidings.OutboxEntry, model string, all []PassageVector) error {
	size, records := 0, []byte{}
	for _, p := range all {
		records = binary.LittleEndian.AppendUint64(records, p.Sum)
		records = append(records, byte(slices.Index(passageSources, p.Source)))
		records = vector.Quantise(records, p.Vector)
		size = recordHead + vector.Size(len(p.Vector))
	}
	return e.inWriteTx(ctx, func(w writer) error {
		return w.putMeaning(clip, model, size, records)
	})
}

// putMeaning writes the vectors of a clip, unless it is not stored.
func (w writer) putMeaning(clip tidings.OutboxEntry, model string, size int, records []byte) error {
	return w.execSQL("INSERT OR REPLACE INTO meaning (clip, version, model, size, vectors) SELECT id, ?, ?, ?, ? FROM clip WHERE clip = ? AND NOT deleted",
		clip.Version, model, size, records, string(clip.ClipID))
}

// SearchVectors implements VectorIndex: it compares the vector with those of all
// passages that the caller may find.
func (e *Embedded) SearchVectors(ctx context.Context, q tidings.Query, model string, v []float32, least float32) ([]tidings.SimilarClip, error) {
	if err := checkQuery(q); err != nil {
		return nil, err
	}

	wanted := vector.Quantise(nil, v)
	best := nearestPassages{least: least}
	where, args := queryReader{q: q}.filterCondition()
	e.mu.RLock()
	gen := e.generation
	err := eachMeaning(ctx, e.r, func(clip tidings.ID, size int, records []byte) {
		if size != recordHead+len(wanted) {
			return
		}
		for r := range slices.Chunk(records, size) {
			if searchesField(q.In, sourceFields[passageSources[r[8]]]) {
				best.addPassage(nearPassage{clip, binary.LittleEndian.Uint64(r), vector.Similarity(wanted, r[recordHead:])})
			}
		}
	}, where+" AND m.model = ?", append(args, model)...)
	e.mu.RUnlock()

	return best.groupByClip(), e.replaceDamaged(ctx, gen, err)
}

// eachMeaning calls do for the vectors of each clip c that meets a condition. size
// is the length of a record; the records are valid during the call only.
func eachMeaning(ctx context.Context, db *sql.DB, do func(clip tidings.ID, size int, records []byte), where string, args ...any) error {
	rows, err := db.QueryContext(ctx, "SELECT c.clip, m.size, m.vectors FROM clip c JOIN meaning m ON m.clip = c.id WHERE "+where, args...)
	if err != nil {
		return err
	}
	defer rows.Close()

	for rows.Next() {
		var clip tidings.ID
		var size int
		var records sql.RawBytes
		if err := rows.Scan(&clip, &size, &records); err != nil {
			return err
		}
		if size > recordHead {
			do(clip, size, records)
		}
	}

	return rows.Err()
}
