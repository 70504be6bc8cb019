package migrations

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"tidings.example/tidings/tidings"
)

// migrate00025BackfillOrigins gives the segments of edited transcripts the
// origins that the history of edits shows, and the same to the segments that
// undoing puts back. The history of a transcript is its last 200 edits; what was
// changed before that stays without an origin.
func migrate00025BackfillOrigins(ctx context.Context, tx *sql.Tx) error {
	for after := ""; ; {
		ids, err := editedTranscripts(ctx, tx, after)
		if err != nil || len(ids) == 0 {
			return err
		}

		for _, id := range ids {
			if err := backfillOrigins(ctx, tx, id); err != nil {
				return err
			}
			after = id
		}
	}
}

// maxEdits is the length of a history of which nothing was dropped.
const maxEdits = 200

// segmentOrigin is the columns origin, edited_by and edited_ms of a segment.
type segmentOrigin struct {
	origin, by string
	ms         *int64
}

// segmentVersion is a segment as it was at one version.
type segmentVersion struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
}

type segmentEdit struct {
	id, kind, user string
	seq, createdMS int64
	undone         bool
	away           []map[string]json.RawMessage // segments; fields that are not read here stay as they are
	shown          []segmentVersion
}

// awayVersions are the ids and versions of the segments that are not shown.
func (e segmentEdit) awayVersions() []segmentVersion {
	out := make([]segmentVersion, len(e.away))
	for i, seg := range e.away {
		_ = json.Unmarshal(seg["ID"], &out[i].ID)
		_ = json.Unmarshal(seg["Version"], &out[i].Version)
	}
	return out
}

// editHistory follows the origins of a transcript's segments through its edits.
type editHistory struct {
	base     string // of segments before their first edit
	complete bool
	texts    map[segmentVersion]string
	origins  map[string]segmentOrigin // by segment
}

// originOf is the origin of a segment before the next edit.
func (h *editHistory) originOf(v segmentVersion) segmentOrigin {
	if o, known := h.origins[v.ID]; known {
		return o
	}
	if h.complete || v.Version <= 1 {
		return segmentOrigin{origin: h.base}
	}
	return segmentOrigin{}
}

// applyEdit sets the origins that an edit, from one list of segments to another,
// leaves behind.
func (h *editHistory) applyEdit(e segmentEdit, from, to []segmentVersion) {
	changed := e.kind == "edit" || e.kind == "split" || e.kind == "join"
	if before, after := h.joinTexts(from), h.joinTexts(to); changed && before != nil && after != nil {
		changed = !slices.Equal(before, after)
	}

	origins := make([]segmentOrigin, len(to))
	for i, v := range to {
		switch {
		case changed:
			origins[i] = segmentOrigin{"edited", e.user, &e.createdMS}
		case e.kind == "split" || e.kind == "join":
			origins[i] = h.newestOf(from)
		default:
			origins[i] = h.originOf(v)
		}
	}

	for i, v := range to {
		h.origins[v.ID] = origins[i]
	}
}

// newestOf is the newest edit of segments, or the origin of the first.
func (h *editHistory) newestOf(segments []segmentVersion) (out segmentOrigin) {
	for i, v := range segments {
		o := h.originOf(v)
		if i == 0 || o.ms != nil && (out.ms == nil || *o.ms > *out.ms) {
			out = o
		}
	}
	return out
}

// joinTexts are the words of segments; nil if one is not known.
func (h *editHistory) joinTexts(segments []segmentVersion) []string {
	out := []string{}
	for _, v := range segments {
		text, known := h.texts[v]
		if !known {
			return nil
		}
		out = append(out, strings.Fields(text)...)
	}
	return out
}

// setOrigins writes the origins that segments have now into the segments of an
// edit that are not shown.
func (h *editHistory) setOrigins(e segmentEdit) error {
	for i, v := range e.awayVersions() {
		o := h.originOf(v)
		origin, err := json.Marshal(o.origin)
		if err != nil {
			return err
		}
		by, err := json.Marshal(o.by)
		if err != nil {
			return err
		}

		e.away[i]["Origin"], e.away[i]["EditedBy"], e.away[i]["EditedAt"] = origin, by, json.RawMessage("null")
		if o.ms != nil {
			if e.away[i]["EditedAt"], err = json.Marshal(tidings.FromMillis(*o.ms)); err != nil {
				return err
			}
		}
	}

	return nil
}

