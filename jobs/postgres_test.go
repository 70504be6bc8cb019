package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tidings.example/tidings/jobs"
	"tidings.example/tidings/postgres"
	"tidings.example/tidings/postgres/postgrestest"
	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// TestStepsOutliveDatabaseRestart: the server of the database is killed amid a step
// and while another clip waits. The step goes on and ends, and so does the other.
func TestStepsOutliveDatabaseRestart(t *testing.T) {
	server := postgrestest.New(t)
	checkStepsOutlive(t, server.NewDatabase(t), func() error { return errors.Join(server.Kill(), server.Start()) })
}

// TestStepsOutliveNetworkCut: the same when the network to the server is cut.
func TestStepsOutliveNetworkCut(t *testing.T) {
	server := postgrestest.Shared(t)
	network := server.NewProxy(t)
	checkStepsOutlive(t, network.Address(server.NewDatabase(t)), func() error {
		network.Cut()
		network.Mend()
		return nil
	})
}

func checkStepsOutlive(t *testing.T, url string, interrupt func() error) {
	t.Helper()
	r := openConfig(t, store.Config{Dir: t.TempDir(), Postgres: postgres.Config{URL: url, Connections: 8}})
	began, goOn := make(chan tidings.StepRun, 10), make(chan struct{})
	cfg := transcode(func(ctx context.Context, run tidings.StepRun) error {
		began <- run
		select {
		case <-goOn:
		case <-ctx.Done():
			return ctx.Err()
		}
		return r.StepProgress(ctx, run, 0.5)
	})
	cfg.Lease, cfg.Renew = 20*time.Second, time.Second
	r.start(cfg)

	first, second := r.recorded(), r.recorded()
	run := take(t, "a step", began)
	if err := interrupt(); err != nil {
		t.Fatal(err)
	}

	close(goOn)
	r.until(first, tidings.StepDone)
	r.until(second, tidings.StepDone)
	if run.Attempt != 1 || len(began) != 1 {
		t.Errorf("the step that was under way: %+v; %d runs after it", run, len(began))
	}
}

// TestOrphansOfOneNode: a process that starts puts back what ran under its own name,
// and leaves the steps of other processes alone.
func TestOrphansOfOneNode(t *testing.T) {
	r := openConfig(t, storetest.PostgresConfig(t, t.TempDir()))
	hold := func(worker string, clips chan<- tidings.ID) *jobs.Jobs {
		cfg := transcode(func(ctx context.Context, run tidings.StepRun) error {
			clips <- run.ClipID
			<-ctx.Done()
			return ctx.Err()
		})
		cfg.WorkerID = worker
		return r.start(cfg)
	}

	mine, theirs := make(chan tidings.ID, 10), make(chan tidings.ID, 10)
	hold("a", mine)
	held := r.recorded()
	if got := take(t, "a step of a", mine); got != held {
		t.Fatalf("clip %s", got)
	}

	if err := r.ReleaseOrphans(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	if state, _, _ := r.job(held); state != "running" {
		t.Errorf("the job of a after a start of b: %s", state)
	}
	if _, err := r.AcquireStep(t.Context(), held, tidings.StepTranscode, "b", time.Minute); tidings.KindOf(err) != tidings.KindConflict {
		t.Errorf("b takes the step of a: %v", err)
	}

	if err := r.ReleaseOrphans(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	hold("b", theirs) // a still runs, as a process would that the network cut off
	if got := take(t, "the step that a has left", theirs); got != held {
		t.Errorf("clip %s", got)
	}
}

// awayRows is a store whose database is away when a step is to be leased.
type awayRows struct{ *store.Store }

func (awayRows) AcquireStep(context.Context, tidings.ID, tidings.Step, string, time.Duration) (tidings.StepRun, error) {
	return tidings.StepRun{}, tidings.Errorf(tidings.KindUnavailable, "Away.")
}

// TestAwayDatabaseCostsNoAttempt: a step that could not be leased is put off, and
// none of its attempts is used up.
func TestAwayDatabaseCostsNoAttempt(t *testing.T) {
	r := newRig(t)
	cfg := transcode(func(context.Context, tidings.StepRun) error { return nil })
	cfg.Rows, cfg.WorkerID = awayRows{r.Store}, "w1"
	j, err := jobs.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.stop(j) })

	clip := r.recorded()
	r.eventually("the step is put off", func() bool {
		state, attempt, errors := r.job(clip)
		return state == "scheduled" && attempt == 0 && errors == 0
	})
}
