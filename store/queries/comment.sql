-- name: InsertComment :exec
INSERT INTO comments (id, clip_id, parent_id, author_id, at_ms, until_ms, body, reply_clip, created_ms, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1);

-- name: CommentByID :one
SELECT c.*, u.name AS author_name FROM comments c JOIN users u ON u.id = c.author_id WHERE c.id = $1;

-- name: CommentsOfClip :many
SELECT c.*, u.name AS author_name FROM comments c JOIN users u ON u.id = c.author_id WHERE c.clip_id = $1 ORDER BY c.id LIMIT 5000;

-- name: UpdateComment :execrows
UPDATE comments SET body = $2, edited_ms = $3, version = version + 1 WHERE id = $1 AND version = $4 AND deleted_ms IS NULL;

-- name: DeleteComment :execrows
UPDATE comments SET body = '', deleted_ms = $2, version = version + 1 WHERE id = $1 AND deleted_ms IS NULL;
