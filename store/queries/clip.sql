-- name: InsertClip :exec
INSERT INTO clips (id, workspace_id, channel_id, author_id, kind, title, title_fold, description, tags, visibility, reply_to, language, state, failure,
  ended_early, at_risk, created_ms, tracks, report, media_attempt, index_version, version, answers)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'recording', '', FALSE, FALSE, $13, '[]', '{}', 0, 0, 1, $14);

-- name: ClipByID :one
SELECT c.*, u.name AS author_name, u.avatar AS author_avatar,
  (SELECT count(*) FROM comments m WHERE m.clip_id = c.id AND m.deleted_ms IS NULL AND m.hidden_ms IS NULL) AS comment_count,
  (SELECT count(*) FROM reactions x WHERE x.clip_id = c.id AND x.comment_id = '') AS reaction_count,
  (SELECT count(*) FROM views v WHERE v.clip_id = c.id AND v.viewer <> c.author_id) AS view_count,
  CAST(COALESCE((SELECT p.offset_bytes FROM uploads p WHERE p.clip_id = c.id), 0) AS BIGINT) AS bytes
FROM clips c JOIN users u ON u.id = c.author_id WHERE c.id = $1;

-- name: PageClips :many
SELECT c.*, u.name AS author_name, u.avatar AS author_avatar,
  (SELECT count(*) FROM comments m WHERE m.clip_id = c.id AND m.deleted_ms IS NULL AND m.hidden_ms IS NULL) AS comment_count,
  (SELECT count(*) FROM reactions x WHERE x.clip_id = c.id AND x.comment_id = '') AS reaction_count,
  (SELECT count(*) FROM views v WHERE v.clip_id = c.id AND v.viewer <> c.author_id) AS view_count,
  CAST(COALESCE((SELECT p.offset_bytes FROM uploads p WHERE p.clip_id = c.id), 0) AS BIGINT) AS bytes
FROM clips c JOIN users u ON u.id = c.author_id
WHERE c.workspace_id = sqlc.arg(workspace_id) AND c.answers = ''
  AND (c.created_ms, c.id) < (CAST(sqlc.arg(before_ms) AS BIGINT), CAST(sqlc.arg(before_id) AS TEXT))
  AND (c.author_id = sqlc.arg(viewer_id)
    OR (c.trashed_ms IS NULL AND c.visibility = 'workspace' AND CAST(sqlc.arg(sees_workspace) AS BOOLEAN))
    OR (c.trashed_ms IS NULL AND c.visibility = 'channel' AND (EXISTS (SELECT 1 FROM channel_members x WHERE x.channel_id = c.channel_id AND x.user_id = sqlc.arg(viewer_id))
      OR (CAST(sqlc.arg(sees_workspace) AS BOOLEAN) AND EXISTS (SELECT 1 FROM channels h WHERE h.id = c.channel_id AND h.kind = 'open'))))
    OR (c.trashed_ms IS NOT NULL AND CAST(sqlc.arg(sees_trash) AS BOOLEAN)))
  AND (CAST(sqlc.arg(trashed) AS BOOLEAN) = (c.trashed_ms IS NOT NULL))
  AND (CAST(sqlc.arg(channel_id) AS TEXT) = '' OR c.channel_id = sqlc.arg(channel_id))
  AND (CAST(sqlc.arg(author_id) AS TEXT) = '' OR c.author_id = sqlc.arg(author_id))
  AND (CAST(sqlc.arg(kind) AS TEXT) = '' OR c.kind = sqlc.arg(kind))
  AND (CAST(sqlc.arg(state) AS TEXT) = '' OR c.state = sqlc.arg(state))
  AND (CAST(sqlc.arg(tags) AS TEXT) = '' OR EXISTS (SELECT 1 FROM json_each(CAST(c.tags AS TEXT)) t WHERE t.value IN (SELECT s.value FROM json_each(CAST(sqlc.arg(tags) AS TEXT)) s)))
  AND (CAST(sqlc.arg(title_has) AS TEXT) = '' OR c.title_fold LIKE sqlc.arg(title_has) ESCAPE '!')
ORDER BY c.created_ms DESC, c.id DESC
LIMIT sqlc.arg(page_size);

-- name: TagsOfWorkspace :many
SELECT DISTINCT CAST(t.value AS TEXT) AS tag FROM clips c, json_each(CAST(c.tags AS TEXT)) t
WHERE c.workspace_id = $1 AND CAST(c.tags AS TEXT) <> '[]';

-- name: UpdateClip :execrows
UPDATE clips SET title = $2, title_fold = $3, description = $4, tags = $5, visibility = $6, channel_id = $7, language = $8, version = version + 1
WHERE id = $1 AND version = $9;

-- name: SetClipState :exec
UPDATE clips SET state = $2, failure = $3, version = version + 1 WHERE id = $1 AND (state <> $2 OR failure <> $3);

-- name: SetClipRecorded :exec
UPDATE clips SET recorded_ms = $2, ended_early = $3, at_risk = FALSE, version = version + 1 WHERE id = $1 AND recorded_ms IS NULL;

-- name: ReopenClip :exec
UPDATE clips SET recorded_ms = NULL, ended_early = FALSE, at_risk = FALSE, version = version + 1 WHERE id = $1;

-- name: SetClipAtRisk :execrows
UPDATE clips SET at_risk = $2, version = version + 1 WHERE id = $1 AND at_risk <> $2;

-- name: SetClipMedia :exec
UPDATE clips SET duration_ms = $2, width = $3, height = $4, tracks = $5, report = $6, media_attempt = $7, version = version + 1 WHERE id = $1;

-- name: SetClipTracks :exec
UPDATE clips SET tracks = $2 WHERE id = $1;

-- name: ShowMediaAttempt :exec
UPDATE clips SET media_attempt = $2, version = version + 1 WHERE id = $1;

-- name: SetClipLanguage :exec
UPDATE clips SET language = $2 WHERE id = $1 AND language = '';

-- name: SetTrashed :execrows
UPDATE clips SET trashed_ms = $2, version = version + 1 WHERE id = $1;

-- name: DeleteClip :execrows
DELETE FROM clips WHERE id = $1;

-- name: ClipsTrashedBefore :many
SELECT id FROM clips WHERE trashed_ms < CAST(sqlc.arg(before_ms) AS BIGINT) ORDER BY id LIMIT sqlc.arg(page_size);

-- name: ClipIDsAfter :many
SELECT id FROM clips WHERE id > $1 ORDER BY id LIMIT $2;

-- name: ClipAccessByID :one
SELECT id, workspace_id, channel_id, author_id, visibility, CAST((trashed_ms IS NOT NULL) AS BOOLEAN) AS trashed, answers FROM clips WHERE id = $1;

-- name: UnsentClips :many
-- Clips without an upload that are to be marked at risk or trashed, oldest first.
SELECT c.id, c.workspace_id, c.created_ms FROM clips c
WHERE c.state = 'recording' AND c.trashed_ms IS NULL
  AND (c.created_ms <= CAST(sqlc.arg(trash_before_ms) AS BIGINT) OR c.created_ms <= CAST(sqlc.arg(risk_before_ms) AS BIGINT) AND NOT c.at_risk)
  AND NOT EXISTS (SELECT 1 FROM uploads u WHERE u.clip_id = c.id)
ORDER BY c.created_ms LIMIT sqlc.arg(page_size);
