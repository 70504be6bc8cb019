-- name: InsertWorkspace :exec
INSERT INTO workspaces (id, name, created_ms, version) VALUES ($1, $2, $3, 1);

-- name: WorkspaceByID :one
SELECT * FROM workspaces WHERE id = $1;

-- name: RenameWorkspace :execrows
UPDATE workspaces SET name = $2, version = version + 1 WHERE id = $1 AND version = $3;

-- name: InsertMember :exec
INSERT INTO members (workspace_id, user_id, role, created_ms) VALUES ($1, $2, $3, $4);

-- name: MembershipsOfUser :many
SELECT w.id, w.name, w.created_ms, w.version, w.heat_since_ms, w.mask_profanity, m.role FROM members m JOIN workspaces w ON w.id = m.workspace_id WHERE m.user_id = $1 ORDER BY w.id;

-- name: MembersOfWorkspace :many
SELECT u.id, u.name, u.email, u.avatar, m.role, m.created_ms FROM members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1 ORDER BY u.name, u.id;

-- name: SpeakersSeenByGuest :many
SELECT c.author_id FROM clips c
WHERE c.workspace_id = sqlc.arg(workspace_id) AND c.answers = '' AND c.trashed_ms IS NULL
  AND (c.author_id = sqlc.arg(guest_id)
    OR (c.visibility = 'channel' AND EXISTS (SELECT 1 FROM channel_members x WHERE x.channel_id = c.channel_id AND x.user_id = sqlc.arg(guest_id))))
UNION
SELECT m.author_id FROM comments m JOIN clips c ON c.id = m.clip_id
WHERE c.workspace_id = sqlc.arg(workspace_id) AND c.answers = '' AND c.trashed_ms IS NULL AND m.deleted_ms IS NULL AND m.hidden_ms IS NULL
  AND (c.author_id = sqlc.arg(guest_id)
    OR (c.visibility = 'channel' AND EXISTS (SELECT 1 FROM channel_members x WHERE x.channel_id = c.channel_id AND x.user_id = sqlc.arg(guest_id))));

-- name: EmbedOrigins :one
SELECT embed_origins FROM workspaces WHERE id = $1;

-- name: SetEmbedOrigins :execrows
UPDATE workspaces SET embed_origins = $2, version = version + 1 WHERE id = $1 AND version = $3;

-- name: SetMaskProfanity :execrows
UPDATE workspaces SET mask_profanity = $2, version = version + 1 WHERE id = $1 AND version = $3;

-- name: MemberOf :one
SELECT role FROM members WHERE workspace_id = $1 AND user_id = $2;

-- name: SetRole :execrows
UPDATE members SET role = $3 WHERE workspace_id = $1 AND user_id = $2;

-- name: DeleteMember :execrows
DELETE FROM members WHERE workspace_id = $1 AND user_id = $2;

-- name: CountOwners :one
SELECT count(*) FROM members WHERE workspace_id = $1 AND role = 'owner';

-- name: WorkspacesAfter :many
SELECT w.id, w.name, w.created_ms, w.version, (SELECT count(*) FROM members m WHERE m.workspace_id = w.id) AS member_count FROM workspaces w ORDER BY w.id;
