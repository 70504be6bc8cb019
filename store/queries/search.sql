-- name: InsertSavedSearch :exec
INSERT INTO saved_searches (id, workspace_id, user_id, name, query, newest, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: SavedSearchesOf :many
SELECT * FROM saved_searches WHERE user_id = $1 AND workspace_id = $2 ORDER BY id LIMIT 1000;

-- name: DeleteSavedSearch :execrows
DELETE FROM saved_searches WHERE id = $1 AND user_id = $2 AND workspace_id = $3;

-- name: SeenClips :many
SELECT clip_id FROM views WHERE viewer = sqlc.arg(viewer) AND views.updated_ms <= sqlc.arg(until_ms)
UNION SELECT id FROM clips WHERE workspace_id = sqlc.arg(workspace_id) AND author_id = sqlc.arg(viewer);

-- name: OutboxOfWorkspace :one
SELECT CAST(COUNT(*) AS BIGINT) AS pending, CAST(COALESCE(MIN(CASE WHEN o.since_ms > 0 THEN o.since_ms END), 0) AS BIGINT) AS since_ms
FROM outbox o JOIN clips c ON c.id = o.clip_id WHERE c.workspace_id = $1;

-- name: IndexFailures :many
SELECT o.clip_id, c.title, o.failure, o.tries, o.failed_ms FROM outbox o JOIN clips c ON c.id = o.clip_id
WHERE c.workspace_id = $1 AND o.tries > 0 ORDER BY o.failed_ms DESC, o.clip_id LIMIT 20;

-- name: CountIndexable :one
SELECT CAST(COUNT(*) AS BIGINT) FROM clips WHERE trashed_ms IS NULL AND answers = '' AND (CAST(sqlc.arg(workspace_id) AS TEXT) = '' OR workspace_id = CAST(sqlc.arg(workspace_id) AS TEXT));

-- name: IndexBuild :one
SELECT * FROM index_builds WHERE engine = $1;

-- name: PutIndexBuild :exec
INSERT INTO index_builds (engine, after_id, done, total, started_ms, updated_ms) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (engine) DO UPDATE SET after_id = excluded.after_id, done = excluded.done, total = excluded.total, started_ms = excluded.started_ms, updated_ms = excluded.updated_ms;

-- name: DeleteIndexBuild :exec
DELETE FROM index_builds WHERE engine = $1;
