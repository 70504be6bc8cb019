-- name: ObjectsOfClip :many
SELECT key, bytes, CAST(NULL AS BYTEA) AS sums, 'segment' AS source, rendition AS name FROM segments WHERE segments.clip_id = $1
UNION ALL SELECT init_key, CAST(-1 AS BIGINT), CAST(NULL AS BYTEA), 'segment', renditions.name FROM renditions WHERE renditions.clip_id = $1 AND init_key <> ''
UNION ALL SELECT key, bytes, sums, 'asset', assets.name FROM assets WHERE assets.clip_id = $1
UNION ALL SELECT key, bytes, sums, 'link', link_assets.link_id FROM link_assets WHERE link_assets.clip_id = $1
UNION ALL SELECT key, size, sums, 'part', '' FROM parts WHERE parts.clip_id = $1;

-- name: InsertDamage :execrows
INSERT INTO damaged_objects (key, clip_id, reason, found_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING;

-- name: SetDamageRepaired :exec
UPDATE damaged_objects SET repaired_ms = $2 WHERE key = $1;

-- name: DeleteDamage :execrows
DELETE FROM damaged_objects WHERE key = $1;

-- name: DamageOfClip :many
SELECT * FROM damaged_objects WHERE clip_id = $1 ORDER BY key;

-- name: AllDamage :many
SELECT * FROM damaged_objects WHERE key > $1 ORDER BY key LIMIT $2;

-- name: CountDamage :one
SELECT count(*) FROM damaged_objects;

-- name: SetAssetSums :exec
UPDATE assets SET sums = $2 WHERE key = $1;

-- name: DeleteAsset :exec
DELETE FROM assets WHERE clip_id = $1 AND key = $2;

-- name: Scrub :one
SELECT * FROM scrubs WHERE name = $1;

-- name: PutScrub :exec
INSERT INTO scrubs (name, after_id, objects, bytes, started_ms, finished_ms) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name) DO UPDATE SET after_id = excluded.after_id, objects = excluded.objects, bytes = excluded.bytes, started_ms = excluded.started_ms, finished_ms = excluded.finished_ms;

-- name: UnrepairedDamage :many
SELECT * FROM damaged_objects WHERE repaired_ms IS NULL AND clip_id IS NOT NULL AND key NOT LIKE '%/parts/%' AND key NOT LIKE '%/source/%' ORDER BY key LIMIT $1;
