-- name: InsertInvite :exec
INSERT INTO invites (id, workspace_id, role, email, channels, max_uses, uses, created_by, created_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9);

-- name: InsertInviteToken :exec
INSERT INTO invite_tokens (hash, invite_id) VALUES ($1, $2);

-- name: InviteByHash :one
SELECT i.*, w.name AS workspace_name, u.name AS creator_name FROM invite_tokens t JOIN invites i ON i.id = t.invite_id
JOIN workspaces w ON w.id = i.workspace_id JOIN users u ON u.id = i.created_by WHERE t.hash = $1 AND i.revoked_ms IS NULL;

-- name: InviteByID :one
SELECT i.*, w.name AS workspace_name, u.name AS creator_name FROM invites i
JOIN workspaces w ON w.id = i.workspace_id JOIN users u ON u.id = i.created_by WHERE i.id = $1 AND i.revoked_ms IS NULL;

-- name: OpenInvites :many
SELECT i.*, w.name AS workspace_name, u.name AS creator_name FROM invites i
JOIN workspaces w ON w.id = i.workspace_id JOIN users u ON u.id = i.created_by
WHERE i.workspace_id = $1 AND i.revoked_ms IS NULL AND i.expires_ms > $2 AND i.uses < i.max_uses ORDER BY i.id DESC;

-- name: UseInvite :execrows
UPDATE invites SET uses = uses + 1 WHERE id = $1 AND uses < max_uses AND revoked_ms IS NULL AND expires_ms > $2;

-- name: RevokeInvite :execrows
UPDATE invites SET revoked_ms = $3 WHERE id = $1 AND workspace_id = $2 AND revoked_ms IS NULL;

-- name: RevokeInvitesOf :execrows
UPDATE invites SET revoked_ms = $3 WHERE workspace_id = $1 AND created_by = $2 AND revoked_ms IS NULL;

-- name: InsertMail :exec
INSERT INTO mails (id, invite_id, base_url, created_ms, due_ms, tries, failure) VALUES ($1, $2, $3, $4, $4, 0, '');

-- name: DueMails :many
SELECT m.* FROM mails m JOIN invites i ON i.id = m.invite_id
WHERE m.sent_ms IS NULL AND m.failed_ms IS NULL AND m.due_ms <= $1 AND i.revoked_ms IS NULL AND i.expires_ms > $1 AND i.uses < i.max_uses ORDER BY m.due_ms, m.id LIMIT $2;

-- name: MailsOfWorkspace :many
SELECT m.* FROM mails m JOIN invites i ON i.id = m.invite_id WHERE i.workspace_id = $1 ORDER BY m.id;

-- name: MailSent :exec
UPDATE mails SET sent_ms = $2, failure = '' WHERE id = $1;

-- name: MailFailed :exec
UPDATE mails SET tries = tries + 1, failure = $2, due_ms = $3, failed_ms = $4 WHERE id = $1;

-- name: LastMailFailure :many
SELECT failure FROM mails WHERE failure <> '' AND sent_ms IS NULL ORDER BY due_ms DESC LIMIT 1;
