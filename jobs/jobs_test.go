package jobs_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"tidings.example/tidings/jobs"
	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// patience bounds every wait of these tests; none depends on its length.
const patience = 2 * time.Minute

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		if err := workForEver(context.Background(), dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// rig is a real store with the queue of one process on it.
type rig struct {
	*store.Store
	t      *testing.T
	events <-chan tidings.Event
	cfg    store.Config
}

func newRig(t *testing.T) *rig {
	t.Helper()
	return openRig(t, t.TempDir())
}

func openRig(t *testing.T, dir string) *rig {
	t.Helper()
	return openConfig(t, storetest.Config(t, dir))
}

func openConfig(t *testing.T, cfg store.Config) *rig {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	events, _ := s.Subscribe(context.WithoutCancel(t.Context()), 0)
	return &rig{s, t, events, cfg}
}

// start runs the queue until the test ends.
func (r *rig) start(cfg jobs.Config) *jobs.Jobs {
	r.t.Helper()
	cfg.Rows = r.Store
	if cfg.WorkerID == "" {
		cfg.WorkerID = "w1"
	}

	j, err := jobs.New(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := j.Start(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}

	r.t.Cleanup(func() { r.stop(j) })
	return j
}

func (r *rig) stop(j *jobs.Jobs) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.t.Context()), patience)
	defer cancel()
	if err := j.Stop(ctx); err != nil {
		r.t.Errorf("stop: %v", err)
	}
}

// transcode is a queue with the one step transcode.
func transcode(do jobs.StepFunc) jobs.Config {
	return jobs.Config{Steps: map[tidings.Step]jobs.StepFunc{tidings.StepTranscode: do}}
}

// recorded makes a clip whose steps wait in the queue.
func recorded(ctx context.Context, s *store.Store) (tidings.ID, error) {
	user, ws, err := s.Setup(ctx, tidings.Setup{WorkspaceName: "W", Name: "Ana", Email: "ana@example.org", PasswordHash: "x", TimeZone: "UTC"})
	if tidings.KindOf(err) == tidings.KindGone { // it was set up for an earlier clip
		user, _, err = s.UserByEmail(ctx, "ana@example.org")
		if err != nil {
			return "", err
		}

		ms, err := s.Memberships(ctx, user.ID)
		if err != nil {
			return "", err
		}

		ws = ms[0].Workspace
	} else if err != nil {
		return "", err
	}

	now := time.Now()
	c, err := s.CreateClip(ctx, tidings.Clip{ID: tidings.NewID(now), WorkspaceID: ws.ID, Author: tidings.Author{ID: user.ID}, Kind: tidings.ClipVoice,
		Visibility: tidings.VisibilityPrivate, CreatedAt: now})
	if err != nil {
		return "", err
	}

	u := tidings.Upload{ID: tidings.NewID(now), ClipID: c.ID, WorkspaceID: ws.ID, UserID: user.ID, ExpiresAt: now.Add(time.Hour)}
	if err := s.CreateUpload(ctx, u); err != nil {
		return "", err
	}
	if _, err := s.AppendPart(ctx, tidings.UploadPart{UploadID: u.ID, ClipID: c.ID, Size: 10, Key: "k" + string(c.ID)}, 0, now.Add(time.Hour)); err != nil {
		return "", err
	}

	_, err = s.SealUpload(ctx, u.ID, false)
	return c.ID, err
}

func (r *rig) recorded() tidings.ID {
	r.t.Helper()
	id, err := recorded(r.t.Context(), r.Store)
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

func (r *rig) step(clip tidings.ID) tidings.StepStatus {
	r.t.Helper()
	c, err := r.Clip(r.t.Context(), clip)
	if err != nil {
		r.t.Fatal(err)
	}
	return c.Steps.Transcode
}

// until waits for the step transcode of a clip to reach a state: each move of
// a step is an event.
func (r *rig) until(clip tidings.ID, want tidings.StepState) tidings.StepStatus {
	r.t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()

	for {
		if st := r.step(clip); st.State == want {
			return st
		}

		select {
		case <-r.events:
		case <-late.C:
			r.t.Fatalf("the step is %+v, want %s", r.step(clip), want)
		}
	}
}

// eventually waits for what has no event of its own: the queue's rows.
func (r *rig) eventually(what string, holds func() bool) {
	r.t.Helper()
	late, look := time.NewTimer(patience), time.NewTicker(5*time.Millisecond)
	defer late.Stop()
	defer look.Stop()

	for !holds() {
		select {
		case <-look.C:
		case <-late.C:
			r.t.Fatalf("never: %s", what)
		}
	}
}

// job is the state of the transcode job of a clip in the queue.
func (r *rig) job(clip tidings.ID) (state string, attempt, errors int) {
	r.t.Helper()
	count := "json_array_length(errors)"
	if r.cfg.UsesPostgres() {
		count = "cardinality(errors)"
	}
	err := r.DB().QueryRowContext(r.t.Context(), `SELECT state, attempt, CASE WHEN errors IS NULL THEN 0 ELSE `+count+` END FROM river_job
		WHERE queue = 'transcode' AND args ->> 'clip_id' = $1 ORDER BY id DESC LIMIT 1`, string(clip)).Scan(&state, &attempt, &errors)
	if err != nil {
		r.t.Fatal(err)
	}
	return state, attempt, errors
}

// take receives from ch, or fails.
func take[T any](t *testing.T, what string, ch <-chan T) T {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case v := <-ch:
		return v
	case <-late.C:
		t.Fatalf("never: %s", what)
	}
	panic("unreachable")
}

func TestWiring(t *testing.T) {
	if _, err := jobs.New(jobs.Config{}); err == nil {
		t.Fatal("a queue without a database")
	}

	r := newRig(t)
	j, err := jobs.New(jobs.Config{Rows: r.Store})
	if err != nil {
		t.Fatal(err)
	}

	r.stop(j) // stopping what was never started is no error
	swept := make(chan struct{}, 1)
	r.start(jobs.Config{Sweeps: []jobs.Sweep{{Name: "s", Every: time.Hour, Do: func(context.Context) error { swept <- struct{}{}; return nil }}}})
	take(t, "a sweep of a process that runs no steps", swept)
}
