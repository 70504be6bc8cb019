-- name: CountUsers :one
SELECT count(*) FROM users;

-- name: InsertUser :exec
INSERT INTO users (id, email, name, password_hash, time_zone, prefs, created_ms, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 1);

-- name: UserByID :one
SELECT * FROM users WHERE id = $1;

-- name: AuthorsByID :many
SELECT id, name, avatar FROM users WHERE id IN (SELECT value FROM json_each(CAST(sqlc.arg(ids_json) AS TEXT)));

-- name: UserByEmail :one
SELECT * FROM users WHERE email = $1;

-- name: UpdateUser :execrows
UPDATE users SET name = $2, time_zone = $3, prefs = $4, version = version + 1 WHERE id = $1 AND version = $5;

-- name: InsertToken :exec
INSERT INTO tokens (id, user_id, name, scope, hash, created_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: TokensOfUser :many
SELECT * FROM tokens WHERE user_id = $1 ORDER BY id DESC;

-- name: TokenByHash :one
SELECT * FROM tokens WHERE hash = $1;

-- name: TouchToken :exec
UPDATE tokens SET last_used_ms = $2 WHERE id = $1;

-- name: DeleteToken :many
DELETE FROM tokens WHERE id = $1 AND user_id = $2 RETURNING name;

-- name: IdempotencyByKey :one
SELECT * FROM idempotency WHERE user_id = $1 AND idem_key = $2 AND created_ms > $3;

-- name: PutIdempotency :exec
INSERT INTO idempotency (user_id, idem_key, request_hash, status, body, created_ms) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (user_id, idem_key) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status, body = excluded.body, created_ms = excluded.created_ms;

-- name: ClaimIdempotency :execrows
-- An expired key may be claimed again.
INSERT INTO idempotency (user_id, idem_key, request_hash, status, body, created_ms)
VALUES (sqlc.arg(user_id), sqlc.arg(idem_key), sqlc.arg(request_hash), sqlc.arg(status), sqlc.arg(body), sqlc.arg(created_ms))
ON CONFLICT (user_id, idem_key) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status, body = excluded.body, created_ms = excluded.created_ms
WHERE idempotency.created_ms <= CAST(sqlc.arg(expired_ms) AS BIGINT);

-- name: DeleteOldIdempotency :exec
DELETE FROM idempotency WHERE created_ms <= $1;

-- name: SetAvatar :execrows
UPDATE users SET avatar = $2, version = version + 1 WHERE id = $1;

-- name: ShareWorkspace :one
SELECT count(*) FROM members a JOIN members b ON b.workspace_id = a.workspace_id WHERE a.user_id = $1 AND b.user_id = $2;

-- name: AvatarsAfter :many
SELECT id, avatar FROM users WHERE id > $1 AND avatar <> '' ORDER BY id LIMIT $2;

-- name: UsersAfter :many
SELECT * FROM users WHERE id > $1 ORDER BY id LIMIT $2;
