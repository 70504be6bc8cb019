-- name: InsertLink :exec
INSERT INTO links (id, clip_id, hash, access, password_hash, allow_comments, allow_download, start_ms, end_ms, expires_ms, created_by, created_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: LinksOfClip :many
SELECT * FROM links WHERE clip_id = $1 AND revoked_ms IS NULL ORDER BY id;

-- name: LinkCreatorsOfClip :many
SELECT u.id, u.name FROM users u WHERE u.id IN (SELECT created_by FROM links WHERE clip_id = $1);

-- name: LinkByHash :one
SELECT * FROM links WHERE hash = $1;

-- name: LinkByID :one
SELECT * FROM links WHERE id = $1;

-- For a missing link it returns the oldest one, as ClipAccessFor does.
-- name: LinkOrAnother :one
SELECT * FROM links WHERE id = COALESCE((SELECT x.id FROM links x WHERE x.id = $1), (SELECT y.id FROM links y ORDER BY y.id LIMIT 1));

-- name: UpdateLink :execrows
UPDATE links SET access = $2, password_hash = $3, allow_comments = $4, allow_download = $5, start_ms = $6, end_ms = $7, expires_ms = $8
WHERE id = $1 AND revoked_ms IS NULL;

-- name: RevokeLink :execrows
UPDATE links SET revoked_ms = $2 WHERE id = $1 AND revoked_ms IS NULL;

-- name: PutLinkVisit :exec
INSERT INTO link_sittings (link_id, session, seen_ms) VALUES ($1, $2, $3)
ON CONFLICT (link_id, session) DO UPDATE SET seen_ms = excluded.seen_ms;

-- name: LinkVisitsOfClip :many
SELECT s.link_id, COUNT(*) AS views, CAST(MAX(s.seen_ms) AS BIGINT) AS last_ms FROM link_sittings s JOIN links l ON l.id = s.link_id
WHERE l.clip_id = $1 GROUP BY s.link_id;

-- name: DeleteVisitsOfRevokedLinks :exec
DELETE FROM link_sittings WHERE link_id IN (SELECT id FROM links WHERE revoked_ms IS NOT NULL);

-- name: LinksWithManyVisits :many
SELECT link_id FROM link_sittings GROUP BY link_id HAVING COUNT(*) > CAST(sqlc.arg(most) AS BIGINT);

-- name: DeleteOldLinkVisits :exec
DELETE FROM link_sittings AS s WHERE s.link_id = sqlc.arg(link_id) AND s.seen_ms <= (SELECT x.seen_ms FROM link_sittings x WHERE x.link_id = sqlc.arg(link_id)
  ORDER BY x.seen_ms DESC LIMIT 1 OFFSET sqlc.arg(most));

-- name: PutLinkAsset :exec
INSERT INTO link_assets (link_id, clip_id, name, content_type, bytes, key, sums) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: LinkAssetsOfLink :many
SELECT * FROM link_assets WHERE link_id = $1 ORDER BY name;

-- name: DeleteLinkAssets :exec
DELETE FROM link_assets WHERE link_id = $1;
