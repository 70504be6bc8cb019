package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/riverqueue/river"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// Tx is an open transaction: all queries, jobs that commit with it and events
// that are published after it. It belongs to one goroutine.
type Tx struct {
	*dbq.Queries
	sql   *sql.Tx
	river *river.Client[*sql.Tx]
	after *afterCommit
	now   time.Time
	// deliveryChannels are those that notifications go out by.
	deliveryChannels []tidings.DeliveryChannel
}

// afterCommit is what happens once the transaction is committed.
type afterCommit struct {
	events  []tidings.Event
	indexed bool // the outbox has grown
}

// nowMS is when the transaction began, in Unix milliseconds.
func (t Tx) nowMS() int64 { return tidings.Millis(t.now) }

// Publish sends e after the commit.
func (t Tx) Publish(e tidings.Event) { t.after.events = append(t.after.events, e) }

// publishClipUpdated has pages load the clip's own fields and access again.
func (t Tx) publishClipUpdated(ws, clip tidings.ID) {
	t.Publish(tidings.Event{Type: tidings.EventClipUpdated, WorkspaceID: ws, ClipID: clip})
}

// publishClipStep says that a step of the clip, or its progress, has changed.
func (t Tx) publishClipStep(ws, clip tidings.ID) {
	t.Publish(tidings.Event{Type: tidings.EventClipStep, WorkspaceID: ws, ClipID: clip})
}

// Enqueue adds a job that exists once the transaction is committed.
func (t Tx) Enqueue(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) error {
	_, err := t.river.InsertTx(ctx, t.sql, args, opts)
	return err
}

// hasQueuedJob reports whether a job for the step waits to be run. (One that is
// running does not count: it may be the one that has lost its lease.)
func (t Tx) hasQueuedJob(ctx context.Context, job tidings.StepJob) (bool, error) {
	args, err := json.Marshal(job) // River stores it as JSONB
	if err != nil {
		return false, err
	}
	var n int
	err = t.sql.QueryRowContext(ctx, `SELECT count(*) FROM river_job WHERE kind = $1 AND json(args) = json($2)
		AND state IN ('available', 'pending', 'retryable', 'scheduled')`, job.Kind(), string(args)).Scan(&n)
	return n > 0, err
}

// InTx runs fn in one write transaction: rows and jobs commit together. There is
// one writer connection, so fn must be short (no S3, no HTTP) and may use only
// tx: any other use of the database would wait for this transaction for ever. The
// Idempotency-Key that ctx carries is stored with the change.
func (s *database) InTx(ctx context.Context, fn func(Tx) error) error {
	tx, err := s.w.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // a no-op after the commit

	var then afterCommit
	t := Tx{Queries: dbq.New(tx), sql: tx, river: s.river, after: &then, now: s.clock(), deliveryChannels: s.deliveryChannels}
	if err := t.claimIdempotencyKey(ctx); err != nil {
		return err
	}
	if err := fn(t); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}

	for _, e := range then.events {
		s.hub.publishEvent(e)
	}

	if then.indexed {
		select {
		case s.wake <- struct{}{}:
		default: // a wake-up is pending already
		}
	}

	return nil
}

// tryWrite writes what a read leaves behind, such as when a token was used. A
// write that fails is logged: reading goes on while the disk is full.
func (s *database) tryWrite(ctx context.Context, failed string, fn func(Tx) error) {
	if err := s.InTx(ctx, fn); err != nil && ctx.Err() == nil {
		s.log.Warn(failed, "error", err)
	}
}
