-- name: PutRendition :exec
INSERT INTO renditions (clip_id, attempt, name, kind, codecs, width, height, bandwidth, init_key, complete) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (clip_id, attempt, name) DO UPDATE SET codecs = excluded.codecs, width = excluded.width, height = excluded.height, bandwidth = excluded.bandwidth,
  init_key = excluded.init_key, complete = excluded.complete;

-- name: RenditionsOf :many
SELECT * FROM renditions WHERE clip_id = $1 AND attempt = $2 ORDER BY kind DESC, height DESC, name;

-- name: CompleteRenditions :exec
UPDATE renditions SET complete = TRUE WHERE clip_id = $1 AND attempt = $2;

-- name: InsertSegment :exec
INSERT INTO segments (clip_id, attempt, rendition, seq, duration_us, bytes, key) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: SegmentsOf :many
SELECT * FROM segments WHERE clip_id = $1 AND attempt = $2 AND rendition = $3 ORDER BY seq;

-- name: SegmentBySeq :one
SELECT * FROM segments WHERE clip_id = $1 AND attempt = $2 AND rendition = $3 AND seq = $4;

-- name: OldSegmentKeys :many
SELECT key FROM segments WHERE segments.clip_id = $1 AND segments.attempt < $2
UNION ALL SELECT init_key FROM renditions WHERE renditions.clip_id = $1 AND renditions.attempt < $2 AND init_key <> '';

-- name: DeleteOldSegments :exec
DELETE FROM segments WHERE clip_id = $1 AND attempt < $2;

-- name: DeleteOldRenditions :exec
DELETE FROM renditions WHERE clip_id = $1 AND attempt < $2;

-- name: PutAsset :exec
INSERT INTO assets (clip_id, name, attempt, content_type, bytes, key, sums) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (clip_id, name) DO UPDATE SET attempt = excluded.attempt, content_type = excluded.content_type, bytes = excluded.bytes, key = excluded.key, sums = excluded.sums;

-- name: AssetByName :one
SELECT * FROM assets WHERE clip_id = $1 AND name = $2;

-- name: AssetsOf :many
SELECT * FROM assets WHERE clip_id = $1 ORDER BY name;

-- name: KeysOfClip :many
SELECT key FROM segments WHERE segments.clip_id = $1
UNION ALL SELECT init_key FROM renditions WHERE renditions.clip_id = $1 AND init_key <> ''
UNION ALL SELECT key FROM assets WHERE assets.clip_id = $1
UNION ALL SELECT key FROM link_assets WHERE link_assets.clip_id = $1
UNION ALL SELECT key FROM parts WHERE parts.clip_id = $1;
