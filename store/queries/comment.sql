-- name: InsertComment :exec
INSERT INTO comments (id, clip_id, parent_id, author_id, guest_id, at_ms, until_ms, body, reply_clip, created_ms, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1);

-- name: CommentByID :one
SELECT c.*, CAST(COALESCE(u.name, g.name, '') AS TEXT) AS author_name, CAST(COALESCE(u.avatar, '') AS TEXT) AS author_avatar,
  CAST(COALESCE(b.name, '') AS TEXT) AS resolver_name, CAST(COALESCE(b.avatar, '') AS TEXT) AS resolver_avatar
FROM comments c LEFT JOIN users u ON u.id = c.author_id LEFT JOIN guests g ON g.id = c.guest_id LEFT JOIN users b ON b.id = c.resolved_by WHERE c.id = $1;

-- For a missing comment it returns the oldest one, as ClipAccessFor does.
-- name: CommentOrAnother :one
SELECT c.*, CAST(COALESCE(u.name, g.name, '') AS TEXT) AS author_name, CAST(COALESCE(u.avatar, '') AS TEXT) AS author_avatar,
  CAST(COALESCE(b.name, '') AS TEXT) AS resolver_name, CAST(COALESCE(b.avatar, '') AS TEXT) AS resolver_avatar
FROM comments c LEFT JOIN users u ON u.id = c.author_id LEFT JOIN guests g ON g.id = c.guest_id LEFT JOIN users b ON b.id = c.resolved_by WHERE c.id = COALESCE((SELECT x.id FROM comments x WHERE x.id = $1), (SELECT y.id FROM comments y ORDER BY y.id LIMIT 1));

-- name: CommentsOfClips :many
SELECT c.*, CAST(COALESCE(u.name, g.name, '') AS TEXT) AS author_name, CAST(COALESCE(u.avatar, '') AS TEXT) AS author_avatar,
  CAST(COALESCE(b.name, '') AS TEXT) AS resolver_name, CAST(COALESCE(b.avatar, '') AS TEXT) AS resolver_avatar
FROM comments c LEFT JOIN users u ON u.id = c.author_id LEFT JOIN guests g ON g.id = c.guest_id LEFT JOIN users b ON b.id = c.resolved_by
WHERE c.clip_id IN (SELECT value FROM json_each(CAST(sqlc.arg(ids_json) AS TEXT))) ORDER BY c.id;

-- name: CountComments :one
SELECT count(*) FROM comments WHERE clip_id = $1;

-- name: UpdateComment :execrows
UPDATE comments SET body = $2, edited_ms = $3, version = version + 1 WHERE id = $1 AND version = $4 AND deleted_ms IS NULL;

-- name: DeleteComment :execrows
UPDATE comments SET body = '', deleted_ms = $2, version = version + 1 WHERE id = $1 AND deleted_ms IS NULL;

-- name: ResolveComment :execrows
UPDATE comments SET resolved_ms = sqlc.narg(resolved_ms), resolved_by = sqlc.arg(resolved_by), version = version + 1
WHERE id = sqlc.arg(id) AND parent_id = '' AND deleted_ms IS NULL AND (resolved_ms IS NULL) = (CAST(sqlc.arg(resolve) AS BOOLEAN));

-- name: HideComment :execrows
UPDATE comments SET hidden_ms = sqlc.narg(hidden_ms), hidden_by = sqlc.arg(hidden_by), version = version + 1
WHERE id = sqlc.arg(id) AND deleted_ms IS NULL AND (hidden_ms IS NULL) = (CAST(sqlc.arg(hide) AS BOOLEAN));

-- name: NamesInWorkspace :many
SELECT u.id, u.name, u.avatar FROM members m JOIN users u ON u.id = m.user_id
WHERE m.workspace_id = sqlc.arg(workspace_id) AND u.id IN (SELECT value FROM json_each(CAST(sqlc.arg(ids_json) AS TEXT)));

-- name: UnansweredClips :many
SELECT DISTINCT c.clip_id FROM comments c JOIN clips k ON k.id = c.clip_id
WHERE k.workspace_id = $1 AND k.trashed_ms IS NULL AND c.parent_id = '' AND c.deleted_ms IS NULL AND c.hidden_ms IS NULL AND c.resolved_ms IS NULL
  AND NOT EXISTS (SELECT 1 FROM comments r WHERE r.parent_id = c.id AND r.deleted_ms IS NULL AND r.hidden_ms IS NULL
    AND (r.author_id <> c.author_id OR r.guest_id <> c.guest_id))
ORDER BY c.clip_id DESC;

-- name: InsertGuest :exec
INSERT INTO guests (id, clip_id, link_id, name, created_ms) VALUES ($1, $2, $3, $4, $5);

-- name: RenameGuest :execrows
UPDATE guests SET name = $2 WHERE id = $1;

-- name: GuestByID :one
SELECT * FROM guests WHERE id = $1;
