-- name: NextIndexVersion :one
UPDATE counters SET value = value + 1 WHERE name = 'outbox' RETURNING value;

-- name: PutOutbox :exec
INSERT INTO outbox (clip_id, version, since_ms) VALUES ($1, $2, $3)
ON CONFLICT (clip_id) DO UPDATE SET version = excluded.version, failure = '', tries = 0, failed_ms = NULL;

-- name: RestartOutboxWait :exec
UPDATE outbox SET since_ms = $3 WHERE clip_id = $1 AND version > $2;

-- name: SetOutboxFailure :exec
UPDATE outbox SET failure = $3, tries = $4, failed_ms = $5 WHERE clip_id = $1 AND version = $2;

-- name: SetIndexVersion :exec
UPDATE clips SET index_version = $2 WHERE id = $1;

-- name: OutboxBatch :many
SELECT * FROM outbox ORDER BY version LIMIT $1;

-- name: DeleteOutboxEntry :execrows
DELETE FROM outbox WHERE clip_id = $1 AND version = $2;

-- name: OutboxEntryOfClip :one
SELECT version FROM outbox WHERE clip_id = $1;

-- The list is the only condition: with others, SQLite would scan all clips that
-- are no replies, or not in the trash.
-- name: DocumentsOfClips :many
SELECT c.id, c.answers, c.trashed_ms, c.workspace_id, c.channel_id, c.author_id, c.kind, c.title, c.description, c.tags, c.visibility, c.language, c.state, c.created_ms, c.duration_ms,
  c.index_version, u.name AS author_name, u.avatar AS author_avatar,
  CAST(EXISTS (SELECT 1 FROM assets a WHERE a.clip_id = c.id AND a.name = 'poster.jpg') AS BOOLEAN) AS poster
FROM clips c JOIN users u ON u.id = c.author_id
WHERE c.id IN (SELECT value FROM json_each(CAST(sqlc.arg(ids_json) AS TEXT)));

-- name: IndexVersions :many
SELECT id, index_version FROM clips WHERE id > $1 AND trashed_ms IS NULL AND answers = '' ORDER BY id LIMIT $2;
