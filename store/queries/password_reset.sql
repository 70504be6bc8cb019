-- name: InsertPasswordReset :exec
INSERT INTO password_resets (id, origin, email, user_id, created_by, network, created_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: CountPasswordResets :one
SELECT count(*) FROM password_resets WHERE email = $1 AND origin = 'mail' AND created_ms > $2;

-- name: PasswordResetByID :one
SELECT * FROM password_resets WHERE id = $1;

-- name: PasswordResetByHash :one
SELECT r.*, t.expires_ms AS token_expires_ms, CAST(COALESCE(u.name, '') AS TEXT) AS user_name
FROM password_reset_tokens t JOIN password_resets r ON r.id = t.reset_id LEFT JOIN users u ON u.id = r.user_id WHERE t.hash = $1;

-- name: InsertPasswordResetToken :exec
INSERT INTO password_reset_tokens (hash, reset_id, expires_ms) VALUES ($1, $2, $3);

-- name: CountPasswordResetTokens :one
SELECT count(*) FROM password_reset_tokens WHERE reset_id = $1;

-- name: SetPasswordResetUser :exec
UPDATE password_resets SET user_id = $2 WHERE id = $1;

-- name: EndPasswordResets :exec
-- All of a person; those that were asked for by mail may not know the person yet.
UPDATE password_resets SET used_ms = sqlc.arg(now_ms) WHERE (user_id = sqlc.arg(user_id) OR email = sqlc.arg(email)) AND used_ms IS NULL;

-- name: EndManagerResets :exec
-- Their links expire: nobody has used them.
UPDATE password_reset_tokens SET expires_ms = sqlc.arg(now_ms) WHERE expires_ms > sqlc.arg(now_ms)
  AND reset_id IN (SELECT id FROM password_resets WHERE user_id = sqlc.arg(user_id) AND origin <> 'mail' AND used_ms IS NULL);

-- name: DeleteOldPasswordResets :exec
DELETE FROM password_resets WHERE expires_ms <= $1;

-- name: ResetPassword :execrows
UPDATE users SET password_hash = $2 WHERE id = $1;

-- name: DeleteTokensOfUser :many
DELETE FROM tokens WHERE user_id = $1 RETURNING name;

-- name: InsertAccountMail :exec
INSERT INTO account_mails (id, kind, reset_id, base_url, created_ms, due_ms, tries, failure) VALUES ($1, $2, $3, $4, $5, $5, 0, '');

-- name: DueAccountMails :many
SELECT m.id, m.kind, m.tries, m.base_url, m.reset_id, r.origin, r.email, r.network, r.created_by, r.expires_ms, r.used_ms,
  CAST(COALESCE(u.name, '') AS TEXT) AS maker_name
FROM account_mails m JOIN password_resets r ON r.id = m.reset_id LEFT JOIN users u ON u.id = r.created_by
WHERE m.sent_ms IS NULL AND m.failed_ms IS NULL AND m.due_ms <= sqlc.arg(now_ms) ORDER BY m.due_ms, m.id LIMIT sqlc.arg(page_size);

-- name: AccountMailSent :exec
UPDATE account_mails SET sent_ms = $2, failure = '' WHERE id = $1;

-- name: AccountMailFailed :exec
UPDATE account_mails SET tries = tries + 1, failure = $2, due_ms = $3, failed_ms = $4 WHERE id = $1;

-- name: EndAccountMail :exec
UPDATE account_mails SET failure = $2, failed_ms = $3 WHERE id = $1;

-- name: LastAccountMailFailure :many
SELECT failure FROM account_mails WHERE failure <> '' AND sent_ms IS NULL AND failed_ms IS NULL ORDER BY due_ms DESC LIMIT 1;
