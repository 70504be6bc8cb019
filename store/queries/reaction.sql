-- name: InsertReaction :execrows
INSERT INTO reactions (clip_id, comment_id, at_ms, emoji, user_id, guest_id, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (clip_id, comment_id, at_ms, emoji, user_id, guest_id) DO NOTHING;

-- name: DeleteReaction :execrows
DELETE FROM reactions WHERE clip_id = $1 AND comment_id = $2 AND at_ms = $3 AND emoji = $4 AND user_id = $5 AND guest_id = $6;

-- name: DeleteReactionsOfComment :exec
DELETE FROM reactions WHERE clip_id = $1 AND comment_id = $2;

-- name: CountReactions :one
SELECT count(*) FROM reactions WHERE clip_id = $1 AND comment_id = $2 AND user_id = $3 AND guest_id = $4;

-- name: ReactionsOfTarget :many
SELECT r.*, CAST(COALESCE(u.name, g.name, '') AS TEXT) AS name
FROM reactions r LEFT JOIN users u ON u.id = r.user_id LEFT JOIN guests g ON g.id = r.guest_id
WHERE r.clip_id = $1 AND r.comment_id = $2 ORDER BY r.created_ms, r.user_id, r.guest_id;

-- name: ReactionsOfComments :many
SELECT r.*, CAST(COALESCE(u.name, g.name, '') AS TEXT) AS name
FROM reactions r LEFT JOIN users u ON u.id = r.user_id LEFT JOIN guests g ON g.id = r.guest_id
WHERE r.clip_id = $1 AND r.comment_id <> '' ORDER BY r.created_ms, r.user_id, r.guest_id;
