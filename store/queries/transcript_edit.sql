-- name: SegmentPlaces :many
SELECT id, seq, version FROM transcript_segments WHERE transcript_id = $1 ORDER BY seq;

-- name: DeleteTranscriptSegment :exec
DELETE FROM transcript_segments WHERE id = $1;

-- name: SetTranscriptSegment :exec
UPDATE transcript_segments SET start_ms = $2, end_ms = $3, text = $4, speaker = $5, language = $6, words = $7, version = $8, origin = $9, edited_by = $10, edited_ms = $11 WHERE id = $1;

-- name: NegateSegmentSeqs :exec
UPDATE transcript_segments SET seq = -seq - 1 WHERE transcript_id = $1 AND seq > $2;

-- name: RestoreSegmentSeqs :exec
UPDATE transcript_segments SET seq = sqlc.arg(delta) - seq - 1 WHERE transcript_id = sqlc.arg(transcript_id) AND seq < 0;

-- name: UnsetCurrentTranscripts :exec
UPDATE transcripts SET current = FALSE WHERE clip_id = $1;

-- name: DropEndedTranscripts :exec
DELETE FROM transcripts WHERE clip_id = $1 AND id <> $2 AND state <> 'running';

-- name: NextEditSeq :one
SELECT CAST(COALESCE(max(seq), 0) + 1 AS BIGINT) FROM transcript_edits WHERE transcript_id = $1;

-- name: InsertTranscriptEdit :exec
INSERT INTO transcript_edits (id, transcript_id, seq, user_id, kind, undone, away, shown, created_ms) VALUES ($1, $2, $3, $4, $5, FALSE, $6, $7, $8);

-- name: LastEdit :one
SELECT * FROM transcript_edits WHERE transcript_id = $1 AND user_id = $2 AND undone = FALSE ORDER BY seq DESC LIMIT 1;

-- name: FirstUndoneEdit :one
SELECT * FROM transcript_edits WHERE transcript_id = $1 AND user_id = $2 AND undone = TRUE ORDER BY seq LIMIT 1;

-- name: SwapEdit :exec
UPDATE transcript_edits SET undone = $2, away = $3, shown = $4 WHERE id = $1;

-- name: ShownSegmentsOfEdits :many
SELECT id, shown FROM transcript_edits WHERE transcript_id = $1 AND id <> $2 ORDER BY seq;

-- name: SetEditShown :exec
UPDATE transcript_edits SET shown = $2 WHERE id = $1;

-- name: DeleteUndoneEdits :exec
DELETE FROM transcript_edits WHERE transcript_id = $1 AND user_id = $2 AND undone = TRUE;

-- name: TrimEdits :exec
DELETE FROM transcript_edits WHERE transcript_id = $1 AND seq <= $2;
