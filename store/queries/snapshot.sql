-- name: InsertCounter :exec
INSERT INTO counters (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING;

-- name: Counter :one
SELECT value FROM counters WHERE name = $1;

-- name: CountClips :one
SELECT count(*) FROM clips;

-- name: BytesOfObjects :one
SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM (
  SELECT bytes FROM segments
  UNION ALL SELECT bytes FROM assets
  UNION ALL SELECT bytes FROM link_assets
  UNION ALL SELECT size FROM parts
) AS objects;
