-- name: InsertNotification :many
INSERT INTO notifications (id, user_id, workspace_id, clip_id, comment_id, kind, thing, actor_id, actor_name, created_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (user_id, thing) DO NOTHING RETURNING id;

-- name: RenewNotification :many
INSERT INTO notifications (id, user_id, workspace_id, clip_id, comment_id, kind, thing, actor_id, actor_name, created_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (user_id, thing) DO UPDATE SET actor_id = excluded.actor_id, actor_name = excluded.actor_name, created_ms = excluded.created_ms, seen_ms = NULL
RETURNING id;

-- name: InsertDelivery :exec
INSERT INTO deliveries (notification_id, channel, due_ms, tries, failure) VALUES ($1, $2, $3, 0, '') ON CONFLICT (notification_id, channel) DO NOTHING;

-- name: PersonInWorkspace :one
SELECT m.role, u.prefs FROM members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1 AND m.user_id = $2;

-- name: MemberIDs :many
SELECT user_id FROM members WHERE workspace_id = $1 ORDER BY user_id;

-- name: AuthorsOfThread :many
SELECT DISTINCT author_id FROM comments WHERE (id = $1 OR parent_id = $1) AND author_id <> '' AND deleted_ms IS NULL ORDER BY author_id;

-- name: PageNotifications :many
SELECT n.id, n.user_id, n.workspace_id, n.clip_id, n.comment_id, n.kind, n.actor_id, n.created_ms, n.seen_ms,
  CAST(COALESCE(u.name, n.actor_name) AS TEXT) AS actor_name, CAST(COALESCE(u.avatar, '') AS TEXT) AS actor_avatar
FROM notifications n LEFT JOIN users u ON u.id = n.actor_id
WHERE n.user_id = sqlc.arg(user_id)
  AND (n.created_ms, n.id) < (CAST(sqlc.arg(before_ms) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
  AND (NOT CAST(sqlc.arg(unseen) AS BOOLEAN) OR n.seen_ms IS NULL)
ORDER BY n.created_ms DESC, n.id DESC
LIMIT sqlc.arg(page_size);

-- name: MarkNotificationsSeen :execrows
UPDATE notifications SET seen_ms = sqlc.arg(seen_ms)
WHERE user_id = sqlc.arg(user_id) AND seen_ms IS NULL AND id IN (SELECT value FROM json_each(CAST(sqlc.arg(ids_json) AS TEXT)));

-- name: MarkNotificationsSeenUntil :execrows
UPDATE notifications SET seen_ms = sqlc.arg(seen_ms) WHERE user_id = sqlc.arg(user_id) AND seen_ms IS NULL AND created_ms <= sqlc.arg(until_ms);

-- name: UnseenOfClip :many
SELECT n.id, n.kind, n.clip_id, m.at_ms, p.at_ms AS thread_at_ms, CAST(COALESCE(m.reply_clip, '') AS TEXT) AS reply_clip
FROM notifications n LEFT JOIN comments m ON m.id = n.comment_id LEFT JOIN comments p ON p.id = m.parent_id
WHERE n.user_id = sqlc.arg(user_id) AND n.seen_ms IS NULL AND (n.clip_id = sqlc.arg(clip_id) OR m.reply_clip = sqlc.arg(clip_id));

-- name: DeleteNotificationsOfComment :exec
DELETE FROM notifications WHERE clip_id = $1 AND comment_id = $2;

-- name: DeleteNotificationsByDedupKey :exec
DELETE FROM notifications WHERE clip_id = $1 AND thing = $2;

-- name: DeleteOldNotifications :exec
DELETE FROM notifications WHERE seen_ms < CAST(sqlc.arg(before_ms) AS BIGINT);
