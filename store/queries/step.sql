-- name: InsertStep :exec
INSERT INTO step_runs (clip_id, step, state, permille, failure, attempt, worker_id, lease_until_ms) VALUES ($1, $2, $3, 0, '', 0, '', 0);

-- name: StepsOfClip :many
SELECT * FROM step_runs WHERE clip_id = $1;

-- name: StepsOfClips :many
SELECT * FROM step_runs WHERE clip_id IN (SELECT value FROM json_each(CAST(sqlc.arg(ids_json) AS TEXT)));

-- name: StepOfClip :one
SELECT * FROM step_runs WHERE clip_id = $1 AND step = $2;

-- name: AcquireStep :execrows
UPDATE step_runs SET state = 'running', attempt = attempt + 1, worker_id = sqlc.arg(worker_id), lease_until_ms = sqlc.arg(until_ms), permille = 0, failure = ''
WHERE clip_id = sqlc.arg(clip_id) AND step = sqlc.arg(step)
  AND (state = 'waiting' OR (state IN ('running', 'done') AND lease_until_ms > 0 AND lease_until_ms < sqlc.arg(now_ms)));

-- name: RenewStep :execrows
UPDATE step_runs SET lease_until_ms = $4 WHERE clip_id = $1 AND step = $2 AND attempt = $3 AND state IN ('running', 'done') AND lease_until_ms > 0;

-- name: SetStepProgress :execrows
UPDATE step_runs SET permille = $4 WHERE clip_id = $1 AND step = $2 AND attempt = $3 AND state = 'running';

-- name: CompleteStep :execrows
UPDATE step_runs SET state = 'done', failure = '', permille = 1000 WHERE clip_id = $1 AND step = $2 AND attempt = $3 AND state = 'running';

-- name: FinishStep :one
UPDATE step_runs SET
  failure = CASE WHEN state = 'running' OR step = 'transcribe' AND CAST(sqlc.arg(state) AS TEXT) = 'failed' THEN CAST(sqlc.arg(failure) AS TEXT) ELSE failure END,
  permille = CASE WHEN state = 'running' THEN CAST(sqlc.arg(permille) AS BIGINT) ELSE permille END,
  state = CASE WHEN state = 'running' THEN CAST(sqlc.arg(state) AS TEXT) ELSE state END,
  lease_until_ms = 0
WHERE clip_id = sqlc.arg(clip_id) AND step = sqlc.arg(step) AND attempt = sqlc.arg(attempt) AND state IN ('running', 'done') AND lease_until_ms > 0
RETURNING state;

-- name: ReleaseStep :execrows
UPDATE step_runs SET
  lease_until_ms = CASE WHEN state = 'running' THEN 0 ELSE 1 END,
  permille = CASE WHEN state = 'running' THEN 0 ELSE permille END,
  failure = CASE WHEN state = 'running' THEN CAST(sqlc.arg(reason) AS TEXT) ELSE failure END,
  state = CASE WHEN state = 'running' THEN 'waiting' ELSE state END
WHERE clip_id = sqlc.arg(clip_id) AND step = sqlc.arg(step) AND attempt = sqlc.arg(attempt) AND state IN ('running', 'done') AND lease_until_ms > 0;

-- name: HoldStep :execrows
UPDATE step_runs SET failure = sqlc.arg(reason)
WHERE clip_id = sqlc.arg(clip_id) AND step = sqlc.arg(step) AND state = 'waiting' AND failure <> sqlc.arg(reason);

-- name: SetStep :exec
UPDATE step_runs SET state = $3, failure = $4, permille = $5, lease_until_ms = 0 WHERE clip_id = $1 AND step = $2;

-- name: ExpiredSteps :many
SELECT * FROM step_runs WHERE state IN ('running', 'done') AND lease_until_ms > 0 AND lease_until_ms < $1 ORDER BY lease_until_ms LIMIT $2;

-- name: ReleaseLeases :execrows
UPDATE step_runs SET lease_until_ms = 1 WHERE state IN ('running', 'done') AND lease_until_ms > 1;

-- name: ReleaseLeasesOf :execrows
UPDATE step_runs SET lease_until_ms = 1 WHERE state IN ('running', 'done') AND lease_until_ms > 1 AND worker_id = $1;

-- name: CountActiveWaiters :one
SELECT count(*) FROM (
  SELECT 1 AS one FROM uploads AS silent
  JOIN step_runs ON step_runs.step = sqlc.arg(step) AND step_runs.state = 'waiting'
  JOIN uploads AS other ON other.clip_id = step_runs.clip_id
  WHERE silent.clip_id = sqlc.arg(clip_id) AND silent.sealed_ms IS NULL AND silent.idle_since_ms < CAST(sqlc.arg(before_ms) AS BIGINT)
    AND other.clip_id <> silent.clip_id AND other.offset_bytes > 0 AND NOT other.aborted
    AND (other.sealed_ms IS NOT NULL OR other.idle_since_ms >= CAST(sqlc.arg(before_ms) AS BIGINT))
  LIMIT 1) AS found;
