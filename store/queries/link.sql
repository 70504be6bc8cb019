-- name: InsertLink :exec
INSERT INTO links (id, clip_id, hash, access, password_hash, allow_comments, allow_download, start_ms, end_ms, expires_ms, created_by, created_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: LinksOfClip :many
SELECT * FROM links WHERE clip_id = $1 AND revoked_ms IS NULL ORDER BY id;

-- name: LinkByHash :one
SELECT * FROM links WHERE hash = $1;

-- name: LinkByID :one
SELECT * FROM links WHERE id = $1;

-- name: UpdateLink :execrows
UPDATE links SET allow_comments = $2, allow_download = $3, expires_ms = $4 WHERE id = $1 AND revoked_ms IS NULL;

-- name: RevokeLink :execrows
UPDATE links SET revoked_ms = $2 WHERE id = $1 AND revoked_ms IS NULL;
