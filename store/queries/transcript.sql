-- name: InsertTranscript :exec
INSERT INTO transcripts (id, clip_id, attempt, state, draft, current, language, engine, model, refinement, created_ms) VALUES ($1, $2, $3, 'running', $4, $5, $6, $7, $8, $9, $10);

-- name: CurrentTranscript :one
SELECT * FROM transcripts WHERE clip_id = $1 AND current;

-- name: EndOfTranscript :one
SELECT CAST(COALESCE(MAX(end_ms), 0) AS BIGINT) FROM transcript_segments WHERE transcript_id = $1;

-- name: TranscriptByID :one
SELECT * FROM transcripts WHERE id = $1;

-- name: DropOtherTranscripts :exec
DELETE FROM transcripts WHERE clip_id = $1 AND id <> $2;

-- name: SetCurrentTranscript :exec
UPDATE transcripts SET current = TRUE WHERE id = $1;

-- name: FinishTranscript :exec
UPDATE transcripts SET state = $2, language = $3 WHERE id = $1;

-- name: RefineClipLanguage :exec
UPDATE clips SET language = sqlc.arg(language) WHERE id = sqlc.arg(clip_id) AND language = sqlc.arg(draft_language);

-- name: EndRunningTranscripts :exec
UPDATE transcripts SET state = $2 WHERE clip_id = $1 AND state = 'running';

-- name: ReopenTranscript :exec
UPDATE transcripts SET state = 'running' WHERE clip_id = $1 AND current AND state = 'done';

-- name: SetTranscriptEdited :exec
UPDATE transcripts SET edited_ms = $2 WHERE id = $1;

-- name: InsertTranscriptSegment :exec
INSERT INTO transcript_segments (id, transcript_id, seq, start_ms, end_ms, text, speaker, language, words, version, origin, edited_by, edited_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: SegmentsOfTranscript :many
SELECT * FROM transcript_segments WHERE transcript_id = $1 ORDER BY seq;

-- name: TranscriptTextsOfClips :many
SELECT t.clip_id, t.id, c.trashed_ms, s.body FROM transcripts t JOIN clips c ON c.id = t.clip_id LEFT JOIN transcript_speech s ON s.transcript_id = t.id
WHERE t.clip_id IN (SELECT value FROM json_each(CAST(sqlc.arg(ids_json) AS TEXT))) AND t.current;

-- name: PackedTranscript :one
SELECT body FROM transcript_speech WHERE transcript_id = $1;

-- name: PutPackedTranscript :exec
INSERT INTO transcript_speech (transcript_id, body) VALUES ($1, $2) ON CONFLICT (transcript_id) DO UPDATE SET body = excluded.body;

-- name: DropPackedTranscript :exec
DELETE FROM transcript_speech WHERE transcript_id = $1;

-- name: TranscriptSegmentByID :one
SELECT s.*, t.clip_id FROM transcript_segments s JOIN transcripts t ON t.id = s.transcript_id WHERE s.id = $1 AND t.current;
