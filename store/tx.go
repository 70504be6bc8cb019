package store

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"tidings.example/tidings/store/dbq"
	"tidings.example/tidings/tidings"
)

// Tx is an open transaction: all queries, jobs that commit with it and events
// that are published after it. It belongs to one goroutine.
type Tx struct {
	*dbq.Queries
	write  writeTx
	engine engine
	after  *afterCommit
	now    time.Time
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
	return t.write.enqueueJob(ctx, args, opts)
}

// hasQueuedJob reports whether a job for the step waits to be run. (One that is
// running does not count: it may be the one that has lost its lease.)
func (t Tx) hasQueuedJob(ctx context.Context, job tidings.StepJob) (bool, error) {
	var n int
	err := t.write.QueryRowContext(ctx, `SELECT count(*) FROM river_job WHERE kind = $1 AND args ->> 'clip_id' = $2 AND args ->> 'step' = $3
		AND state IN ('available', 'pending', 'retryable', 'scheduled')`, job.Kind(), string(job.ClipID), string(job.Step)).Scan(&n)
	return n > 0, err
}

// InTx runs fn in one write transaction: rows and jobs commit together, as if no
// other transaction ran meanwhile. fn must be short (no S3, no HTTP) and may use
// only tx: on SQLite any other use of the database would wait for this transaction
// for ever. On PostgreSQL fn runs again when it met another transaction: it sets
// what it returns and changes nothing else outside. The Idempotency-Key that ctx
// carries is stored with the change.
func (s *database) InTx(ctx context.Context, fn func(Tx) error) error {
	began, last := time.Now(), repeat{}
	for n := 1; ; n++ {
		var then afterCommit
		err := s.tryTx(ctx, fn, &then, last.afterConflict)
		if err == nil {
			s.finishTx(then)
			return nil
		}

		var again bool
		if last, again = s.engine.writeAgain(err, n, time.Since(began)); !again {
			return errTooManyConflicts(err)
		}

		select {
		case <-ctx.Done():
			return err
		case <-time.After(last.pause):
		}
	}
}

// tryTx runs fn in a transaction and commits it.
func (s *database) tryTx(ctx context.Context, fn func(Tx) error, then *afterCommit, afterConflict bool) error {
	tx, err := s.engine.beginWrite(ctx, afterConflict)
	if err != nil {
		return err
	}
	defer tx.rollbackTx()

	t := Tx{Queries: dbq.New(tx), write: tx, engine: s.engine, after: then, now: s.clock(), deliveryChannels: s.deliveryChannels}
	if err := t.claimIdempotencyKey(ctx); err != nil {
		return err
	}
	if err := fn(t); err != nil {
		return err
	}
	return tx.commitTx(ctx)
}

// finishTx does what waits for a commit.
func (s *database) finishTx(then afterCommit) {
	for _, e := range then.events {
		s.hub.publishEvent(e)
	}

	if then.indexed {
		select {
		case s.wake <- struct{}{}:
		default: // a wake-up is pending already
		}
	}
}

// tryWrite writes what a read leaves behind, such as when a token was used. A
// write that fails is logged: reading goes on while the disk is full.
func (s *database) tryWrite(ctx context.Context, failed string, fn func(Tx) error) {
	if err := s.InTx(ctx, fn); err != nil && ctx.Err() == nil {
		s.log.Warn(failed, "error", err)
	}
}
