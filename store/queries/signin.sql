-- name: SessionByToken :one
SELECT id, user_id, data, seen_ms FROM sessions WHERE token = $1 AND expiry_ms > $2;

-- name: InsertSession :exec
INSERT INTO sessions (token, id, user_id, data, method, agent, network, created_ms, seen_ms, expiry_ms)
VALUES (sqlc.arg(token), sqlc.arg(id), sqlc.arg(user_id), sqlc.arg(data), sqlc.arg(method), sqlc.arg(agent), sqlc.arg(network), sqlc.arg(now_ms), sqlc.arg(now_ms), sqlc.arg(expiry_ms));

-- name: UpdateSession :execrows
UPDATE sessions SET data = $2, expiry_ms = $3 WHERE token = $1;

-- name: TouchSession :exec
UPDATE sessions SET seen_ms = $2, network = $3 WHERE token = $1;

-- name: SessionsOfUser :many
SELECT id, token, method, agent, network, created_ms, seen_ms, expiry_ms FROM sessions WHERE user_id = $1 AND expiry_ms > $2 ORDER BY seen_ms DESC, id DESC;

-- name: DeleteSession :many
DELETE FROM sessions WHERE token = $1 RETURNING id, user_id;

-- name: DeleteSessionOfUser :execrows
DELETE FROM sessions WHERE id = $1 AND user_id = $2;

-- name: DeleteOtherSessions :execrows
DELETE FROM sessions WHERE user_id = sqlc.arg(user_id) AND token <> sqlc.arg(keep);

-- name: DeleteOldSessions :exec
DELETE FROM sessions WHERE expiry_ms <= $1;

-- name: SetPassword :execrows
UPDATE users SET password_hash = sqlc.arg(hash) WHERE id = sqlc.arg(id) AND password_hash = sqlc.arg(was);

-- name: InsertPasskey :exec
INSERT INTO passkeys (id, user_id, credential_id, rp_id, name, record, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: PasskeysOfUser :many
SELECT * FROM passkeys WHERE user_id = $1 ORDER BY id;

-- name: PasskeyByCredential :one
SELECT * FROM passkeys WHERE credential_id = $1;

-- name: UsePasskey :exec
UPDATE passkeys SET record = $2, used_ms = $3, suspect_ms = $4 WHERE id = $1;

-- name: RenamePasskey :execrows
UPDATE passkeys SET name = $3 WHERE id = $1 AND user_id = $2;

-- name: DeletePasskey :many
DELETE FROM passkeys WHERE id = $1 AND user_id = $2 RETURNING name;

-- name: InsertIdentity :exec
INSERT INTO identities (id, user_id, issuer, subject, email, created_ms, used_ms) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: IdentityBySubject :one
SELECT * FROM identities WHERE issuer = $1 AND subject = $2;

-- name: IdentitiesOfUser :many
SELECT * FROM identities WHERE user_id = $1 ORDER BY id;

-- name: UseIdentity :exec
UPDATE identities SET email = $2, used_ms = $3 WHERE id = $1;

-- name: DeleteIdentity :many
DELETE FROM identities WHERE id = $1 AND user_id = $2 RETURNING issuer, email;

-- name: CountSignInMethods :one
SELECT (SELECT count(*) FROM users u WHERE u.id = sqlc.arg(user_id) AND u.password_hash <> '') AS passwords,
  (SELECT count(*) FROM passkeys p WHERE p.user_id = sqlc.arg(user_id) AND p.rp_id = sqlc.arg(rp_id)) AS passkeys,
  (SELECT count(*) FROM identities i WHERE i.user_id = sqlc.arg(user_id) AND i.issuer = sqlc.arg(issuer)) AS identities;

-- name: InsertCeremony :exec
INSERT INTO ceremonies (id, kind, user_id, browser, data, expires_ms) VALUES ($1, $2, $3, $4, $5, $6);

-- name: TakeCeremony :one
DELETE FROM ceremonies WHERE id = $1 AND kind = $2 RETURNING *;

-- name: DeleteOldCeremonies :exec
DELETE FROM ceremonies WHERE expires_ms <= $1;

-- name: FirstWorkspace :one
SELECT id FROM workspaces ORDER BY id LIMIT 1;