// backfillOrigins does one transcript.
func backfillOrigins(ctx context.Context, tx *sql.Tx, transcript string) error {
	edits, err := editsOfTranscript(ctx, tx, transcript)
	if err != nil {
		return err
	}

	h := &editHistory{origins: map[string]segmentOrigin{}, texts: map[segmentVersion]string{}, complete: true}
	if err := tx.QueryRowContext(ctx, `SELECT CASE WHEN engine = 'import' THEN 'imported' ELSE 'machine' END FROM transcripts WHERE id = $1`, transcript).Scan(&h.base); err != nil {
		return err
	}

	segments, err := segmentVersions(ctx, tx, transcript, h.texts)
	if err != nil {
		return err
	}

	for _, e := range edits {
		h.complete = h.complete && e.seq <= maxEdits
		for i, v := range e.awayVersions() {
			var text string
			_ = json.Unmarshal(e.away[i]["Text"], &text)
			h.texts[v] = text
		}
	}

	if err := h.followEdits(edits); err != nil {
		return err
	}
	if err := h.writeSegments(ctx, tx, segments); err != nil {
		return err
	}

	return writeEdits(ctx, tx, edits)
}

// followEdits goes through the edits in their order, first those that are in
// effect. The origins it leaves are those of now.
func (h *editHistory) followEdits(edits []segmentEdit) error {
	for _, e := range edits {
		if e.undone {
			continue
		}
		if err := h.setOrigins(e); err != nil {
			return err
		}
		h.applyEdit(e, e.awayVersions(), e.shown)
	}

	now := maps.Clone(h.origins)
	for _, e := range edits {
		if !e.undone {
			continue
		}
		h.applyEdit(e, e.shown, e.awayVersions())
		if err := h.setOrigins(e); err != nil {
			return err
		}
	}

	h.origins = now
	return nil
}

func (h *editHistory) writeSegments(ctx context.Context, tx *sql.Tx, segments []segmentVersion) error {
	for _, v := range segments {
		o := h.originOf(v)
		if _, err := tx.ExecContext(ctx, `UPDATE transcript_segments SET origin = $1, edited_by = $2, edited_ms = $3 WHERE id = $4`, o.origin, o.by, o.ms, v.ID); err != nil {
			return err
		}
	}
	return nil
}

// editedTranscripts is a page of the ids after one.
func editedTranscripts(ctx context.Context, tx *sql.Tx, after string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT transcript_id FROM transcript_edits WHERE transcript_id > $1 ORDER BY transcript_id LIMIT 100`, after)
	if err != nil {
		return nil, err
	}
	return scanRows(rows, func(id *string) []any { return []any{id} })
}

// segmentVersions are the segments of a transcript; their texts go into texts.
func segmentVersions(ctx context.Context, tx *sql.Tx, transcript string, texts map[segmentVersion]string) ([]segmentVersion, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, version, text FROM transcript_segments WHERE transcript_id = $1 ORDER BY seq`, transcript)
	if err != nil {
		return nil, err
	}

	type segment struct {
		segmentVersion
		text string
	}
	segments, err := scanRows(rows, func(g *segment) []any { return []any{&g.ID, &g.Version, &g.text} })
	out := make([]segmentVersion, len(segments))
	for i, g := range segments {
		out[i], texts[g.segmentVersion] = g.segmentVersion, g.text
	}

	return out, err
}

func editsOfTranscript(ctx context.Context, tx *sql.Tx, transcript string) ([]segmentEdit, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, kind, user_id, seq, created_ms, undone, away, shown FROM transcript_edits WHERE transcript_id = $1 ORDER BY seq`, transcript)
	if err != nil {
		return nil, err
	}

	type row struct {
		segmentEdit
		away, shown []byte
	}
	found, err := scanRows(rows, func(r *row) []any {
		return []any{&r.id, &r.kind, &r.user, &r.seq, &r.createdMS, &r.undone, &r.away, &r.shown}
	})
	out := make([]segmentEdit, len(found))
	for i, r := range found {
		out[i] = r.segmentEdit
		err = cmp.Or(err, json.Unmarshal(r.away, &out[i].away), json.Unmarshal(r.shown, &out[i].shown))
	}

	return out, err
}

func writeEdits(ctx context.Context, tx *sql.Tx, edits []segmentEdit) error {
	for _, e := range edits {
		away, err := json.Marshal(e.away)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE transcript_edits SET away = $1 WHERE id = $2`, string(away), e.id); err != nil {
			return err
		}
	}
	return nil
}

// scanRows reads all rows, each into the fields of a value.
func scanRows[T any](rows *sql.Rows, fields func(*T) []any) (out []T, err error) {
	defer rows.Close()

	for rows.Next() {
		var value T
		if err := rows.Scan(fields(&value)...); err != nil {
			return nil, err
		}
		out = append(out, value)
	}

	return out, rows.Err()
}
