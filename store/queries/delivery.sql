-- name: DueDeliveries :many
SELECT d.channel, d.tries, n.id, n.user_id, n.workspace_id, n.clip_id, n.comment_id, n.kind, n.actor_id, n.created_ms, n.seen_ms,
  CAST(COALESCE(u.name, n.actor_name) AS TEXT) AS actor_name, CAST(COALESCE(u.avatar, '') AS TEXT) AS actor_avatar
FROM deliveries d JOIN notifications n ON n.id = d.notification_id LEFT JOIN users u ON u.id = n.actor_id
WHERE d.done_ms IS NULL AND d.due_ms <= sqlc.arg(now_ms) AND d.channel = sqlc.arg(channel)
ORDER BY d.due_ms, d.notification_id
LIMIT sqlc.arg(page_size);

-- name: FinishDelivery :exec
UPDATE deliveries SET done_ms = $3, failure = $4 WHERE notification_id = $1 AND channel = $2;

-- name: RetryDelivery :exec
UPDATE deliveries SET tries = tries + 1, failure = $3, due_ms = $4, done_ms = $5 WHERE notification_id = $1 AND channel = $2;
