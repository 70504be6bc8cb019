package migrations

import (
	"context"
	"database/sql"
	"encoding/json"

	"tidings.example/tidings/store/packed"
	"tidings.example/tidings/tidings"
)

// migrate00019BackfillSpeech packs the transcripts that were finished before
// migration 18 made the table of packed ones. A million segments take about a
// minute. It has its own SQL: the queries of package dbq follow the newest
// schema.
func migrate00019BackfillSpeech(ctx context.Context, tx *sql.Tx) error {
	for after := ""; ; {
		ids, err := finishedTranscripts(ctx, tx, after)
		if err != nil || len(ids) == 0 {
			return err
		}

		for _, id := range ids {
			if err := packTranscript(ctx, tx, id); err != nil {
				return err
			}
			after = id
		}
	}
}

// finishedTranscripts is a page of the ids after one.
func finishedTranscripts(ctx context.Context, tx *sql.Tx, after string) (ids []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT id FROM transcripts WHERE id > $1 AND state = 'done' ORDER BY id LIMIT 100`, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()

	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}

	return ids, rows.Err()
}

func packTranscript(ctx context.Context, tx *sql.Tx, id string) error {
	segments, err := packedSegments(ctx, tx, id)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO transcript_speech (transcript_id, body) VALUES ($1, $2) ON CONFLICT (transcript_id) DO UPDATE SET body = excluded.body`,
		id, packed.Encode(segments))
	return err
}

func packedSegments(ctx context.Context, tx *sql.Tx, transcript string) (segments []packed.Segment, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, start_ms, end_ms, text, speaker, words FROM transcript_segments WHERE transcript_id = $1 ORDER BY seq`, transcript)
	if err != nil {
		return nil, err
	}
	defer rows.Close()

	for rows.Next() {
		var seg tidings.TranscriptSegment
		var words []byte
		if err := rows.Scan(&seg.ID, &seg.StartMS, &seg.EndMS, &seg.Text, &seg.Speaker, &words); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(words, &seg.Words); err != nil {
			return nil, err
		}
		segments = append(segments, packed.NewSegment(seg))
	}

	return segments, rows.Err()
}
