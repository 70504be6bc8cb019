// Package jobs runs the steps of clips on River's queues, one queue a step,
// each with its own number of slots, and drains the index outbox. River does
// ordering, retries and backoff. For work that may last as long as a recording
// this package adds a lease that is renewed while a step runs, fencing of
// workers whose lease was lost, and a sweep that requeues the steps of dead
// workers.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"tidings.example/tidings/tidings"
)

// StepFunc runs one step of a clip while it holds the run's lease: ctx ends when
// the lease is lost, the clip is removed or the process stops. It may complete
// the step itself, in the transaction that stores its output, and continue with
// extras; returning nil ends it in any case. Its errors are classified by
// judgeError; see RetryAfter and Permanent.
type StepFunc func(ctx context.Context, run tidings.StepRun) error

// Rows is what the queue needs of the store.
type Rows interface {
	AcquireStep(ctx context.Context, clip tidings.ID, step tidings.Step, worker string, ttl time.Duration) (tidings.StepRun, error)
	RenewStep(ctx context.Context, run tidings.StepRun, ttl time.Duration) error
	FinishStep(ctx context.Context, run tidings.StepRun, state tidings.StepState, failure string) error
	ReleaseStep(ctx context.Context, run tidings.StepRun, reason string) error
	HoldStep(ctx context.Context, clip tidings.ID, step tidings.Step, reason string) error
	RequeueExpired(ctx context.Context) (int, error)
	RequeueLost(ctx context.Context, before time.Time) (int, error)
	ReleaseOrphans(ctx context.Context, worker string) error
	OpenQueue(cfg *river.Config) (QueueClient, error)
}

// QueueClient is River's client, whatever the database.
type QueueClient = interface {
	Start(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
}

// Config wires the queue.
type Config struct {
	Rows        Rows
	Steps       map[tidings.Step]StepFunc
	Slots       map[tidings.Step]int            // clips at once; default 1
	DrainOutbox func(ctx context.Context) error // indexes what is in the outbox; nil = not in this process
	Sweeps      []Sweep
	Wake        <-chan struct{} // the outbox has grown; may be nil
	WorkerID    string          // this process in leases and in River, the same after a restart; "" = a new id
	Log         *slog.Logger    // nil = discard

	// ShouldYield reports whether a step should leave its slot to others: its
	// recording is silent and theirs are not. It is put off, and begins again
	// from the first byte. nil = never.
	ShouldYield   func(ctx context.Context, clip tidings.ID, step tidings.Step) (bool, error)
	YieldInterval time.Duration // how often ShouldYield is called, and how long a step is put off; 0 = 3 s

	// CheckSpace returns an error of KindStorageFull while there is too little free
	// space to begin a step. nil = there always is enough.
	CheckSpace    func() error
	SpaceInterval time.Duration // how long a step is put off for want of space; 0 = 10 s

	Lease time.Duration // how long a lease lasts without renewal; 0 = tidings.LeaseTTL
	Renew time.Duration // how often a lease is renewed; 0 = tidings.LeaseRenew
}

// Jobs is the queue of one process while it runs.
type Jobs struct {
	cfg     Config
	client  QueueClient // nil = this process only answers requests
	runs    registry
	outages outageCounter
	cancel  context.CancelFunc
	done    sync.WaitGroup // sweeps and the indexer
}

// A step lasts as long as its recording. The lease detects dead workers, so
// River's own limits only have to be longer than any recording.
const (
	stepTimeout   = 26 * time.Hour
	fetchCooldown = 20 * time.Millisecond
	pollInterval  = 250 * time.Millisecond
)

// New validates the configuration and makes the queue; Start starts it.
func New(cfg Config) (*Jobs, error) {
	if cfg.Rows == nil {
		return nil, errors.New("queue: Rows are needed")
	}

	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}

	if cfg.WorkerID == "" {
		cfg.WorkerID = string(tidings.NewID(time.Now()))
	}

	if cfg.Lease == 0 || cfg.Renew == 0 {
		cfg.Lease, cfg.Renew = tidings.LeaseTTL, tidings.LeaseRenew
	}

	if cfg.YieldInterval == 0 {
		cfg.YieldInterval = yieldInterval
	}

	if cfg.SpaceInterval == 0 {
		cfg.SpaceInterval = storageFullPause
	}

	j := &Jobs{cfg: cfg}
	if len(cfg.Steps) == 0 {
		return j, nil
	}

	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &stepWorker{jobs: j}); err != nil {
		return nil, err
	}

	queues := map[string]river.QueueConfig{}
	for step := range cfg.Steps {
		queues[string(step)] = queueConfig(max(1, cfg.Slots[step]))
	}

	client, err := cfg.Rows.OpenQueue(&river.Config{
		ID: cfg.WorkerID, Logger: warningsOnly(cfg.Log), Queues: queues, Workers: workers,
		JobTimeout: stepTimeout, RescueStuckJobsAfter: stepTimeout + time.Hour,
		CompletedJobRetentionPeriod: time.Hour, RetryPolicy: retryBackoff{},
	})
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}

	j.client = client
	return j, nil
}

func queueConfig(slots int) river.QueueConfig {
	return river.QueueConfig{MaxWorkers: slots, FetchCooldown: fetchCooldown, FetchPollInterval: pollInterval}
}

// Start releases what a killed process left and starts the queue. It returns at
// once; Stop ends it.
func (j *Jobs) Start(ctx context.Context) error {
	if err := j.cfg.Rows.ReleaseOrphans(ctx, j.cfg.WorkerID); err != nil {
		return fmt.Errorf("release orphans: %w", err)
	}

	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	j.cancel = cancel
	if j.client != nil {
		if err := j.client.Start(run); err != nil {
			cancel()
			return err
		}
	}

	for _, s := range append([]Sweep{j.requeueSweep(), j.lostSweep()}, j.cfg.Sweeps...) {
		j.done.Go(func() { j.runSweep(run, s) })
	}

	if j.cfg.DrainOutbox != nil {
		j.done.Go(func() { j.drainOutbox(run) })
	}

	return nil
}

// Stop cancels the running steps, which return to the queue, and waits for them
// until ctx ends.
func (j *Jobs) Stop(ctx context.Context) error {
	if j.cancel == nil {
		return nil
	}

	var err error
	if j.client != nil {
		err = j.client.StopAndCancel(ctx)
	}

	j.cancel()
	ended := make(chan struct{})
	go func() { j.done.Wait(); close(ended) }()

	select {
	case <-ended:
	case <-ctx.Done():
		err = errors.Join(err, ctx.Err())
	}

	return err
}
