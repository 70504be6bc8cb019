// Package jobs runs the steps of clips on River's queues, one queue a step,
// each with its own number of slots, and drains the index outbox. River brings order,
// retries and backoff; what it lacks for work that may last as long as a
// recording is added here: a lease that is renewed while a step runs, a fence
// against workers that were only slow, and a sweep that gives the steps of
// dead workers to the living.
package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"tidings"
)

// StepFunc does one step of a clip for as long as it holds the run's lease:
// ctx ends when the lease is lost or the process stops.
type StepFunc func(ctx context.Context, run tidings.StepRun) error

// Rows is what the queue needs of the store.
type Rows interface {
	AcquireStep(ctx context.Context, clip tidings.ID, step tidings.Step, worker string, ttl time.Duration) (tidings.StepRun, error)
	RenewStep(ctx context.Context, run tidings.StepRun, ttl time.Duration) error
	FinishStep(ctx context.Context, run tidings.StepRun, state tidings.StepState, failure string) error
	RequeueExpired(ctx context.Context) (int, error)
	ReleaseOrphans(ctx context.Context) error
}

// Sweep is a small periodic duty.
type Sweep struct {
	Name  string
	Every time.Duration
	Do    func(ctx context.Context) error
}

// Config wires the queue.
type Config struct {
	DB       *sql.DB // the store's writer pool
	Rows     Rows
	Steps    map[tidings.Step]StepFunc
	Slots    map[tidings.Step]int            // clips at once; default 1
	Index    func(ctx context.Context) error // drains the outbox; nil = not here
	Sweeps   []Sweep
	Wake     <-chan struct{} // the outbox has grown; may be nil
	WorkerID string
	Log      *slog.Logger
}

// Jobs is the running queue of one process.
type Jobs struct {
	cfg    Config
	client *river.Client[*sql.Tx]
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// A step lasts as long as its recording does; the lease is the real guard, so
// River's own limits only have to be longer than any recording.
const (
	stepTimeout  = 26 * time.Hour
	requeueEvery = 5 * time.Second
)

// New checks the wiring; Start begins to work.
func New(cfg Config) (*Jobs, error) {
	workers := river.NewWorkers()
	queues := map[string]river.QueueConfig{}
	j := &Jobs{cfg: cfg}
	if len(cfg.Steps) > 0 {
		if err := river.AddWorkerSafely(workers, &stepWorker{jobs: j}); err != nil {
			return nil, err
		}
	}
	for step := range cfg.Steps {
		queues[string(step)] = queueConfig(max(1, cfg.Slots[step]))
	}
	if len(queues) == 0 {
		return j, nil // this process only answers requests
	}
	client, err := river.NewClient(riversqlite.New(cfg.DB), &river.Config{
		ID: cfg.WorkerID, Logger: quiet(cfg.Log), Queues: queues, Workers: workers,
		JobTimeout: stepTimeout, RescueStuckJobsAfter: stepTimeout + time.Hour, MaxAttempts: 10,
		CompletedJobRetentionPeriod: time.Hour, RetryPolicy: backoff{},
	})
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	j.client = client
	return j, nil
}

func queueConfig(slots int) river.QueueConfig {
	return river.QueueConfig{MaxWorkers: slots, FetchCooldown: 20 * time.Millisecond, FetchPollInterval: 250 * time.Millisecond}
}

// quiet keeps River's chatter about starting and stopping out of the log.
func quiet(log *slog.Logger) *slog.Logger {
	return slog.New(levelFilter{log.Handler(), slog.LevelWarn})
}

// Start puts back what a killed process left and begins to work. It returns at
// once; Stop ends it.
func (j *Jobs) Start(ctx context.Context) error {
	if err := j.cfg.Rows.ReleaseOrphans(ctx); err != nil {
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
	j.done.Go(func() { j.sweep(run) })
	if j.cfg.Index != nil {
		j.done.Go(func() { j.index(run) })
	}
	return nil
}

// Stop cancels the running steps, which go back into the queue, and waits for
// them until ctx ends.
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

// sweep does the periodic duties one after the other.
func (j *Jobs) sweep(ctx context.Context) {
	sweeps := append([]Sweep{{Name: "requeue", Every: requeueEvery, Do: func(ctx context.Context) error {
		n, err := j.cfg.Rows.RequeueExpired(ctx)
		if n > 0 {
			j.cfg.Log.Warn("steps of a dead worker go on", "steps", n)
		}
		return err
	}}}, j.cfg.Sweeps...)
	due := make([]time.Time, len(sweeps))
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		for i, s := range sweeps {
			if now := time.Now(); now.After(due[i]) {
				due[i] = now.Add(s.Every)
				if err := s.Do(ctx); err != nil && ctx.Err() == nil {
					j.cfg.Log.Error("sweep", "name", s.Name, "error", err)
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
