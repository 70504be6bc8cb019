-- name: InsertTranscript :exec
INSERT INTO transcripts (id, clip_id, attempt, state, draft, current, language, engine, model, created_ms) VALUES ($1, $2, $3, 'running', $4, $5, $6, $7, $8, $9);

-- name: CurrentTranscript :one
SELECT * FROM transcripts WHERE clip_id = $1 AND current;

-- name: TranscriptByID :one
SELECT * FROM transcripts WHERE id = $1;

-- name: DropOtherTranscripts :exec
DELETE FROM transcripts WHERE clip_id = $1 AND id <> $2;

-- name: MakeCurrent :exec
UPDATE transcripts SET current = TRUE WHERE id = $1;

-- name: FinishTranscript :exec
UPDATE transcripts SET state = $2, language = $3 WHERE id = $1;

-- name: RefineClipLanguage :exec
UPDATE clips SET language = sqlc.arg(language) WHERE id = sqlc.arg(clip_id) AND language = sqlc.arg(draft_language);

-- name: EndTranscripts :exec
UPDATE transcripts SET state = $2 WHERE clip_id = $1 AND state = 'running';

-- name: MarkEdited :exec
UPDATE transcripts SET edited_ms = $2 WHERE id = $1;

-- name: InsertTranscriptSegment :exec
INSERT INTO transcript_segments (id, transcript_id, seq, start_ms, end_ms, text, speaker, language, words, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: SegmentsOfTranscript :many
SELECT * FROM transcript_segments WHERE transcript_id = $1 ORDER BY seq;

-- name: SpokenOfClips :many
SELECT t.clip_id, s.id, s.start_ms, s.end_ms, s.text, s.speaker FROM clips c JOIN transcripts t ON t.clip_id = c.id JOIN transcript_segments s ON s.transcript_id = t.id
WHERE c.id IN (SELECT value FROM json_each(CAST(sqlc.arg(ids_json) AS TEXT))) AND c.trashed_ms IS NULL AND t.current ORDER BY t.clip_id, s.seq;

-- name: WordsOfSegments :many
SELECT id, words FROM transcript_segments WHERE id IN (SELECT value FROM json_each(CAST(sqlc.arg(ids_json) AS TEXT)));

-- name: TranscriptSegmentByID :one
SELECT s.*, t.clip_id FROM transcript_segments s JOIN transcripts t ON t.id = s.transcript_id WHERE s.id = $1 AND t.current;
