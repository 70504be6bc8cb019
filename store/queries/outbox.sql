-- name: NextVersion :one
UPDATE counters SET value = value + 1 WHERE name = 'outbox' RETURNING value;

-- name: PutOutbox :exec
INSERT INTO outbox (clip_id, version, since_ms) VALUES ($1, $2, $3)
ON CONFLICT (clip_id) DO UPDATE SET version = excluded.version, failure = '', tries = 0, failed_ms = NULL;

-- name: OutboxLeft :exec
UPDATE outbox SET since_ms = $3 WHERE clip_id = $1 AND version > $2;

-- name: OutboxFailed :exec
UPDATE outbox SET failure = $3, tries = $4, failed_ms = $5 WHERE clip_id = $1 AND version = $2;

-- name: SetIndexVersion :exec
UPDATE clips SET index_version = $2 WHERE id = $1;

-- name: OutboxBatch :many
SELECT * FROM outbox ORDER BY version LIMIT $1;

-- name: OutboxDone :execrows
DELETE FROM outbox WHERE clip_id = $1 AND version = $2;

-- name: OutboxOf :one
SELECT version FROM outbox WHERE clip_id = $1;

-- name: DocumentOfClip :one
SELECT c.workspace_id, c.channel_id, c.author_id, c.kind, c.title, c.description, c.tags, c.visibility, c.language, c.state, c.created_ms, c.duration_ms,
  c.index_version, u.name AS author_name, u.avatar AS author_avatar
FROM clips c JOIN users u ON u.id = c.author_id WHERE c.id = $1 AND c.trashed_ms IS NULL AND c.answers = '';

-- name: IndexVersions :many
SELECT id, index_version FROM clips WHERE id > $1 AND trashed_ms IS NULL ORDER BY id LIMIT $2;
