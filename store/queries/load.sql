-- name: CountFailedSteps :many
SELECT step, count(*) AS failed FROM step_runs WHERE state = 'failed' OR state = 'done' AND failure <> '' GROUP BY step;

-- name: CountFailedTranscripts :one
SELECT count(*) FROM step_runs JOIN clips ON clips.id = step_runs.clip_id
WHERE step_runs.step = 'transcribe' AND step_runs.failure <> '' AND step_runs.state IN ('failed', 'done') AND clips.trashed_ms IS NULL;

-- name: FailedTranscripts :many
SELECT step_runs.clip_id, step_runs.failure FROM step_runs JOIN clips ON clips.id = step_runs.clip_id
WHERE step_runs.step = 'transcribe' AND step_runs.failure <> '' AND step_runs.state IN ('failed', 'done') AND clips.trashed_ms IS NULL
ORDER BY step_runs.clip_id DESC LIMIT $1;

-- name: CountOutbox :one
SELECT count(*) FROM outbox;

-- name: CountDueMails :one
SELECT count(*) FROM mails m JOIN invites i ON i.id = m.invite_id
WHERE m.sent_ms IS NULL AND m.failed_ms IS NULL AND m.due_ms <= $1 AND i.revoked_ms IS NULL AND i.expires_ms > $1 AND i.uses < i.max_uses;

-- name: CountDueDeliveries :many
SELECT channel, count(*) AS due FROM deliveries WHERE done_ms IS NULL AND due_ms <= $1 GROUP BY channel;
