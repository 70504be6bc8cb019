-- name: PutTranscriptRequest :exec
INSERT INTO transcript_requests (clip_id, engine, language, replace_edits, created_ms) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (clip_id) DO UPDATE SET engine = excluded.engine, language = excluded.language, replace_edits = excluded.replace_edits, created_ms = excluded.created_ms;

-- name: TranscriptRequestOfClip :one
SELECT * FROM transcript_requests WHERE clip_id = $1;

-- name: DropTranscriptRequest :exec
DELETE FROM transcript_requests WHERE clip_id = $1;
