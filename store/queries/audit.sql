-- name: InsertAudit :exec
INSERT INTO audit (id, workspace_id, actor_id, action, target, detail, network, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: AuditPage :many
SELECT a.*, COALESCE(u.name, '') AS actor_name
FROM audit a LEFT JOIN users u ON u.id = a.actor_id
WHERE a.workspace_id = sqlc.arg(workspace_id) AND a.id < sqlc.arg(before)
  AND (sqlc.arg(actor_id) = '' OR a.actor_id = sqlc.arg(actor_id))
  AND (sqlc.arg(action) = '' OR a.action = sqlc.arg(action))
ORDER BY a.id DESC
LIMIT sqlc.arg(max_rows);

-- name: DeleteOldAudit :exec
DELETE FROM audit WHERE created_ms <= $1;
