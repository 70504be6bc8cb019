-- name: InsertChannel :execrows
INSERT INTO channels (id, workspace_id, name, name_fold, topic, kind, created_by, created_ms, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)
ON CONFLICT (workspace_id, name_fold) DO NOTHING;

-- name: ChannelByID :one
SELECT h.*, (SELECT count(*) FROM channel_members n WHERE n.channel_id = h.id) AS member_count,
  CAST(EXISTS (SELECT 1 FROM channel_members m WHERE m.channel_id = h.id AND m.user_id = sqlc.arg(viewer_id)) AS BOOLEAN) AS member
FROM channels h WHERE h.id = sqlc.arg(id);

-- name: ChannelsOfWorkspace :many
SELECT h.*, (SELECT count(*) FROM channel_members n WHERE n.channel_id = h.id) AS member_count,
  CAST(EXISTS (SELECT 1 FROM channel_members m WHERE m.channel_id = h.id AND m.user_id = sqlc.arg(viewer_id)) AS BOOLEAN) AS member
FROM channels h WHERE h.workspace_id = sqlc.arg(workspace_id) ORDER BY h.name_fold, h.id;

-- name: CountChannels :one
SELECT count(*) FROM channels WHERE workspace_id = $1;

-- name: ChannelByName :one
SELECT id FROM channels WHERE workspace_id = $1 AND name_fold = $2;

-- name: UpdateChannel :execrows
UPDATE channels SET name = $2, name_fold = $3, topic = $4, kind = $5, version = version + 1 WHERE id = $1 AND version = $6;

-- name: DeleteChannel :execrows
DELETE FROM channels WHERE id = $1;

-- name: PutChannelMember :execrows
INSERT INTO channel_members (channel_id, user_id, created_ms) VALUES ($1, $2, $3) ON CONFLICT (channel_id, user_id) DO NOTHING;

-- name: DeleteChannelMember :execrows
DELETE FROM channel_members WHERE channel_id = $1 AND user_id = $2;

-- name: CountChannelMembers :one
SELECT count(*) FROM channel_members WHERE channel_id = $1;

-- name: MembersOfChannel :many
SELECT u.id, u.name, u.email, u.avatar, w.role, m.created_ms FROM channel_members m
JOIN channels h ON h.id = m.channel_id
JOIN users u ON u.id = m.user_id
JOIN members w ON w.workspace_id = h.workspace_id AND w.user_id = m.user_id
WHERE m.channel_id = $1 ORDER BY u.name, u.id;

-- name: LeaveChannels :exec
DELETE FROM channel_members WHERE user_id = $1 AND channel_id IN (SELECT id FROM channels WHERE workspace_id = $2);

-- name: AddOwnersToEmptyChannels :exec
INSERT INTO channel_members (channel_id, user_id, created_ms)
SELECT h.id, m.user_id, CAST(sqlc.arg(created_ms) AS BIGINT) FROM channels h JOIN members m ON m.workspace_id = h.workspace_id AND m.role = 'owner'
WHERE h.workspace_id = sqlc.arg(workspace_id) AND h.kind = 'private' AND NOT EXISTS (SELECT 1 FROM channel_members x WHERE x.channel_id = h.id);

-- name: ClipsOfChannel :many
SELECT id FROM clips WHERE channel_id = $1 ORDER BY id;

-- name: DetachClipsOfChannel :exec
UPDATE clips SET channel_id = '', visibility = CASE visibility WHEN 'channel' THEN 'private' ELSE visibility END, version = version + 1 WHERE channel_id = $1;

-- For a missing clip it returns the first one, whose row takes as long to read:
-- the time of an answer does not tell whether a clip exists.
-- name: ClipAccessFor :one
SELECT c.id, c.workspace_id, c.channel_id, c.author_id, c.visibility, CAST((c.trashed_ms IS NOT NULL) AS BOOLEAN) AS trashed,
  c.answers,
  CAST(EXISTS (SELECT 1 FROM comments o WHERE o.reply_clip = c.id AND o.clip_id = c.answers AND o.hidden_ms IS NOT NULL) AS BOOLEAN) AS hidden,
  CAST(EXISTS (SELECT 1 FROM channels h WHERE h.id = c.channel_id AND h.kind = 'open') AS BOOLEAN) AS channel_open,
  CAST(EXISTS (SELECT 1 FROM channel_members m WHERE m.channel_id = c.channel_id AND m.user_id = sqlc.arg(viewer_id)) AS BOOLEAN) AS in_channel,
  c.language, w.mask_profanity
FROM clips c JOIN workspaces w ON w.id = c.workspace_id WHERE c.id = COALESCE((SELECT x.id FROM clips x WHERE x.id = sqlc.arg(id)), (SELECT y.id FROM clips y ORDER BY y.id LIMIT 1));

-- name: ClipAccessesFor :many
SELECT c.id, c.workspace_id, c.channel_id, c.author_id, c.visibility, CAST((c.trashed_ms IS NOT NULL) AS BOOLEAN) AS trashed,
  c.answers,
  CAST(EXISTS (SELECT 1 FROM comments o WHERE o.reply_clip = c.id AND o.clip_id = c.answers AND o.hidden_ms IS NOT NULL) AS BOOLEAN) AS hidden,
  CAST(EXISTS (SELECT 1 FROM channels h WHERE h.id = c.channel_id AND h.kind = 'open') AS BOOLEAN) AS channel_open,
  CAST(EXISTS (SELECT 1 FROM channel_members m WHERE m.channel_id = c.channel_id AND m.user_id = sqlc.arg(viewer_id)) AS BOOLEAN) AS in_channel,
  c.language, w.mask_profanity
FROM clips c JOIN workspaces w ON w.id = c.workspace_id WHERE c.id IN (SELECT value FROM json_each(CAST(sqlc.arg(ids_json) AS TEXT)));
