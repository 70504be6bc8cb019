-- name: CountFailedSteps :many
SELECT step, count(*) AS failed FROM step_runs WHERE state = 'failed' GROUP BY step;

-- name: CountOutbox :one
SELECT count(*) FROM outbox;

-- name: CountDueMails :one
SELECT count(*) FROM mails m JOIN invites i ON i.id = m.invite_id
WHERE m.sent_ms IS NULL AND m.failed_ms IS NULL AND m.due_ms <= $1 AND i.revoked_ms IS NULL AND i.expires_ms > $1 AND i.uses < i.max_uses;

-- name: CountDueDeliveries :many
SELECT channel, count(*) AS due FROM deliveries WHERE done_ms IS NULL AND due_ms <= $1 GROUP BY channel;
