-- name: NextVersion :one
UPDATE counters SET value = value + 1 WHERE name = 'outbox' RETURNING value;

-- name: PutOutbox :exec
INSERT INTO outbox (clip_id, version) VALUES ($1, $2) ON CONFLICT (clip_id) DO UPDATE SET version = excluded.version;

-- name: SetIndexVersion :exec
UPDATE clips SET index_version = $2 WHERE id = $1;

-- name: OutboxBatch :many
SELECT * FROM outbox ORDER BY version LIMIT $1;

-- name: OutboxDone :execrows
DELETE FROM outbox WHERE clip_id = $1 AND version = $2;

-- name: OutboxOf :one
SELECT version FROM outbox WHERE clip_id = $1;

-- name: IndexVersions :many
SELECT id, index_version FROM clips WHERE id > $1 AND trashed_ms IS NULL ORDER BY id LIMIT $2;
