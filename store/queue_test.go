package store_test

import (
	"database/sql"
	"testing"

	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"tidings.example/tidings/store"
	"tidings.example/tidings/store/storetest"
	"tidings.example/tidings/tidings"
)

// migrateQueueDown brings River's tables to those of its version 0.31.
func migrateQueueDown(t *testing.T, db *sql.DB) {
	t.Helper()
	m, err := rivermigrate.New(riversqlite.New(db), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Migrate(t.Context(), rivermigrate.DirectionDown, &rivermigrate.MigrateOpts{TargetVersion: 6}); err != nil {
		t.Fatal(err)
	}
}

// TestOlderQueueGoesOn: the jobs of a data folder from before River 0.40, whose
// rows hold text instead of JSONB, are found and released after an upgrade.
func TestOlderQueueGoesOn(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	w := storetest.NewWorld(t, func(t testing.TB, clock tidings.Clock) *store.Store {
		s, err := store.Open(ctx, store.Config{Dir: dir, Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
	clip, _ := w.Recorded()
	jobs := w.Jobs(clip.ID)
	if len(jobs) == 0 {
		t.Fatal("no jobs")
	}

	run := w.Take(clip.ID, tidings.StepTranscode)
	if _, err := w.DB().ExecContext(ctx, `UPDATE river_job SET state = 'running', attempt = 3 WHERE queue = 'transcode'`); err != nil {
		t.Fatal(err)
	}

	migrateQueueDown(t, w.DB())
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	s, err := store.Open(ctx, store.Config{Dir: dir, Clock: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()

	if err := s.ReleaseOrphans(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	if n, err := s.RequeueExpired(ctx); err != nil || n != 0 {
		t.Errorf("%d steps were queued a second time, %v", n, err)
	}

	var state, args string
	var attempt int
	err = s.DB().QueryRowContext(ctx, `SELECT state, attempt, json(args) FROM river_job WHERE queue = 'transcode'`).Scan(&state, &attempt, &args)
	if err != nil || state != "available" || attempt != 3 || args == "" {
		t.Errorf("state %s, attempt %d, %s, %v", state, attempt, args, err)
	}

	if _, err := s.AcquireStep(ctx, run.ClipID, run.Step, "w2", tidings.LeaseTTL); err != nil {
		t.Error(err)
	}
}
