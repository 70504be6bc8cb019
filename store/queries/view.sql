-- name: PutView :exec
INSERT INTO views (clip_id, viewer, session, ranges, was_read, created_ms, updated_ms) VALUES ($1, $2, $3, $4, $5, $6, $6)
ON CONFLICT (clip_id, viewer, session) DO UPDATE SET ranges = excluded.ranges, was_read = views.was_read OR excluded.was_read, updated_ms = excluded.updated_ms;

-- Not ClipByID, which counts the views of the clip: on PostgreSQL each writer of
-- one would wait for all others.
-- name: ClipLength :one
SELECT duration_ms, recorded_ms FROM clips WHERE id = $1;

-- name: ViewOfSession :one
SELECT ranges, was_read FROM views WHERE clip_id = $1 AND viewer = $2 AND session = $3;

-- name: CountSessions :one
SELECT count(*) FROM views WHERE clip_id = $1 AND viewer = $2;

-- name: NewestSession :one
SELECT session FROM views WHERE clip_id = $1 AND viewer = $2 ORDER BY created_ms DESC, session DESC LIMIT 1;

-- name: ViewsOfClip :many
SELECT v.viewer, v.ranges, v.was_read, v.created_ms, v.updated_ms, CAST(COALESCE(u.name, '') AS TEXT) AS name, CAST(COALESCE(u.avatar, '') AS TEXT) AS avatar
FROM views v JOIN clips c ON c.id = v.clip_id LEFT JOIN users u ON u.id = v.viewer
WHERE v.clip_id = $1 AND v.viewer <> c.author_id ORDER BY v.viewer, v.created_ms;

-- name: AnswersToClip :many
SELECT a.author_id, u.name, u.avatar, a.created_ms FROM comments a JOIN users u ON u.id = a.author_id WHERE a.clip_id = sqlc.arg(clip_id) AND a.deleted_ms IS NULL
UNION ALL
SELECT r.user_id, v.name, v.avatar, r.created_ms FROM reactions r JOIN users v ON v.id = r.user_id WHERE r.clip_id = sqlc.arg(clip_id);

-- name: HeatSince :one
SELECT w.heat_since_ms FROM workspaces w JOIN clips c ON c.workspace_id = w.id WHERE c.id = $1;

-- name: SetHeat :execrows
UPDATE workspaces SET heat_since_ms = sqlc.narg(since_ms), version = version + 1 WHERE id = sqlc.arg(id) AND version = sqlc.arg(version);
