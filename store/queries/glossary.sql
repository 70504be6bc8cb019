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
SELECT c.heard, c.written, count(*) AS times FROM corrections c WHERE c.workspace_id = $1 AND c.user_id = $2 AND c.undone = FALSE
  AND NOT EXISTS (SELECT 1 FROM corrections d WHERE d.workspace_id = c.workspace_id AND d.user_id = c.user_id AND d.heard = c.heard AND d.written = c.written AND d.dismissed)
  GROUP BY c.heard, c.written HAVING count(*) >= 2 ORDER BY times DESC, c.heard, c.written LIMIT 50;

-- name: DismissCorrection :execrows
UPDATE corrections SET dismissed = TRUE WHERE workspace_id = $1 AND user_id = $2 AND heard = $3 AND written = $4;

-- name: TrimCorrections :exec
DELETE FROM corrections WHERE dismissed = FALSE AND created_ms < $1;

-- name: PutQuietRanges :exec
INSERT INTO quiet (clip_id, ranges) VALUES ($1, $2) ON CONFLICT (clip_id) DO UPDATE SET ranges = excluded.ranges;

-- name: QuietRangesOfClip :one
SELECT ranges FROM quiet WHERE clip_id = $1;
