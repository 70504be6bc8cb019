-- name: AnsweredClip :one
SELECT answers FROM clips WHERE id = $1;

-- name: SetAnswers :exec
UPDATE clips SET answers = $2, version = version + 1 WHERE id = $1 AND answers <> $2;

-- name: RepliesOfClip :many
SELECT id FROM clips WHERE answers = $1 ORDER BY id;

-- name: CommentOfReply :one
SELECT id FROM comments WHERE reply_clip = $1 AND deleted_ms IS NULL ORDER BY id LIMIT 1;
