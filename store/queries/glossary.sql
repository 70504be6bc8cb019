-- name: GlossaryOf :one
SELECT * FROM glossaries WHERE workspace_id = $1;

-- name: InsertGlossary :execrows
INSERT INTO glossaries (workspace_id, entries, version, updated_ms) VALUES ($1, $2, 1, $3) ON CONFLICT (workspace_id) DO NOTHING;

-- name: UpdateGlossary :execrows
UPDATE glossaries SET entries = $2, version = version + 1, updated_ms = $3 WHERE workspace_id = $1 AND version = $4;

-- name: InsertCorrection :exec
INSERT INTO corrections (id, workspace_id, clip_id, edit_id, user_id, heard, written, undone, dismissed, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE, FALSE, $8);

-- name: UndoCorrections :exec
UPDATE corrections SET undone = $2 WHERE edit_id = $1;

-- name: CorrectionsOf :many
SELECT heard, written, count(CASE WHEN undone = FALSE THEN 1 END) AS times FROM corrections WHERE workspace_id = $1 AND user_id = $2
  GROUP BY heard, written HAVING count(CASE WHEN undone = FALSE THEN 1 END) >= 2 AND count(CASE WHEN dismissed THEN 1 END) = 0 ORDER BY times DESC, heard, written LIMIT 50;

-- name: DismissCorrection :execrows
UPDATE corrections SET dismissed = TRUE WHERE workspace_id = $1 AND user_id = $2 AND heard = $3 AND written = $4;

-- name: TrimCorrections :exec
DELETE FROM corrections WHERE dismissed = FALSE AND created_ms < $1;

-- name: PutQuietRanges :exec
INSERT INTO quiet (clip_id, ranges) VALUES ($1, $2) ON CONFLICT (clip_id) DO UPDATE SET ranges = excluded.ranges;

-- name: QuietRangesOfClip :one
SELECT ranges FROM quiet WHERE clip_id = $1;
