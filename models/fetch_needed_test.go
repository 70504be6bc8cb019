package models_test

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/tidings/models"
	"tidings.example/tidings/tidings"
)

// fetchNeeded begins to download what is needed and returns a channel that is
// closed when that has ended.
func fetchNeeded(ctx context.Context, p *models.Puller, pauses models.Pauses, needed ...models.Model) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.FetchNeeded(ctx, needed, pauses)
	}()
	return ended
}

func (s *modelServer) newPuller(m *models.Manager) *models.Puller {
	return models.NewPuller(s.Context(), m, nil, slog.New(slog.DiscardHandler))
}

func listed(t *testing.T, p *models.Puller, name string) tidings.SpeechModel {
	t.Helper()
	all := p.List()
	i := slices.IndexFunc(all, func(m tidings.SpeechModel) bool { return m.Name == name })
	if i < 0 {
		t.Fatalf("no %s in %+v", name, all)
	}
	return all[i]
}

// waitUntil waits until a condition holds that a file on the disk decides.
func waitUntil(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()

	for late := time.After(time.Minute); !holds(); {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("not within a minute")
		}
	}
}

// TestFetchNeeded: models come one after the other; a failure is recorded where
// another process finds it, and tried again until it succeeds.
func TestFetchNeeded(t *testing.T) {
	var m *models.Manager
	var failures []string
	s := startModelServer(t, func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		if f := m.FetchFailure(); f != nil {
			failures = append(failures, f.Model+": "+f.Reason)
		}
		if len(s.requests) <= 2 {
			http.NotFound(w, r)
			return
		}
		serveModel(s, w, r)
	})
	first, second := s.newModel("/a"), s.newModel("/b")
	second.Name, second.Target = "base", "ggml-base.bin"
	m = s.newManager(first, func(c *models.Config) { c.Table = []models.Model{first, second} })
	p := s.newPuller(m)

	<-fetchNeeded(t.Context(), p, models.Pauses{First: time.Millisecond, Longest: 4 * time.Millisecond}, first, second)
	if got := strings.Join(s.requests, " "); got != "/a /a /a /b" || !m.Installed(first) || !m.Installed(second) {
		t.Errorf("asked for %s", got)
	}

	if len(failures) != 2 || !strings.HasPrefix(failures[0], "tiny: ") || !strings.Contains(failures[0], "404") {
		t.Errorf("recorded meanwhile: %q", failures)
	}

	if f := m.FetchFailure(); f != nil {
		t.Errorf("recorded at the end: %+v", f)
	}

	if got := listed(t, p, "tiny"); !got.Automatic || !got.Used || !got.Installed || m.Progress([]models.Model{first, second}) != (models.FetchProgress{}) {
		t.Errorf("%+v", got)
	}
}

// TestFetchNeededAgain: a request to try again ends the pause.
func TestFetchNeededAgain(t *testing.T) {
	var m *models.Manager
	asked := make(chan struct{}, 10)
	s := startModelServer(t, func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		if len(s.requests) == 1 {
			http.NotFound(w, r)
			return
		}
		serveModel(s, w, r)
	})
	e := s.newModel("/a")
	m = s.newManager(e)
	p := s.newPuller(m)
	ended := fetchNeeded(t.Context(), p, models.Pauses{First: time.Hour, Longest: time.Hour}, e)
	<-asked
	waitUntil(t, func() bool { return m.FetchFailure() != nil })

	if got := listed(t, p, "tiny"); got.Failure == "" || got.Pulling || !got.Automatic {
		t.Errorf("after the failure: %+v", got)
	}

	if err := p.Pull("tiny"); err != nil {
		t.Fatal(err)
	}
	<-ended
	if !m.Installed(e) || m.FetchFailure() != nil {
		t.Errorf("recorded: %+v", m.FetchFailure())
	}
}

// TestFetchNeededStopped: a download that a user stops is not begun again, and
// its bytes are the progress that another process sees.
func TestFetchNeededStopped(t *testing.T) {
	s := startModelServer(t, func(s *modelServer, w http.ResponseWriter, r *http.Request) {
		w.Write(s.model[:100_000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	e := s.newModel("/a")
	m := s.newManager(e)
	p := s.newPuller(m)
	ended := fetchNeeded(t.Context(), p, models.UsualPauses, e)
	waitUntil(t, func() bool { return m.PartialBytes(e) >= 100_000 })

	if got := s.newManager(e).Progress([]models.Model{e}); got != (models.FetchProgress{Done: 100_000, Total: 300_000}) {
		t.Errorf("%+v", got)
	}

	if err := p.Remove("tiny"); err != nil {
		t.Fatal(err)
	}
	<-ended
	if len(s.requests) != 1 || m.FetchFailure() != nil {
		t.Errorf("%v, %+v", s.requests, m.FetchFailure())
	}
}
