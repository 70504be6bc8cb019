-- name: InsertUpload :exec
INSERT INTO uploads (id, clip_id, workspace_id, user_id, length, offset_bytes, filename, filetype, metadata, fence, ended_early, aborted, idle_since_ms, expires_ms, created_ms)
VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, 0, FALSE, FALSE, $9, $10, $11);

-- name: UploadByID :one
SELECT * FROM uploads WHERE id = $1;

-- name: UploadByClip :one
SELECT * FROM uploads WHERE clip_id = $1;

-- name: FenceUpload :one
UPDATE uploads SET fence = fence + 1 WHERE id = $1 RETURNING *;

-- name: AdvanceUpload :one
UPDATE uploads SET offset_bytes = offset_bytes + sqlc.arg(size), parts = parts + 1, idle_since_ms = sqlc.arg(now_ms), expires_ms = sqlc.arg(expires_ms)
WHERE id = sqlc.arg(id) AND offset_bytes = sqlc.arg(at) AND fence = sqlc.arg(fence) AND sealed_ms IS NULL AND NOT aborted RETURNING *;

-- name: RenewUpload :one
UPDATE uploads SET idle_since_ms = sqlc.arg(now_ms), expires_ms = sqlc.arg(expires_ms)
WHERE id = sqlc.arg(id) AND fence = sqlc.arg(fence) AND sealed_ms IS NULL AND NOT aborted RETURNING *;

-- name: InsertPart :exec
INSERT INTO parts (upload_id, offset_bytes, clip_id, size, key, sums) VALUES ($1, $2, $3, $4, $5, $6);

-- name: SetUploadLength :execrows
UPDATE uploads SET length = $2 WHERE id = $1 AND sealed_ms IS NULL AND (length IS NULL OR length = $2) AND offset_bytes <= $2;

-- name: SealUpload :execrows
UPDATE uploads SET sealed_ms = $2, ended_early = $3, length = offset_bytes WHERE id = $1 AND sealed_ms IS NULL;

-- name: AbortUpload :execrows
UPDATE uploads SET aborted = TRUE, sealed_ms = $2, fence = fence + 1 WHERE id = $1 AND sealed_ms IS NULL;

-- name: PartsFrom :many
SELECT * FROM parts WHERE clip_id = $1 AND offset_bytes + size > CAST(sqlc.arg(from_byte) AS BIGINT) ORDER BY offset_bytes LIMIT sqlc.arg(page_size);

-- name: CountParts :one
SELECT count(*) FROM parts WHERE clip_id = $1;

-- name: DeleteParts :exec
DELETE FROM parts WHERE clip_id = $1;

-- name: IdleUploads :many
SELECT * FROM uploads WHERE sealed_ms IS NULL AND idle_since_ms < $1 ORDER BY idle_since_ms LIMIT $2;

-- name: WorkspaceBytes :one
SELECT CAST(COALESCE(sum(offset_bytes), 0) AS BIGINT) AS total FROM uploads WHERE workspace_id = $1 AND NOT aborted;

-- name: PutStaleObject :exec
INSERT INTO stale_objects (key, since_ms) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING;

-- name: StaleObjectsBefore :many
SELECT key FROM stale_objects WHERE since_ms < $1 ORDER BY since_ms, key LIMIT $2;

-- name: DeleteStaleObject :exec
DELETE FROM stale_objects WHERE key = $1;

-- name: UncompactedOriginals :many
SELECT DISTINCT uploads.clip_id FROM parts JOIN uploads ON uploads.id = parts.upload_id
WHERE uploads.sealed_ms < CAST(sqlc.arg(before_ms) AS BIGINT) AND NOT uploads.aborted
  AND NOT EXISTS (SELECT 1 FROM damaged_objects JOIN parts AS damaged ON damaged.key = damaged_objects.key WHERE damaged.clip_id = uploads.clip_id)
ORDER BY uploads.clip_id LIMIT sqlc.arg(page_size);

-- name: ReopenUpload :one
UPDATE uploads SET sealed_ms = NULL, length = NULL, ended_early = FALSE, fence = fence + 1, continued_bytes = offset_bytes, continuations = continuations + 1,
  idle_since_ms = sqlc.arg(now_ms), expires_ms = sqlc.arg(expires_ms)
WHERE id = sqlc.arg(id) AND sealed_ms IS NOT NULL AND NOT aborted RETURNING *;

-- name: RevertUpload :one
UPDATE uploads SET sealed_ms = sqlc.arg(now_ms), offset_bytes = continued_bytes, length = continued_bytes, fence = fence + 1, ended_early = FALSE
WHERE id = sqlc.arg(id) AND sealed_ms IS NULL AND continuations = sqlc.arg(number) AND continued_bytes > 0 RETURNING *;

-- name: DeletePartsFrom :exec
DELETE FROM parts WHERE clip_id = $1 AND offset_bytes >= $2;
